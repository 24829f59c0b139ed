"""Tickets, compliance and the queue, against the definitions taken one ticket at a time."""

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Message
from mailsignals.sla.backlog import backlog
from mailsignals.sla.compliance import By, group_of
from mailsignals.sla.ticket_rows import response_rows, ticket_rows, with_names
from tests.mailsignals.archives import archives_and_instants
from tests.mailsignals.companies import DAY, HOUR, RULES
from tests.mailsignals.engine import messages_in, rules_in
from tests.mailsignals.oracle import Row
from tests.mailsignals.oracle_touches import Rules
from tests.mailsignals.sla import oracle_report
from tests.mailsignals.sla.calendars import calendars
from tests.mailsignals.sla.engine import Company, promises_in
from tests.mailsignals.sla.oracle_tickets import Promise, Ticket, tickets
from tests.mailsignals.sla.oracle_tiers import TiersOf

BERLIN = "Europe/Berlin"
FLAGS = ("fcr", "reopened", "escalated", "repeat_contact")


def same(got: Iterable[Row], expected: Iterable[Row]) -> bool:
    """Whether the rows agree in every cell of the expected ones, floats to a millionth, whatever their order."""
    ours, theirs = list(got), list(expected)
    names = list(theirs[0]) if theirs else []

    def ordered(rows: list[Row]) -> list[list[object]]:
        return sorted(([row[name] for name in names] for row in rows), key=_place)

    pairs = zip(ordered(ours), ordered(theirs), strict=False)
    return len(ours) == len(theirs) and all(
        _alike(one, other) for row, wanted in pairs for one, other in zip(row, wanted, strict=True)
    )


def _place(cells: list[object]) -> tuple[str, list[float]]:
    floats = [cell for cell in cells if isinstance(cell, float)]
    return repr([cell for cell in cells if not isinstance(cell, float)]), floats


def _alike(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-6)
    return one == other


def ticket_row(one: Ticket) -> Row:
    """What the engine says of a ticket, as the oracle sees it."""
    first = next((case for case in one.responses if case.figure == "first_response"), None)
    later = [case for case in one.responses if case.figure == "next_response"]
    return {
        "account_id": one.account_id,
        "tier": one.tier,
        "contact": one.contact,
        "opened_at": one.opened_at,
        "agent": one.resolution.agent,
        "first_agent": first.agent if first else None,
        "first_response": first.verdict if first else None,
        "first_response_due_at": first.due_at if first else None,
        "first_response_at": first.ended_at if first else None,
        "first_response_hours": first.hours if first else None,
        "first_response_business_hours": first.business_hours if first else None,
        **{
            f"next_responses_{verdict}": sum(case.verdict == verdict for case in later)
            for verdict in ("met", "breached", "pending")
        },
        "resolution": one.resolution.verdict,
        "resolution_due_at": one.resolution.due_at,
        "resolved_at": one.resolved_at,
        "resolution_hours": one.resolution.hours,
        "resolution_business_hours": one.resolution.business_hours,
        "waiting_for": one.waiting_for,
        **{flag: getattr(one, flag) for flag in FLAGS},
    }


def response_list(one: Ticket) -> list[Row]:
    """What the engine says of a ticket's responses, as the oracle sees them."""
    return [
        {
            "account_id": one.account_id,
            "contact": one.contact,
            "opened_at": one.opened_at,
            "figure": case.figure,
            "started_at": case.started_at,
            "due_at": case.due_at,
            "agent": case.agent,
            "verdict": case.verdict,
            "hours": case.hours,
            "business_hours": case.business_hours,
            "off_hours": case.off_hours,
            "near_miss": case.near_miss,
            "tier": case.tier,
            "answered_at": case.ended_at,
        }
        for case in one.responses
    ]


def check(
    messages: Sequence[Message],
    rules: Rules,
    as_of: dt.datetime,
    promises: Mapping[str, Sequence[Promise]],
    tier_of: TiersOf,
) -> int:
    """Compare everything that is said of an instant; returns how many tickets there were."""
    expected = tickets(
        messages,
        rules,
        as_of=as_of,
        promises=promises,
        tier_of=tier_of,
    )
    got = Company(messages, rules, as_of=as_of, promises=promises, tier_of=tier_of)

    def named(rows: object) -> list[Row]:
        return with_names(rows, account_ids=got.account_ids, addresses=got.people).to_dicts()  # type: ignore[arg-type]

    assert same(named(ticket_rows(got.desk)), map(ticket_row, expected))
    assert same(named(response_rows(got.desk)), [row for one in expected for row in response_list(one)])
    queue = named(backlog(got.desk))
    assert same(
        [{**row, "next_due_at": row["due_at"]} for row in queue], oracle_report.backlog(expected, as_of)
    )
    for by in By:
        for since, until in ((as_of - 400 * DAY, as_of + DAY), (as_of - 40 * DAY, as_of - 9 * HOUR)):
            rows = oracle_report.compliance(expected, since, until, by=by.value, timezone=BERLIN)
            assert same(got.rows(since, until, by, BERLIN), rows), by
    return len(expected)


