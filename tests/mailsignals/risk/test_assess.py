"""From mail to the list of accounts at risk."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mailsignals.accounts import match, read_book
from mailsignals.config import load_settings
from mailsignals.config.risk import Weights
from mailsignals.demo import simulate, write_company
from mailsignals.risk.assess import RISK_SCHEMA, assess
from mailsignals.risk.reasons import AT_LEAST
from mailsignals.signals.facts import facts
from mailsignals.touches.build import TouchRules, build
from mailsignals.turns import ConversationRules
from tests.mailsignals.risk.office import AT, CARA, DAY, HELP, HOUR, SETTINGS, TICK, Mailbox, assessed
from tests.mailsignals.risk.test_reasons import TEXTS

DEMO_AT = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def steady(name: str, *, every: float, until: float = 0.0) -> Mailbox:
    """A customer who writes to the help desk every so many days, up to so many days ago, and is answered in an hour."""
    box = Mailbox(name)
    for place in range(int((350 - until) / every)):
        ago = until * DAY + (place + 0.5) * every * DAY
        box.they(ago, to=HELP, thread=f"s{place}").we(ago - HOUR, who=HELP, thread=f"s{place}")
    return box


@pytest.mark.slow
def test_who_falls_silent_stands_first() -> None:
    """Of customers who write with one regularity, the one who stopped a month ago is the riskiest, and says why."""
    boxes = {name: steady(name, every=5) for name in ("one", "two", "three", "four")}
    found = assessed({**boxes, "silent": steady("silent", every=5, until=35)})
    assert next(iter(found)) == "silent"
    assert (found["silent"]["score"], found["silent"]["level"]) == (80.0, "high")
    assert {row["level"] for name, row in found.items() if name != "silent"} == {"low"}
    assert (
        "ana@silent.example, who used to write most (29 mails in the five months before), has not written"
        in (found["silent"]["reasons"][0]["text"])
    )
    assert len(found["silent"]["reasons"]) >= AT_LEAST


@pytest.mark.slow
def test_accounts_are_in_the_order_of_their_risk() -> None:
    """The riskiest stands first, and those without a score stand last, in the order of the book."""
    boxes = {f"a{every}": steady(f"a{every}", every=every, until=every) for every in (9, 3, 20, 6)}
    mute = {"mute": _mute("mute"), "gone": steady("gone", every=5), "future": steady("future", every=5)}
    rows = list(assessed({**mute, **boxes}, book=BOOK).values())
    assert [row["name"] for row in rows[-3:]] == ["mute", "gone", "future"]
    scores = [row["score"] for row in rows[:-3]]
    assert scores == sorted(scores, reverse=True)


BOOK: Mapping[str, Mapping[str, object]] = {
    "gone": {"churned_on": AT.date()},
    "future": {"started_on": AT.date() + DAY},
}


def _mute(name: str) -> Mailbox:
    box = Mailbox(name)
    box.messages.clear()
    return box


@pytest.mark.slow
def test_only_a_scored_account_has_a_score_and_a_level() -> None:
    """Unknown is never low: who cannot be judged has a state, no score, no level, and the reason why."""
    found = assessed(
        {
            name: _mute(name) if name == "mute" else steady(name, every=5)
            for name in ("mute", "gone", "future", "one")
        },
        book=BOOK,
    )
    states = {name: (row["state"], row["score"], row["level"]) for name, row in found.items()}
    assert states == {
        "mute": ("not_enough_sight", None, None),
        "gone": ("churned", None, None),
        "future": ("not_started", None, None),
        "one": ("scored", 0.0, "low"),
    }
    assert [reason["text"] for reason in found["mute"]["reasons"]] == [
        "No mail in 180 days: too little to judge."
    ]
    assert found["gone"]["reasons"] == found["future"]["reasons"] == []


@pytest.mark.slow
@pytest.mark.parametrize(("mails", "state"), [(4, "not_enough_sight"), (5, "scored")])
def test_five_mails_in_180_days_are_enough(mails: int, state: str) -> None:
    """A mail of exactly 180 days ago counts no more."""
    box = _mute("few")
    box.they(180 * DAY)
    for number in range(mails):
        box.they((180 - number) * DAY - TICK)
    assert assessed({"few": box})["few"]["state"] == state


@pytest.mark.slow
def test_an_account_without_any_past_is_ranked_all_the_same() -> None:
    """What cannot be compared with a past counts as the day's median, so a newcomer is no outlier for being new."""
    boxes = {name: steady(name, every=5) for name in ("one", "two", "three")}
    newcomer = _mute("new")
    for day in range(1, 60, 5):
        newcomer.they(day * DAY, to=HELP, thread=f"n{day}").we(day * DAY - HOUR, who=HELP, thread=f"n{day}")
    row = assessed({**boxes, "new": newcomer})["new"]
    assert row["state"] == "scored"
    assert row["past_days"] is None
    assert all(reason["value"] is not None for reason in row["reasons"])


@pytest.mark.slow
def test_nobody_to_judge() -> None:
    """If every account is gone there are rows, and no scores."""
    found = assessed({"gone": steady("gone", every=5)}, book=BOOK)
    assert [row["state"] for row in found.values()] == ["churned"]


