"""Who looks at a page, and what they may see."""

import dataclasses
import enum


class Role(enum.StrEnum):
    """What somebody does here; a person may have several."""

    CSM = "csm"
    """Sees their own accounts, and says what became of their flags."""
    LEAD = "lead"
    """Leads support: sees service levels."""
    HEAD = "head"
    """Heads customer success: sees all accounts, the team, the model."""
    OPERATOR = "operator"
    """Runs mailsignals: sees how it is."""


EVERYBODY = frozenset(Role)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Viewer:
    """Somebody who looks."""

    address: str | None
    """Null on a machine's own dashboard that asks nobody to sign in, and of whoever did not."""
    roles: frozenset[Role]
    timezone: str
    """In which they read times."""
    signed_in: bool = False
    """Whether they signed in here, so that they can sign out."""

    @property
    def sees_all_accounts(self) -> bool:
        """Whether they see other accounts than those whose CSM they are."""
        return Role.HEAD in self.roles

    def may_see(self, roles: frozenset[Role]) -> bool:
        """Whether a page for some roles is theirs."""
        return not self.roles.isdisjoint(roles)
