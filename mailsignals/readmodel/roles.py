"""The roles of viewers, and the data that each may see."""

import dataclasses
import enum


class Role(enum.StrEnum):
    """The role of a person in the company; a person can have several."""

    CSM = "csm"
    """Sees their own accounts and gives feedback on their flags."""
    LEAD = "lead"
    """Leads support; sees service levels."""
    HEAD = "head"
    """Heads customer success; sees all accounts, the team and the model."""
    OPERATOR = "operator"
    """Operates mailsignals; sees its state."""


EVERYBODY = frozenset(Role)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Viewer:
    """The person or program that views the data."""

    address: str | None
    """None without sign-in."""
    roles: frozenset[Role]
    timezone: str
    """The time zone of times on their pages."""
    signed_in: bool = False
    """True if they signed in here and can sign out."""

    @property
    def sees_all_accounts(self) -> bool:
        """True if they see accounts of other CSMs."""
        return Role.HEAD in self.roles

    @property
    def sees_all_tickets(self) -> bool:
        """True if they see the tickets of all accounts; CSMs see those of their own."""
        return self.may_see(frozenset({Role.LEAD, Role.HEAD}))

    def may_see(self, roles: frozenset[Role]) -> bool:
        """Return true if they have one of some roles."""
        return not self.roles.isdisjoint(roles)
