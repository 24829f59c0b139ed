"""Tickets that somebody may see, the lists behind their numbers, and the open queue, on small tables."""

from pathlib import Path

import polars as pl
import pytest

from mailsignals.config.privacy import People
from mailsignals.readmodel.queries.compliance import (
    account_figures,
    agent_figures,
    agent_workload,
    tier_figures,
)
from mailsignals.readmodel.queries.ticket_counts import (
    TicketCount,
    account_of,
    count_list,
    newest_promises,
    without_hidden_agent,
)
from mailsignals.readmodel.queries.ticket_queue import open_queue, queue_rows
from mailsignals.readmodel.queries.tickets import TicketFilter, TicketScope, find_ticket, ticket_list
from mailsignals.readmodel.roles import Role
from mailsignals.sla.promises import Policy, Promises
from tests.mailsignals.readmodel.queries.frames import NOW, scope_of
from tests.mailsignals.readmodel.queries.ticket_frames import (
    ACCOUNTS,
    BEA,
    BIRCH,
    HOUR,
    KIM,
    PERIOD,
    edition_of,
)

TABLES = edition_of(
    {"hours_ago": 60.0},
    {"hours_ago": 50.0, "account": BIRCH, "verdict": "breached", "agent": KIM},
    {"hours_ago": 40.0, "account": BIRCH},
    {"hours_ago": 3.0, "verdict": "pending", "agent": KIM},
    {"hours_ago": 2000.0},
)
PROMISES = Promises.of(
    [Policy(tier="gold", first_response_hours=4, calendar=None)], {}, pl.Series(["gold", "gold"])
)


def seen_by(folder: Path, *roles: Role, address: str = "ana@us.test", people: People = "all") -> TicketScope:
    """The tickets of 30 days as somebody sees them."""
    return TicketScope(scope=scope_of(folder, TABLES, *roles, address=address, people=people), period=PERIOD)


def tickets_of(rows: list[dict[str, object]]) -> list[object]:
    """Their ids."""
    return [row["ticket"] for row in rows]


@pytest.mark.parametrize(
    ("role", "address", "seen"),
    [
        (Role.LEAD, "lead@us.test", ["t3", "t2", "t1", "t0"]),
        (Role.HEAD, "head@us.test", ["t3", "t2", "t1", "t0"]),
        (Role.CSM, "BO@us.test", ["t2", "t1"]),
        (Role.CSM, "nobody@us.test", []),
    ],
)
def test_a_csm_sees_the_tickets_of_their_own_accounts(
    tmp_path: Path, role: Role, address: str, seen: list[str]
) -> None:
    """In lists, figures and the queue, and by name; a lead and a head see all of the period."""
    look = seen_by(tmp_path, role, address=address)
    found = count_list(look, TicketCount(figure="ticket"))
    assert tickets_of(found.newest(50)) == seen
    assert look.cases().collect().height == look.tickets().collect().height == len(seen)
    assert tier_figures(look, PROMISES).any_cases is bool(seen)
    assert account_figures(look, "first_response")["cases"].sum() == len(seen)
    assert set(agent_workload(look)["name"]) == ({BEA, KIM} if seen else set())
    for ticket in ("t0", "t1", "nothing"):
        own = find_ticket(look.scope, ticket)
        assert (own is not None) is (ticket in seen)
    assert account_of(look, TicketCount(account="A")).is_empty() is ("t0" not in seen)
    assert open_queue(look.scope, PROMISES)["ticket"].to_list() == ["t3"][: "t3" in seen]


def test_one_ticket_has_its_promises_and_its_mails(tmp_path: Path) -> None:
    """And the name and the CSM of its account."""
    found = find_ticket(seen_by(tmp_path, Role.LEAD).scope, "t0")
    assert found is not None
    assert (found.row["name"], found.row["csm"]) == ("Alder", "ana@us.test")
    assert found.cases["figure"].to_list() == ["first_response"]
    assert found.mails["outbound"].to_list() == [False, True]


def test_a_list_is_read_in_parts_the_newest_first(tmp_path: Path) -> None:
    """Parts together are the list, and what lies behind its end is empty."""
    found = count_list(seen_by(tmp_path, Role.LEAD), TicketCount(figure="first_response"))
    assert (found.total, found.tickets) == (4, 4)
    parts = [found.newest(3, skip=skip) for skip in (0, 3, 6)]
    assert [tickets_of(part) for part in parts] == [["t3", "t2", "t1"], ["t0"], []]


