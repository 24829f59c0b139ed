"""Emails received and answered by weekday and hour, in the viewer's time zone."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from mailsignals.readmodel.queries.compliance import response_hours
from mailsignals.web.page import PageRequest, WebPage
from mailsignals.web.pages.sla.figures import DAYS
from mailsignals.web.pages.sla.request import ROLES, SlaRequest

SHADES = 5
"""The number of shades above zero."""


def show(visit: PageRequest) -> Response:
    """Return the page with heat maps of emails received and answered, by weekday and hour."""
    look = SlaRequest(visit)
    maps = {at: heat(counts) for at, counts in response_hours(look.tickets).items()}
    return look.render("sla/hours.html.j2", maps=maps, days=DAYS, clocked=False)


def heat(counts: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Return a heat map: ``rows`` of (count, shade) per weekday, the sums ``days`` and ``hours``, and ``total``."""
    most = max(map(max, counts))
    return {
        "rows": [[(count, shade(count, most)) for count in row] for row in counts],
        "days": [sum(row) for row in counts],
        "hours": [sum(column) for column in zip(*counts, strict=True)],
        "total": sum(map(sum, counts)),
    }


def shade(count: int, most: int) -> int:
    """Return 0 for zero, and 1 to ``SHADES`` in equal steps up to the largest count."""
    return -(-count * SHADES // most) if count else 0


PAGE = WebPage(path="/sla/hours", roles=ROLES, show=show)
