"""From mail to the list of accounts at risk."""

import datetime as dt
import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsignals.accounts import match, read_book
from mailsignals.config import load_settings
from mailsignals.config.risk import Weights
from mailsignals.demo import simulate, write_company
from mailsignals.risk.assess import RISK_SCHEMA, SCORECARD, assess
from mailsignals.risk.explanation import USUAL
from mailsignals.risk.predicted import Predicted
from mailsignals.risk.state import JUDGED, STATES
from mailsignals.signals.facts import facts
from mailsignals.touches.build import TouchRules, build
from mailsignals.turns import ConversationRules
from models.features import FEATURES
from tests.mailsignals.risk.office import (
    AT,
    DAY,
    HELP,
    HOUR,
    SETTINGS,
    TICK,
    Mailbox,
    assessed,
    facts_and_book,
    quiet_at,
)
from tests.mailsignals.risk.test_reasons import TEXTS

DEMO_AT = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)

Found = Mapping[str, Mapping[str, Any]]


def steady(name: str, *, every: float, until: float = 0.0) -> Mailbox:
    """A customer who writes to the help desk every so many days, up to so many days ago, and is answered in an hour."""
    box = Mailbox(name)
    for place in range(int((350 - until) / every)):
        ago = until * DAY + (place + 0.5) * every * DAY
        box.they(ago, to=HELP, thread=f"s{place}").we(ago - HOUR, who=HELP, thread=f"s{place}")
    return box


def _mute(name: str) -> Mailbox:
    box = Mailbox(name)
    box.messages.clear()
    return box


BOOK: Mapping[str, Mapping[str, object]] = {
    "gone": {"churned_on": AT.date()},
    "future": {"started_on": AT.date() + DAY},
}


def portfolio() -> dict[str, Mailbox]:
    """A customer in every state, and several who are active."""
    boxes = {f"a{every}": steady(f"a{every}", every=every, until=every) for every in (9, 3, 20, 6)}
    newcomer = _mute("newcomer").they(50 * DAY, to=HELP).they(20 * DAY, to=HELP)
    seldom = _mute("seldom").they(700 * DAY, to=HELP).they(30 * DAY, to=HELP)
    return {
        "mute": _mute("mute"),
        "gone": steady("gone", every=5),
        "future": steady("future", every=5),
        "earlier": steady("earlier", every=5, until=200),
        "lapsed": steady("lapsed", every=5, until=95),
        "newcomer": newcomer,
        "seldom": seldom,
        **boxes,
    }


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, Any]]:
    """The risk of the portfolio."""
    return assessed(portfolio(), book=BOOK)


def test_states_stand_in_their_order_and_accounts_by_risk(found: Found) -> None:
    """Active accounts come first, the riskiest on top; then those without a level; lapsed ones newest first."""
    states = [row["state"] for row in found.values()]
    assert states == sorted(states, key=STATES.index)
    for state in JUDGED:
        risks = [row["risk"] for row in found.values() if row["state"] == state]
        assert risks == sorted(risks, reverse=True)
    assert [name for name, row in found.items() if row["state"] == "lapsed"] == ["lapsed", "earlier"]
    assert {name: row["state"] for name, row in found.items() if row["state"] != "active"} == {
        "seldom": "seldom_writes",
        "newcomer": "new",
        "lapsed": "lapsed",
        "earlier": "lapsed",
        "mute": "never_heard",
        "gone": "churned",
        "future": "not_started",
    }


def test_only_who_wrote_in_sight_has_a_risk_and_only_an_active_account_a_level(found: Found) -> None:
    """Unknown is never low, and who fell silent long ago is not at high risk: there is no number to show."""
    for row in found.values():
        judged = row["state"] in JUDGED
        assert (row["risk"] is not None) == (row["leaving"] is not None) == judged
        assert (row["level"] is not None) == (row["state"] == "active")
        assert (row["parts"] is not None) == (row["quiet"] is not None)
        assert (row["back_again"] is not None) == (row["state"] == "lapsed")
        assert row["expected_loss"] is None