def test_a_state_chooses_and_the_newest_of_it_are_counted(tmp_path: Path) -> None:
    """What was breached last, with how many there are."""
    look = seen_by(tmp_path, Role.LEAD)
    assert tickets_of(count_list(look, TicketCount(state="met", agent=BEA)).newest(9)) == ["t2", "t0"]
    newest = newest_promises(look, "met", 1)
    assert (tickets_of(newest.rows), newest.total) == (["t2"], 2)


@pytest.mark.parametrize(
    ("rule", "viewer", "seen"),
    [
        ("all", "lead@us.test", [BEA, KIM]),
        ("self", "Bea@us.test", [BEA]),
        ("self", "boss@us.test", []),
        ("self", None, []),
        ("team", BEA, []),
    ],
)
def test_figures_of_people_are_for_whom_the_rule_lets_see(
    tmp_path: Path, rule: People, viewer: str | None, seen: list[str]
) -> None:
    """Everybody's, only one's own, or nobody's; and no list counts what a table does not show."""
    scope = scope_of(tmp_path, TABLES, Role.LEAD, address=viewer, people=rule)
    found = agent_figures(TicketScope(scope=scope, period=PERIOD), "first_response")
    assert sorted(found["name"]) == seen
    for name in (BEA, KIM):
        which = without_hidden_agent(TicketCount(agent=name), scope)
        assert which.agent == (name if name in seen else "")


def rows_of_programs() -> dict[str, pl.DataFrame]:
    """The tickets as programs list them."""
    rows = TABLES["sla_tickets"].with_columns(
        first_agent="agent", first_response=pl.lit("met"), resolution=pl.lit(None, dtype=pl.String)
    )
    return {"ticket_rows": rows, "tickets_by_account": rows.sort("account_id", "opened_at")}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (TicketFilter(), ["t0", "t1", "t2", "t3"]),
        (TicketFilter(account_id="B"), ["t1", "t2"]),
        (TicketFilter(open=True), ["t3"]),
        (TicketFilter(agent=BEA, open=False), ["t0", "t2"]),
        (TicketFilter(agent=KIM), []),
        (TicketFilter(first_response="breached"), []),
    ],
)
def test_programs_list_tickets_as_far_as_they_may(
    tmp_path: Path, wanted: TicketFilter, found: list[str]
) -> None:
    """By account or of all, the oldest first; an agent whose figures are hidden is nowhere, and finds nothing."""
    scope = scope_of(tmp_path, rows_of_programs(), Role.LEAD, address=BEA, people="self")
    columns = ("ticket", "account_id", "opened_at", "resolved_at", "tier", "agent", "first_agent")
    listed = ticket_list(scope, wanted, PERIOD, (*columns, "first_response", "resolution"))
    rows = listed.rows.lazy().filter(*listed.conditions).collect()
    assert rows["ticket"].to_list() == found
    assert set(rows["agent"].drop_nulls()) | set(rows["first_agent"].drop_nulls()) <= {BEA}
    if listed.keys is not None:
        assert listed.keys.filter(*listed.conditions).height == len(found)


def test_the_queue_is_judged_when_it_is_asked_for(tmp_path: Path) -> None:
    """Three hours after it was opened it can still be in time; two hours later it is late."""
    states = {}
    for later in (0, 2):
        scope = scope_of(tmp_path / f"{later}", TABLES, Role.LEAD, now=NOW + later * HOUR)
        states[later] = open_queue(scope, PROMISES)["state"].to_list()
    assert states == {0: ["at risk"], 2: ["late"]}


@pytest.mark.parametrize("csm", ["bo@us.test", " Bo@US.test"])
@pytest.mark.parametrize("text", ["", "B ", " b"])
def test_rows_of_accounts_are_found_as_accounts_are(csm: str, text: str) -> None:
    """By the CSM's address and by a search, whatever the case and the white space around it; others exactly."""
    assert queue_rows(ACCOUNTS, {"csm": csm, "tier": ""}, text=text)["account_id"].to_list() == ["B"]
    assert queue_rows(ACCOUNTS, {"csm": csm, "tier": "GOLD"}, text=text).is_empty()
