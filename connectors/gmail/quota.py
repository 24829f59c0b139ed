"""The costs and limits of Gmail's API (developers.google.com/workspace/gmail/api/reference/quota)."""

import dataclasses
from types import MappingProxyType

from connectors.transport.window import Budget

MINUTE = 60.0
DAY = 86_400.0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """The quota of a project and the cost of each method, in quota units."""

    name: str
    units_per_user_minute: int
    units_per_project_minute: int
    units_per_day: int | None
    get: int
    """The cost of ``messages.get`` in any format."""
    thread: int
    """The cost of ``threads.get``, which returns all messages of a thread."""
    messages: int = 5
    """The cost of ``messages.list``."""
    history: int = 2
    """The cost of ``history.list``."""
    profile: int = 1
    """The cost of ``getProfile``."""
    labels: int = 1
    """The cost of ``labels.list``."""

    @property
    def user_budgets(self) -> tuple[Budget, ...]:
        """Return the budgets of one mailbox, in quota units."""
        return (Budget(self.units_per_user_minute, MINUTE),)

    @property
    def project_budgets(self) -> tuple[Budget, ...]:
        """Return the budgets of all mailboxes together, in quota units."""
        minute = Budget(self.units_per_project_minute, MINUTE)
        return (minute,) if self.units_per_day is None else (minute, Budget(self.units_per_day, DAY))

    def thread_is_cheaper(self, messages: int) -> bool:
        """Return whether fetching one thread costs less than fetching this many of its messages one by one."""
        return self.thread < messages * self.get


STANDARD = Quota(
    name="standard",
    units_per_user_minute=6_000,
    units_per_project_minute=1_200_000,
    units_per_day=80_000_000,
    get=20,
    thread=40,
)
"""The quota since 1 May 2026 of projects that began to use the API after October 2025."""

LEGACY = Quota(
    name="legacy",
    units_per_user_minute=15_000,
    units_per_project_minute=1_200_000,
    units_per_day=None,
    get=5,
    thread=10,
)
"""The quota of projects that used the API before, as long as Google grants it."""

QUOTAS = MappingProxyType({quota.name: quota for quota in (STANDARD, LEGACY)})