@pytest.mark.slow
@pytest.mark.parametrize("account", [{"started_on": None}, {"csm": None, "tier": None, "started_on": None}])
def test_a_bare_account_book_is_enough(account: dict[str, object]) -> None:
    """Tier, CSM and dates are optional: without them the same account is judged by its mail."""
    boxes = {name: steady(name, every=5) for name in ("one", "two", "three")}
    found = assessed(boxes, book={"one": account})
    assert found["one"]["state"] == "scored"
    assert found["one"]["account_days"] == pytest.approx(347.5)


@pytest.mark.slow
@pytest.mark.parametrize(("started", "holds"), [(30, False), (31, True)])
def test_an_account_without_any_checkin_is_marked_once_it_is_older_than_30_days(
    started: int, holds: bool
) -> None:
    """Never is no sign in a young account; in an older one it is, with its age as the number."""
    midnight = AT - 14 * HOUR  # in Berlin, where it is 1 June
    book = {"one": {"started_on": AT.date() - started * DAY}}
    row = assessed({"one": steady("one", every=5)}, book=book, at=midnight)["one"]
    marks = {reason["mark"]: reason for reason in row["reasons"]}
    assert ("no_checkin" in marks) == holds
    if holds:
        assert marks["no_checkin"]["value"] == pytest.approx(31)
        assert marks["no_checkin"]["text"] == (
            "Customer success has never begun a conversation with them, in 31 days."
        )


@pytest.mark.slow
def test_weights_are_those_of_the_configuration() -> None:
    """With weight on our own silence alone, the account that we neglect is the riskiest."""
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
    found = assessed(boxes, settings=SETTINGS.model_copy(update={"risk": risk}))
    assert next(iter(found)) == "neglected"


@pytest.mark.slow
def test_mail_that_comes_later_changes_nothing() -> None:
    """The list at an instant is the same with and without all later mail."""
    boxes = {name: steady(name, every=every) for name, every in (("one", 5), ("two", 7), ("three", 11))}
    early = {name: _until(box, 20) for name, box in boxes.items()}
    at = AT - 20 * DAY
    assert _said(assessed(boxes, at=at)) == _said(assessed(early, at=at))


def _until(box: Mailbox, ago: int) -> Mailbox:
    cut = Mailbox(box.domain.removesuffix(".example"))
    cut.messages = [one for one in box.messages if one.sent_at <= AT - ago * DAY]
    return cut


def _said(found: Mapping[str, Mapping[str, Any]]) -> list[tuple[object, ...]]:
    return [
        (name, row["state"], row["score"], row["level"], [reason["text"] for reason in row["reasons"]])
        for name, row in found.items()
    ]


# --- the simulated company -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The risk of the customers of a small simulated company."""
    folder: Path = tmp_path_factory.mktemp("demo")
    write_company(simulate(accounts=40, seed=3, until=DEMO_AT), folder)
    settings = load_settings(folder / "config.toml", environ={})
    book = read_book(settings.accounts.file, tiers=settings.tier_names)
    touches = build(
        pl.scan_parquet(folder / "messages.parquet"),
        lambda them: match(them, company=settings.our_company, book=book, free_mail=settings.free_mail),
        TouchRules(urgency_words=settings.signals.urgency_words),
    )
    found = facts(
        touches.frame.lazy(),
        touches.links.lazy(),
        touches.programs.lazy(),
        accounts=pl.Series(range(book.accounts.height), dtype=pl.UInt32),
        rules=ConversationRules(),
        promises=settings.promises(book.accounts["tier"]),
    )
    return assess(found, book.accounts, touches.people, settings, as_of=DEMO_AT)


def _reasons(rows: pl.DataFrame) -> Sequence[Mapping[str, Any]]:
    return rows.explode("reasons").drop_nulls("reasons").unnest("reasons").to_dicts()


def test_the_columns_are_those_that_are_written(demo: pl.DataFrame) -> None:
    """Every column of the output is there, in its type."""
    assert demo.select(RISK_SCHEMA.names()).schema == RISK_SCHEMA
    assert demo["source"].unique().to_list() == ["scorecard"]
    assert demo["risk"].null_count() == demo.height


def test_every_reason_has_its_number_and_reads_well(demo: pl.DataFrame) -> None:
    """No reason lacks its number, and no sentence holds a gap or a wrong plural."""
    reasons = _reasons(demo)
    assert len(reasons) > 80
    assert [reason for reason in reasons if reason["value"] is None] == []
    assert [reason["text"] for reason in reasons if TEXTS.search(reason["text"])] == []


def test_a_flag_has_three_reasons(demo: pl.DataFrame) -> None:
    """Every account at high or medium risk says three times why."""
    flagged = demo.filter(pl.col("level").is_in(["high", "medium"]))
    assert flagged.height >= 5
    assert flagged.filter(pl.col("reasons").list.len() < AT_LEAST)["account_id"].to_list() == []


def test_each_csm_gets_a_list_that_can_be_worked_off(demo: pl.DataFrame) -> None:
    """No CSM has more than five accounts at high risk, each of them with a score of 80 or more."""
    high = demo.filter(pl.col("level") == "high")
    assert high.group_by("csm").len()["len"].max() <= 5  # type: ignore[operator]
    assert high.select(pl.col("score").min() >= 80).item()
    assert demo.filter(pl.col("level") == "low").select(pl.col("score").max() < 80).item()
    assert demo.filter((pl.col("state") == "scored") != pl.col("level").is_not_null()).height == 0
    assert CARA not in high["csm"]
