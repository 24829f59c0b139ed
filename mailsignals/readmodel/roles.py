"""The roles of people, and what somebody who looks at a company may see of it."""

import dataclasses
import enum


class Role(enum.StrEnum):
    """Somebody's function in the company; a person may have several."""

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
        """True if they see other accounts than those whose CSM they are."""
        return Role.HEAD in self.roles

    @property
    def sees_all_tickets(self) -> bool:
        """True if they see the tickets of all accounts; a CSM sees those of their own accounts."""
        return self.may_see(frozenset({Role.LEAD, Role.HEAD}))

    def may_see(self, roles: frozenset[Role]) -> bool:
        """Return true if a page for some roles is theirs."""
        return not self.roles.isdisjoint(roles)