def test_causes_add_up_to_the_risk_and_terms_to_their_cause(found: Found) -> None:
    """The parts of -ln(1 - risk) are those of both causes, and the terms of a cause are its log odds."""
    for row in found.values():
        if row["risk"] is None:
            continue
        quiet, leaving = (-math.log1p(-row[name]) for name in ("quiet", "leaving"))
        assert -math.log1p(-row["risk"]) == pytest.approx(quiet + leaving, abs=1e-9)
        for cause in ("quiet", "leaving"):
            terms = [part["adds"] for part in row["parts"] if part["cause"] == cause]
            assert sum(terms) == pytest.approx(math.log(row[cause] / (1 - row[cause])), abs=1e-9)
            assert next(part["input"] for part in row["parts"] if part["cause"] == cause) == USUAL


def test_the_first_reason_is_the_largest_share(found: Found) -> None:
    """Reasons are in the order of what they add, and add up to no more than all of the risk."""
    for row in found.values():
        shares = [reason["share"] for reason in row["reasons"] if reason["share"] is not None]
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) <= 1 + 1e-9


@pytest.mark.slow
def test_who_falls_silent_stands_first() -> None:
    """Of customers who write with one regularity, the one who stopped a month ago is the riskiest, and says why."""
    boxes = {name: steady(name, every=5) for name in ("one", "two", "three", "four")}
    row = next(iter(assessed({**boxes, "silent": steady("silent", every=5, until=35)}).values()))
    assert row["account_id"] == "silent"
    assert next(reason["mark"] for reason in row["reasons"]) == "silence"
    assert "champion_quiet" in [fact["mark"] for fact in row["also"]]


@pytest.mark.slow
@pytest.mark.parametrize(("mails", "compared"), [(4, False), (5, True)])
def test_five_mails_in_180_days_are_compared_with_a_past(mails: int, compared: bool) -> None:
    """Under that, nothing speaks for leaving or against it; a mail of exactly 180 days ago counts no more."""
    few = _mute("few").they(400 * DAY).they(180 * DAY)
    for number in range(mails):
        few.they((60 - number) * DAY - TICK)
    boxes = {"few": few, **{name: steady(name, every=5) for name in ("one", "two")}}
    row = assessed(boxes)["few"]
    assert (row["leaving"] == pytest.approx(SETTINGS.risk.churn_a_year / 4, abs=1e-12)) != compared
    parts = [part["input"] for part in row["parts"] if part["cause"] == "leaving"]
    assert (parts == [USUAL]) != compared
    assert compared or all(reason["cause"] == "quiet" for reason in row["reasons"])


@pytest.mark.slow
def test_a_newcomer_is_not_compared_with_a_past(found: Found) -> None:
    """Without a quarter of mail there is nothing to compare with: leaving is what is assumed of all."""
    assert found["newcomer"]["leaving"] == pytest.approx(SETTINGS.risk.churn_a_year / 4, abs=1e-12)
    assert all(reason["cause"] == "quiet" for reason in found["newcomer"]["reasons"])


@pytest.mark.slow
def test_nobody_to_judge() -> None:
    """If every account is gone there are rows, and no numbers."""
    rows = assessed({"gone": steady("gone", every=5)}, book=BOOK)
    assert [(row["state"], row["risk"]) for row in rows.values()] == [("churned", None)]


@pytest.mark.slow
def test_one_account_and_a_week_of_mail() -> None:
    """The smallest company has its numbers."""
    row = assessed({"one": _mute("one").they(6 * DAY).they(2 * DAY)})["one"]
    assert row["state"] == "new"
    assert 0 < row["quiet"] < 1
    assert 0 < row["risk"] < 1


@pytest.mark.slow
@pytest.mark.parametrize("account", [{"started_on": None}, {"csm": None, "tier": None, "started_on": None}])
def test_a_bare_account_list_is_enough(account: dict[str, object]) -> None:
    """Tier, CSM and dates are optional: without them the same account is judged by its mail."""
    boxes = {name: steady(name, every=5) for name in ("one", "two", "three")}
    row = assessed(boxes, book={"one": account})["one"]
    assert row["state"] == "active"
    assert row["account_days"] == pytest.approx(347.5)


