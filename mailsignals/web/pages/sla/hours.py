"""When customers ask and when they are answered: each hour of each weekday, by the viewer's clock."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from mailsignals.web.page import Page, PageRequest
from mailsignals.web.pages.sla.behind import MOMENTS, Which, behind
from mailsignals.web.pages.sla.figures import DAYS, by_hour
from mailsignals.web.pages.sla.scope import ROLES, TicketScope

SHADES = 5
"""How many there are beside that of nothing."""


def show(visit: PageRequest) -> Response:
    """Both maps."""
    look = TicketScope(visit)
    maps = look.remembered(f"hours {visit.viewer.timezone}", lambda: _maps(look))
    return look.render("sla/hours.html.j2", maps=maps, days=DAYS, clocked=False)


def _maps(look: TicketScope) -> dict[str, Any]:
    """Of what was asked, and of what was answered: ``cells`` by weekday and hour, and sums."""
    cases = behind(look, Which(figure="responses")).collect().lazy()
    return {
        at: heat(by_hour(cases, moment, timezone=look.visit.viewer.timezone))
        for at, moment in MOMENTS.items()
    }


def heat(counts: Sequence[Sequence[int]]) -> dict[str, Any]:
    """``rows``, one a weekday, of (count, shade); ``days`` and ``hours``, the sums of both; and ``total``."""
    most = max(map(max, counts))
    return {
        "rows": [[(count, shade(count, most)) for count in row] for row in counts],
        "days": [sum(row) for row in counts],
        "hours": [sum(column) for column in zip(*counts, strict=True)],
        "total": sum(map(sum, counts)),
    }


def shade(count: int, most: int) -> int:
    """0 for nothing, else 1 to ``SHADES``, in equal steps up to the fullest hour."""
    return -(-count * SHADES // most) if count else 0


PAGE = Page(path="/sla/hours", roles=ROLES, show=show)
