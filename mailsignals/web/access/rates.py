"""Rate limits per minute, counted in memory over a moving window."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

RETRY_SECONDS = 60
"""Seconds after which the window is empty again."""


class RequestCount(StrEnum):
    """The kinds of requests, each with its own rate limit."""

    SIGN_IN = "sign-in"
    """By network address: requests from people who are not signed in."""
    PAGE = "page"
    API = "api"
    CHANGE = "change"
    REFUSAL = "refusal"
    """Refusals in the audit log, so that nobody can flood it."""


USUAL: Mapping[RequestCount, int] = MappingProxyType(
    {
        RequestCount.SIGN_IN: 120,
        RequestCount.PAGE: 600,
        RequestCount.API: 300,
        RequestCount.CHANGE: 60,
        RequestCount.REFUSAL: 30,
    }
)
"""Requests per minute: more than a person or an office behind one address needs, and less than an attack."""


class Rates:
    """Counters of one process; safe to use from any thread."""

    def __init__(self, per_minute: Mapping[RequestCount, int] = USUAL) -> None:
        self._items = {asked: RateLimitItemPerMinute(count) for asked, count in per_minute.items()}
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def permits(self, asked: RequestCount, who: str) -> bool:
        """Return whether a requester may send one more request of a kind, and count it if so."""
        return self._limiter.hit(self._items[asked], asked.value, who)