def test_the_edge_cases_hold_at_any_instant(edges: Path) -> None:
    """The company full of edge cases, with lunch breaks and holidays, all over its year."""
    messages, rules = messages_in(edges), rules_in(edges)
    promises, tier_of = promises_in(edges)
    found = [check(messages, rules, one.sent_at, promises, tier_of) for one in messages[::220]]
    assert max(found) > 100


def test_the_real_list_holds(openbmc: Path) -> None:
    """The first months of the real list, with the hours of Chicago and the holidays of the United States."""
    cut = dt.datetime(2019, 9, 1, tzinfo=dt.UTC)
    messages, rules = [one for one in messages_in(openbmc) if one.sent_at < cut], rules_in(openbmc)
    promises, tier_of = promises_in(openbmc)
    as_of = dt.datetime(2019, 8, 20, 15, 30, tzinfo=dt.UTC)
    assert check(messages, rules, as_of, promises, tier_of) > 300


@st.composite
def promised(draw: st.DrawFn, near: dt.datetime) -> tuple[dict[str, list[Promise]], TiersOf]:
    """Two tiers whose promises change near an instant, and accounts of either or of none, which may move."""
    hours = st.sampled_from((None, 0.5, 1.0, 2.0, 8.0, 24.0))

    def promise(tier: str, since: dt.datetime | None) -> Promise:
        return Promise(
            tier=tier,
            since=since,
            first_response_hours=draw(hours),
            next_response_hours=draw(hours),
            resolution_hours=draw(hours),
            calendar=tuple(draw(calendars(near))),
        )

    found: dict[str, list[Promise]] = {}
    for tier in ("gold", "silver"):
        begins = draw(st.sets(st.integers(-60, 10), max_size=2))
        starts = [near + ago * DAY for ago in sorted(begins)]
        always = not starts or draw(st.booleans())
        found[tier] = [promise(tier, since) for since in (*([None] if always else []), *starts)]
    tiers = st.sampled_from(("gold", "silver", "gold", "former", None))
    moves = st.integers(-60 * 24, 10 * 24).map(lambda hours: near + hours * HOUR)
    held = st.one_of(tiers, st.dictionaries(moves, tiers, min_size=1, max_size=4))
    return found, {one.account_id: draw(held) for one in RULES.accounts}


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(st.data())
def test_the_engine_says_what_the_definitions_say(data: st.DataObject) -> None:
    """Random mail, calendars, promises and tiers that change, at instants at which something is just in or out."""
    messages, instants = data.draw(archives_and_instants(most=25, instants=2))
    promises, tier_of = data.draw(promised(messages[len(messages) // 2].sent_at))
    for as_of in instants:
        check(messages, RULES, as_of, promises, tier_of)


def weeks(moments: Sequence[dt.datetime], zone: str) -> list[str]:
    """The weeks that the engine puts cases into that start at these moments."""
    frame = pl.DataFrame({"started_at": [one.astimezone(dt.UTC) for one in moments]})
    return frame.select(group_of(By.WEEK, timezone=zone)).to_series().to_list()


@pytest.mark.parametrize("zone", ["Europe/London", "America/Sao_Paulo"])
def test_weeks_are_those_of_the_local_calendar(zone: str) -> None:
    """The first and last minutes of years and of clock changes fall into the ISO week of a calendar on the wall."""
    locals_ = (
        "2020-12-31 23:59",
        "2021-01-03 23:59",
        "2021-01-04 00:00",
        "2018-11-04 01:00",
        "2026-03-29 03:00",
    )
    moments = [dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)) for text in locals_]
    expected = [oracle_report.week_of(moment, zone) for moment in moments]
    assert weeks(moments, zone) == expected
    assert expected[:3] == ["2020-W53", "2020-W53", "2021-W01"]
