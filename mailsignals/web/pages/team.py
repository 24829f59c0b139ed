"""Team: how accounts are looked after by CSM, and who does what; people's figures as ``privacy.people`` says."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any, Self

import polars as pl
from starlette.responses import Response

from mailsignals.config.privacy import People
from mailsignals.notifications.digest.weekly import CHECKIN_DAYS
from mailsignals.signals.pipeline import MOMENT_SIGNALS, WINDOW_SIGNALS
from mailsignals.web.coverage import by_csm, in_all, longest_waits, without_checkin
from mailsignals.web.mix import TOO_MUCH, Finding, by_role, findings, mix, trend
from mailsignals.web.page import Page, PageRequest
from mailsignals.web.pages.accounts import visible
from mailsignals.web.paging import part_of
from mailsignals.web.people import LEAST
from mailsignals.web.rendering import NO_FIGURE
from mailsignals.web.roles import Role, Viewer
from mailsignals.wording.numbers import percent

ROWS, SLOWEST, PEOPLE = 25, 10, 50
MEANINGS = ("days_since_checkin", "open_turns", "response_hours_median")


def rule_for(people: People, viewer: Viewer) -> People:
    """``privacy.people`` for somebody: who may not see all accounts sees nobody else's figures in any case."""
    return "self" if people == "all" and not viewer.sees_all_accounts else people


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Figures:
    """All that is computed for one viewer, under one rule."""

    any_accounts: bool
    csms: pl.DataFrame
    whole: Mapping[str, object] | None
    without: pl.DataFrame
    slowest: pl.DataFrame
    mix: pl.DataFrame
    by_role: pl.DataFrame
    findings: Sequence[Finding]

    @classmethod
    def of(cls, accounts: pl.DataFrame, work: pl.DataFrame, rule: People, address: str | None) -> Self:
        """Of the accounts and the work that somebody may see."""
        current = accounts.filter(pl.col("state").is_in(["scored", "not_enough_sight"]))
        rows = mix(work, rule, address)
        return cls(
            any_accounts=not current.is_empty(),
            csms=by_csm(current, rule, address),
            whole=in_all(current, rule, address),
            without=without_checkin(current),
            slowest=longest_waits(current, SLOWEST),
            mix=rows,
            by_role=by_role(work, rows, rule),
            findings=findings(rows),
        )


def show(visit: PageRequest) -> Response:
    """The page."""
    viewer, edition = visit.viewer, visit.edition
    rule = rule_for(visit.site.settings().privacy.people, viewer)
    accounts = visible(edition.table("accounts"), viewer)
    work = _work(edition.table("work"), viewer)
    found = edition.remembered(
        ("team", rule, viewer.address, viewer.sees_all_accounts),
        lambda: Figures.of(accounts, work, rule, viewer.address),
    )
    named = found.csms.filter("single")["who"].to_list()
    asked = visit.query.get("csm", "")
    csm = asked if asked in named else ""  # whose figures are not shown singly cannot be asked about
    people = part_of(found.mix, visit.query, rows=PEOPLE, name="people")
    return visit.render(
        "team.html.j2",
        csm=csm,
        rule=rule,
        least=LEAST,
        all=found.whole,
        csms=_with_ranges(found.csms.to_dicts()),
        named=named,
        without=part_of(_list(found.without, csm, named), visit.query, rows=ROWS),
        slowest=found.slowest.to_dicts(),
        checkin_days=CHECKIN_DAYS,
        any_accounts=found.any_accounts,
        mix=dataclasses.replace(people, rows=[_with_weeks(row) for row in people.rows]),
        any_work=not work.is_empty(),
        findings=found.findings,
        too_much=TOO_MUCH,
        trend=_trend(visit, found.by_role),
        meanings=[one for one in (*MOMENT_SIGNALS, *WINDOW_SIGNALS) if one.name in MEANINGS],
    )


def _work(work: pl.DataFrame, viewer: Viewer) -> pl.DataFrame:
    """Who does not see all accounts sees nothing that others' mail goes into."""
    if viewer.sees_all_accounts:
        return work
    return work.filter(pl.col("person").str.to_lowercase() == (viewer.address or "").lower())


def _list(accounts: pl.DataFrame, csm: str, named: Sequence[str]) -> pl.DataFrame:
    """The accounts, or those of a CSM, with their CSMs where these may stand there."""
    may = pl.col("csm").is_in(pl.Series(named, dtype=pl.String).implode())
    found = accounts.filter(pl.col("csm") == csm) if csm else accounts
    return found.with_columns(csm=pl.when(may).then("csm"))


def _with_ranges(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The quartiles of each row as places from 0 to 100 on one scale, to be drawn."""
    longest = max((row["wait_75"] or 0 for row in rows), default=0) or 1
    for row in rows:
        row["range"] = row["wait_50"] is not None and [
            round(100 * row[f"wait_{share}"] / longest, 1) for share in (25, 50, 75)
        ]
    return rows


def _with_weeks(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its weeks in words, and as bars 5 wide and up to 19 high that begin 7 apart."""
    drawn = (
        f"M{7 * place} 20V{19 - 19 * week:.0f}h5V20z"
        for place, week in enumerate(row["weeks"])
        if week is not None
    )
    said = (NO_FIGURE if week is None else percent(week) for week in row["weeks"])
    return {**row, "weeks_drawn": "".join(drawn), "weeks_said": ", ".join(said)}


def _trend(visit: PageRequest, roles: pl.DataFrame) -> Mapping[str, Any] | None:
    """The trend by role with what the script that draws it reads; none for who does not see all."""
    if not visit.viewer.sees_all_accounts:
        return None
    found = trend(roles, visit.edition.as_of)
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


PAGES = (Page(path="/team", roles=frozenset({Role.CSM, Role.HEAD}), show=show, title="Team"),)