@pytest.mark.slow
@pytest.mark.parametrize(("started", "holds"), [(30, False), (31, True)])
def test_an_account_without_any_checkin_is_marked_once_it_is_older_than_30_days(
    started: int, holds: bool
) -> None:
    """Never is no sign in a young account; in an older one it is, with its age as the number."""
    midnight = AT - 14 * HOUR  # in Berlin, where it is 1 June
    book = {"one": {"started_on": AT.date() - started * DAY}}
    row = assessed({"one": steady("one", every=5)}, book=book, at=midnight)["one"]
    marks = {fact["mark"]: fact for fact in row["also"]}
    assert ("no_checkin" in marks) == holds
    if holds:
        assert marks["no_checkin"]["value"] == pytest.approx(31)
        assert marks["no_checkin"]["text"] == (
            "Customer success has never begun a conversation with them, in 31 days."
        )


@pytest.mark.slow
def test_weights_are_those_of_the_configuration() -> None:
    """With weight on our own silence alone, the account that we neglect is the likeliest to leave."""
    weights = Weights(activity=0.0, response=0.0, breadth=0.0, friction=0.0, ours=1.0)
    risk = SETTINGS.risk.model_copy(update={"weights": weights})
    neglected = steady("neglected", every=5)
    neglected.messages[:] = [
        one for one in neglected.messages if one.sender != HELP or one.sent_at < AT - 60 * DAY
    ]
    boxes = {
        "silent": steady("silent", every=5, until=35),
        "neglected": neglected,
        "one": steady("one", every=5),
    }
    rows = assessed(boxes, settings=SETTINGS.model_copy(update={"risk": risk}))
    assert max(rows, key=lambda name: float(rows[name]["leaving"])) == "neglected"


@pytest.mark.slow
def test_expected_loss_waits_for_twenty_departures() -> None:
    """Money is multiplied with a chance to leave once 20 are known to have left, and with that chance alone."""
    boxes = {f"gone{number}": _mute(f"gone{number}") for number in range(20)}
    book: dict[str, Mapping[str, object]] = {name: {"churned_on": AT.date() - 9 * DAY} for name in boxes}
    mail = {**boxes, "one": steady("one", every=5), "bare": steady("bare", every=7)}
    told = assessed(mail, book={**book, "one": {"arr": 1000.0}})
    assert told["one"]["expected_loss"] == pytest.approx(1000 * told["one"]["leaving"])
    assert told["bare"]["expected_loss"] is None
    book["gone7"] = {"churned_on": AT.date() + 9 * DAY}
    assert assessed(mail, book={**book, "one": {"arr": 1000.0}})["one"]["expected_loss"] is None


@pytest.mark.slow
@settings(deadline=None, max_examples=6)
@given(st.integers(0, 10_000), st.integers(10, 60))
def test_mail_that_comes_later_changes_nothing(seed: int, ago: int) -> None:
    """The list at an instant is the same, to the last digit, with and without all later mail."""
    boxes = random_boxes(seed)
    early = {name: _until(box, ago) for name, box in boxes.items()}
    at = AT - ago * DAY
    assert _said(assessed(boxes, at=at)) == _said(assessed(early, at=at))


def random_boxes(seed: int) -> dict[str, Mailbox]:
    """Customers who write when they like."""
    rng = random.Random(seed)
    boxes = {}
    for number in range(7):
        box = Mailbox(f"c{number}")
        for mail in range(rng.randrange(2, 40)):
            box.they(rng.uniform(0, 500) * DAY, who=rng.choice(["ana", "bob"]), to=HELP, thread=f"t{mail}")
        boxes[f"c{number}"] = box
    return boxes


def _until(box: Mailbox, ago: int) -> Mailbox:
    cut = Mailbox(box.domain.removesuffix(".example"))
    cut.messages = [one for one in box.messages if one.sent_at <= AT - ago * DAY]
    return cut


def _said(rows: Found) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in (*RISK_SCHEMA.names(), "also", "parts")) for row in rows.values()]


# --- with a model ---------------------------------------------------------------------------------


