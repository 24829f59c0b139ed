"""From mail to the list of accounts at risk."""

import math
import random
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsignals.config.risk import Weights
from mailsignals.risk.assess import RISK_SCHEMA
from mailsignals.risk.explanation import USUAL
from mailsignals.risk.state import JUDGED, STATES
from tests.mailsignals.risk.office import (
    AT,
    DAY,
    HELP,
    HOUR,
    SETTINGS,
    TICK,
    Mailbox,
    assessed,
)

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
        assert marks["no_checkin"]["text"] == "No check-in in their 31 days as a customer."


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
