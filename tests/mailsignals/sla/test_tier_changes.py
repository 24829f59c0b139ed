"""A tier that changes does not change what was promised before."""

import datetime as dt

import polars as pl

from mailsignals.signals.facts import facts
from mailsignals.signals.pipeline import signals
from mailsignals.sla.backlog import owed_tickets
from mailsignals.sla.promises import Policy, Promises
from mailsignals.turns import ConversationRules
from tests.mailsignals.engine import touches_of
from tests.mailsignals.sla.engine import Company, promises_to
from tests.mailsignals.sla.office import BERLIN, RULES, at, they, we
from tests.mailsignals.sla.oracle_tickets import Promise
from tests.mailsignals.sla.oracle_tiers import TiersOf

PROMISES = {
    "gold": [Promise(tier="gold", first_response_hours=2, next_response_hours=2, resolution_hours=8)],
    "small": [Promise(tier="small", first_response_hours=24, next_response_hours=24, resolution_hours=72)],
}
MOVE = at("2026-03-03 00:00")
MOVES: TiersOf = {"A": {at("2025-01-01 00:00"): "gold", MOVE: "small"}}
MAILS = [
    they("2026-03-02 22:00", thread="before"),
    we("2026-03-02 23:00", thread="before"),
    they("2026-03-03 09:00", thread="before"),
    they("2026-03-03 08:00", thread="after"),
]


def company(as_of: str) -> Company:
    """The desk of a customer who moved to a smaller tier at midnight."""
    return Company(MAILS, RULES, as_of=at(as_of), promises=PROMISES, tier_of=MOVES)


def test_all_targets_of_a_ticket_go_by_the_tier_at_its_opening() -> None:
    """A question after the move has the old tier's target in a ticket from before, and the new one's in a new one."""
    desk = company("2026-03-03 20:00").desk
    assert desk.tickets.sort("opened_at")["tier"].to_list() == ["gold", "small"]
    waiting = desk.cases.filter(pl.col("ended_at").is_null(), pl.col("figure") != "resolution")
    assert sorted(waiting.select("group", "figure", "verdict").iter_rows()) == [
        ("gold", "next_response", "breached"),
        ("small", "first_response", "pending"),
    ]


def test_the_queue_says_what_is_due_by_the_ticket_s_own_tier() -> None:
    """Due times and open hours are those of the ticket, whatever the customer is promised today."""
    moved = company("2026-03-03 10:00")
    queue = owed_tickets(moved.desk, moved.promises, timezone=BERLIN)
    assert list(queue.select("tier", "open_hours").iter_rows()) == [("gold", 1.0), ("small", 22.0)]


def test_unreplied_mail_is_due_by_the_tier_at_which_it_came() -> None:
    """Turn by turn, whatever the conversation was opened at."""
    touches = touches_of(MAILS, RULES)
    found = facts(
        touches.frame.lazy(),
        touches.links.lazy(),
        touches.programs.lazy(),
        accounts=pl.Series([0], dtype=pl.UInt32),
        rules=ConversationRules(),
        promises=promises_to(["A"], PROMISES, MOVES),
    )
    dues = found.turns.filter(~pl.col("outbound")).sort("started_at", "due_at").collect()["due_at"]
    assert dues.to_list() == [at("2026-03-03 00:00"), at("2026-03-04 08:00"), at("2026-03-04 09:00")]
    rates = signals(
        found, [at("2026-03-03 20:00"), at("2026-03-04 20:00")], reply_horizon=dt.timedelta(days=7)
    )
    of_month = rates.filter(pl.col("window_days") == 30).sort("as_of")["unreplied_rate"]
    assert of_month.round(6).to_list() == [0.0, round(2 / 3, 6)]


def test_accounts_in_any_order_keep_their_own_tiers() -> None:
    """Thousands of accounts at thousands of instants do not run into each other."""
    policies = [Policy(tier=name, first_response_hours=hours) for name, hours in (("a", 1), ("b", 2))]
    count, start = 4000, at("2020-01-01 00:00")
    instants = [start + dt.timedelta(hours=number) for number in range(count)]
    changes = pl.DataFrame(
        [
            row
            for number in range(0, count, 2)
            for row in ((number, None, "a"), (number, instants[-number], "b"), (number, instants[-1], None))
        ],
        schema={"account": pl.UInt32(), "since": pl.Datetime("us", "UTC"), "value": pl.String()},
        orient="row",
    ).unique(["account", "since"], keep="last", maintain_order=True)
    promises = Promises.of(policies, {}, pl.Series(["b"] * count), changes)
    asked = pl.DataFrame(
        {
            "account": pl.Series(range(count), dtype=pl.UInt32),
            "at": pl.Series(instants, dtype=pl.Datetime("us", "UTC")),
        }
    )
    got = asked.select(promises.tier(pl.col("account"), pl.col("at"))).to_series().to_list()
    for number in range(count - 1):
        begun = instants[-number] <= instants[number] if number else True
        expected = "b" if number % 2 or begun else "a"
        assert got[number] == expected, number