def predicted(accounts: Sequence[int], *, sets_order: bool) -> Predicted:
    """A model that finds each next account likelier to leave, by what it wrote in 30 days."""
    parts = pl.DataFrame(
        {"account": accounts, "inbound_30": [0.5 * place for place in range(len(accounts))]},
        schema={"account": pl.UInt32, "inbound_30": pl.Float64},
    )
    return Predicted(
        source="churn-leaving-1",
        sets_order=sets_order,
        parts=parts,
        intercept=-3.0,
        facts=parts.select("account"),
        drivers=tuple(feature for feature in FEATURES if feature.name == "inbound_30"),
    )


@pytest.mark.slow
@pytest.mark.parametrize("sets_order", [True, False])
def test_a_model_gives_the_chance_to_leave(sets_order: bool) -> None:
    """It sets the order where it has proved to, with quiet beside it; else it is one of the two causes."""
    mail, book, people = facts_and_book({f"a{n}": steady(f"a{n}", every=n) for n in (4, 5, 6, 9)})
    rows = assess(
        mail,
        book,
        people,
        SETTINGS,
        as_of=AT,
        quiet=quiet_at(mail, book, settings=SETTINGS, at=AT),
        predicted=predicted([0, 1, 2, 3], sets_order=sets_order),
    )
    logits = [math.log(p / (1 - p)) for p in rows.sort("account")["leaving"]]
    assert logits == pytest.approx([-3.0, -2.5, -2.0, -1.5])
    assert rows["source"].unique().to_list() == ["churn-leaving-1" if sets_order else "quiet+churn-leaving-1"]
    expected = rows["leaving"] if sets_order else 1 - (1 - rows["leaving"]) * (1 - rows["quiet"])
    assert rows["risk"].to_list() == pytest.approx(expected.to_list())
    if sets_order:
        causes = rows["reasons"].explode().drop_nulls().struct.field("cause")
        assert set(causes) <= {"leaving"}


# --- the simulated company -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The risk of the customers of a small simulated company."""
    folder: Path = tmp_path_factory.mktemp("demo")
    write_company(simulate(accounts=40, seed=3, until=DEMO_AT), folder)
    told = load_settings(folder / "config.toml", environ={})
    book = read_book(told.accounts.file, tiers=told.tier_names)
    touches = build(
        pl.scan_parquet(folder / "messages.parquet"),
        lambda them: match(them, company=told.our_company, book=book, free_mail=told.free_mail),
        TouchRules(urgency_words=told.signals.urgency_words),
    )
    mail = facts(
        touches.frame.lazy(),
        touches.links.lazy(),
        touches.programs.lazy(),
        accounts=pl.Series(range(book.accounts.height), dtype=pl.UInt32),
        rules=ConversationRules(),
        promises=told.promises(book.accounts["tier"]),
    )
    quiet = quiet_at(mail, book.accounts, settings=told, at=DEMO_AT)
    return assess(mail, book.accounts, touches.people, told, as_of=DEMO_AT, quiet=quiet)


def _told(rows: pl.DataFrame, column: str) -> Sequence[Mapping[str, Any]]:
    return rows.explode(column).drop_nulls(column).unnest(column).to_dicts()


def test_the_columns_are_those_that_are_written(demo: pl.DataFrame) -> None:
    """Every column of the output is there, in its type."""
    assert demo.select(RISK_SCHEMA.names()).schema == RISK_SCHEMA
    assert demo["source"].unique().to_list() == [SCORECARD]


def test_every_reason_has_its_number_and_reads_well(demo: pl.DataFrame) -> None:
    """No reason lacks its number, and no sentence holds a gap or a wrong plural."""
    for column in ("reasons", "also"):
        told = _told(demo.select(column), column)
        assert len(told) > 15
        assert [one for one in told if one["value"] is None] == []
        assert [one["text"] for one in told if TEXTS.search(one["text"])] == []


def test_each_csm_gets_a_list_that_can_be_worked_off(demo: pl.DataFrame) -> None:
    """No CSM has more than five accounts at high risk, nor over a tenth of theirs but one, each of 20 % or more."""
    active = demo.filter(pl.col("state") == "active")
    for (_,), mine in active.group_by("csm"):
        high = mine.filter(pl.col("level") == "high")
        assert high.height <= min(5, max(1, mine.height // 10))
        assert (high["risk"] >= 0.2).all()
