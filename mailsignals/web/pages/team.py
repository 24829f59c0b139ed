"""The page Team: overdue emails and coverage by CSM, and each person's kind of work, within ``privacy.people``."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from mailsignals.readmodel.queries.privacy import LEAST
from mailsignals.readmodel.queries.team import TOO_MUCH, team
from mailsignals.readmodel.roles import Role
from mailsignals.signals.conversations import CHECKIN_DAYS
from mailsignals.signals.pipeline import MOMENT_SIGNALS, WINDOW_SIGNALS
from mailsignals.web.page import PageRequest, WebPage
from mailsignals.web.paging import part_of
from mailsignals.web.rendering import NO_FIGURE
from mailsignals.wording.numbers import percent

ROWS, PEOPLE = 25, 50
MEANINGS = ("days_since_checkin", "open_turns", "response_hours_median")


def show(visit: PageRequest) -> Response:
    """Return the page on the work of customer success and support."""
    found = team(visit.scope)
    named = found.single_csms
    asked = visit.query.get("csm", "")
    csm = asked if asked in named else ""  # hidden CSMs can't be requested
    people = part_of(found.mix, visit.query, rows=PEOPLE, name="people")
    return visit.render(
        "team.html.j2",
        csm=csm,
        rule=found.rule,
        least=LEAST,
        all=found.whole,
        csms=_with_ranges(found.csms.to_dicts()),
        overdue=[row for row in found.csms.to_dicts() if row["overdue_turns"]],
        named=named,
        without=part_of(found.without_checkin(csm), visit.query, rows=ROWS),
        slowest=found.slowest.to_dicts(),
        checkin_days=CHECKIN_DAYS,
        any_accounts=found.any_accounts,
        mix=dataclasses.replace(people, rows=[_with_weeks(row) for row in people.rows]),
        any_work=found.any_work,
        findings=found.findings,
        too_much=TOO_MUCH,
        trend=_trend(visit, found.trend),
        meanings=[one for one in (*MOMENT_SIGNALS, *WINDOW_SIGNALS) if one.name in MEANINGS],
    )


def _with_ranges(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add ``range`` to each row: its quartiles on a common scale from 0 to 100; false without them."""
    longest = max((row["wait_75"] or 0 for row in rows), default=0) or 1
    for row in rows:
        row["range"] = row["wait_50"] is not None and [
            round(100 * row[f"wait_{share}"] / longest, 1) for share in (25, 50, 75)
        ]
    return rows


def _with_weeks(row: dict[str, Any]) -> dict[str, Any]:
    """Add the weeks of a row in words, and as a path of bars 5 wide, up to 19 high and 7 apart."""
    drawn = (
        f"M{7 * place} 20V{19 - 19 * week:.0f}h5V20z"
        for place, week in enumerate(row["weeks"])
        if week is not None
    )
    shares = (NO_FIGURE if week is None else percent(week) for week in row["weeks"])
    return {**row, "weeks_drawn": "".join(drawn), "weeks_in_words": ", ".join(shares)}


def _trend(visit: PageRequest, found: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Add to the trend the JSON that the chart's script reads; None without a trend."""
    if found is None:
        return None
    lines = [
        {"name": line["label"], "colour": colour, "dashed": colour == "ours", "values": line["values"]}
        for line, colour in zip(found["lines"], ("theirs", "ours"), strict=False)
    ]
    view = {
        "x": [int(week.timestamp()) for week in found["weeks"]],
        "of": "Week until",
        "timezone": visit.viewer.timezone,
        "unit": "%",
        "least": TOO_MUCH,
        "lines": lines,
    }
    return {**found, "view": json.dumps(view)}


PAGES = (WebPage(path="/team", roles=frozenset({Role.CSM, Role.HEAD}), show=show, title="Team"),)
