"""SLA compliance by tier and week, ticket outcomes, and recent breaches and near misses."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

import polars as pl
from starlette.responses import Response

from mailsignals.config import Settings
from mailsignals.config.section import midnight
from mailsignals.readmodel.queries.compliance import (
    ticket_outcomes,
    tier_figures,
    week_figures,
    worst_first,
)
from mailsignals.readmodel.queries.ticket_counts import newest_promises
from mailsignals.readmodel.queries.ticket_queue import open_queue
from mailsignals.sla.backlog import LATE, RISKY
from mailsignals.sla.promises import NO_TARGET
from mailsignals.web.page import PageRequest, WebPage
from mailsignals.web.pages.sla.figures import compliance_change, targets
from mailsignals.web.pages.sla.request import ROLES, SlaRequest

LINES = 6
"""The number of line colours in a chart."""

SHOWN = 5
"""The number of recent breaches and near misses on the page."""


def show(visit: PageRequest) -> Response:
    """Return the page with SLA compliance by tier and week."""
    look = SlaRequest(visit)
    asked, promises = look.asked, look.promises
    figures = tier_figures(look.tickets, promises)
    tiers = worst_first(figures.rows) if asked.sort == "worst" else figures.rows
    weeks = week_figures(look.tickets, asked.figure, first=look.span.since_on, last=look.span.last_on)
    queue = open_queue(visit.scope, promises)
    return look.render(
        "sla/overview.html.j2",
        problem=unready(visit.site.settings()),
        tiers=groups(tiers.to_dicts()),
        nothing=not figures.any_cases,
        kept={"figure": asked.figure, "sort": asked.sort},
        targets=targets(promises, as_of=visit.edition.as_of, clock=asked.clock),
        change=compliance_change,
        outcomes=ticket_outcomes(look.tickets),
        weeks=table_of_weeks(weeks.to_dicts()),
        chart=json.dumps(chart_of_weeks(weeks.to_dicts(), timezone=look.timezone)),
        series=sorted(weeks["by"].unique()),
        waits={
            "all": queue.height,
            **{state: queue.filter(pl.col("state") == state).height for state in (LATE, RISKY)},
        },
        breached=newest_promises(look.tickets, "breached", SHOWN),
        near=newest_promises(look.tickets, "near_miss", SHOWN),
    )


def unready(settings: Settings) -> str | None:
    """Return the part of the configuration that is missing: ``support``, ``targets`` or None."""
    if all(person.role != "support" for person in settings.people):
        return "support"
    targets = [(t.first_response_hours, t.next_response_hours, t.resolution_hours) for t in settings.tiers]
    return "targets" if all(given == (None, None, None) for given in targets) else None


def groups(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Group rows of figures by tier: ``tier``, ``promised`` and ``rows``; tiers without targets keep one row."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["by"], []).append(row)
    return [
        {"tier": tier, "promised": tier != NO_TARGET, "rows": own if tier != NO_TARGET else own[:1]}
        for tier, own in found.items()
    ]


def table_of_weeks(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the weeks, newest first: ``name`` (ISO), ``period`` (for a link), and ``tiers`` (the row by tier)."""
    found: dict[dt.date, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row["week_on"], {})[row["by"]] = row
    return [
        {
            "name": f"{monday:%G-W%V}",
            "period": f"{monday}..{monday + dt.timedelta(days=6)}",
            "tiers": found[monday],
        }
        for monday in sorted(found, reverse=True)
    ]


def chart_of_weeks(rows: Sequence[dict[str, Any]], *, timezone: str) -> dict[str, Any]:
    """Return the chart of compliance by week for ``charts.js``: one line per tier, null without cases.

    Args:
        rows: compliance by tier and week.
        timezone: of the weeks.
    """
    mondays = sorted({row["week_on"] for row in rows})
    length = (mondays[-1] - mondays[0]).days // 7 + 1 if mondays else 0
    weeks = [mondays[0] + dt.timedelta(weeks=number) for number in range(length)]
    shares = {(row["week_on"], row["by"]): row["compliance"] for row in rows}
    tiers = sorted({row["by"] for row in rows})
    return {
        "of": "Week from",
        "x": [midnight(monday, timezone).timestamp() for monday in weeks],
        "timezone": timezone,
        "unit": "%",
        "lines": [
            {
                "name": tier,
                "colour": f"line-{number % LINES + 1}",
                "values": [shares.get((monday, tier)) for monday in weeks],
            }
            for number, tier in enumerate(tiers)
        ],
    }


PAGE = WebPage(path="/sla", roles=ROLES, show=show, title="Service levels")
