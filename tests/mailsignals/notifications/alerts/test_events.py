"""What there is to tell of, and by what it is known again."""

import datetime as dt
from collections.abc import Collection, Iterable

import polars as pl
import pytest

from connectors.base import Message, frame_of
from mailsignals.flags.flags import flags
from mailsignals.notifications.alerts.events import (
    AT_RISK,
    DUE_SOON,
    ESCALATED,
    of_desk,
    of_flags,
    with_event_ids,
)
from mailsignals.sla.cases import BREACHED
from tests.mailsignals.companies import message
from tests.mailsignals.flags.records import BERLIN, book, feedback, recorded, said
from tests.mailsignals.flags.records import at as on_day
from tests.mailsignals.sla.engine import Company
from tests.mailsignals.sla.office import BEA, DESK, KIM, LEE, at, desk, they, we

Rows = list[tuple[object, ...]]


def found(company: Company, *, tiers: Collection[str] = ("gold",)) -> pl.DataFrame:
    """The matters of a company, with people by address."""
    rows = of_desk(company.desk, company.promises, tiers=tiers, at_share=0.8)
    people = [pl.lit(company.people).gather(pl.col(name)).alias(name) for name in ("person", "agent")]
    return rows.with_columns(people).sort("began_at", "kind")


def told(mails: Iterable[Message], as_of: str, *, tiers: Collection[str] = ("gold",)) -> Rows:
    """Kind, figure and beginning of each matter."""
    return list(found(desk(mails, as_of), tiers=tiers).select("kind", "figure", "began_at").iter_rows())


@pytest.mark.slow
def test_a_turn_is_about_to_breach_from_four_fifths_of_its_target_on() -> None:
    """To the microsecond, in open hours: of four hours from ten, lunch not counted, at 14:12; until it is breached."""
    asked = they("2026-03-02 10:00")
    soon = (DUE_SOON, "first_response", at("2026-03-02 14:12"))
    late = (BREACHED, "first_response", at("2026-03-02 15:00"))
    assert told([asked], "2026-03-02 14:11:59.999999") == []
    assert told([asked], "2026-03-02 14:12") == [soon]
    assert told([asked], "2026-03-02 14:59:59.999999") == [soon]
    assert told([asked], "2026-03-02 15:00") == [late]
    (row,) = found(desk([asked], "2026-03-02 14:30")).to_dicts()
    assert (row["open_hours"], row["promised_hours"], row["by_calendar"]) == (0.5, 4.0, True)
    assert (row["person"], row["agent"], row["asked_at"]) == (KIM, DESK, at("2026-03-02 10:00"))


def test_warnings_are_for_some_tiers_and_breaches_for_all() -> None:
    """As it is configured."""
    asked = they("2026-03-02 10:00")
    assert told([asked], "2026-03-02 14:30", tiers=["silver"]) == []
    assert [kind for kind, *_ in told([asked], "2026-03-02 15:30", tiers=[])] == [BREACHED]


def test_what_was_answered_is_no_matter() -> None:
    """In time or late: there is nothing to do any more."""
    asked = they("2026-03-02 10:00")
    assert told([asked, we("2026-03-02 14:20")], "2026-03-02 14:30") == []
    assert told([asked, we("2026-03-02 16:20")], "2026-03-02 16:30") == []


def test_a_later_turn_and_a_resolution_are_matters_of_their_own() -> None:
    """The answer to Lee's mail, two open hours; and the resolution, of which 8 open hours pass while it is our turn."""
    mails = [
        they("2026-03-02 09:00"),
        we("2026-03-02 10:00"),
        they("2026-03-02 15:00", who=LEE),
    ]
    assert told(mails, "2026-03-02 17:15") == [
        (DUE_SOON, "resolution", at("2026-03-02 16:24")),
        (BREACHED, "next_response", at("2026-03-02 17:00")),
    ]
    assert told([*mails, we("2026-03-02 17:10")], "2026-03-02 17:15") == []
    (row,) = found(desk(mails, "2026-03-02 17:15")).filter(figure="next_response").to_dicts()
    assert row["person"] == LEE


def test_a_ticket_is_escalated_once_a_second_of_us_has_written() -> None:
    """Whoever it was; it is over once the answer has stood for three days."""
    mails = [they("2026-03-02 09:00"), we("2026-03-02 10:00"), we("2026-03-02 11:00", who=DESK)]
    assert told(mails[:2], "2026-03-02 12:00") == []
    assert told(mails, "2026-03-02 12:00") == [(ESCALATED, None, at("2026-03-02 11:00"))]
    assert told([*mails, we("2026-03-02 11:30")], "2026-03-02 12:00")[0][2] == at("2026-03-02 11:00")
    assert told(mails, "2026-03-05 10:00") == []


def test_what_began_two_weeks_ago_is_no_news() -> None:
    """A first reading of old mail tells of nothing; the queue has it all the same."""
    asked = they("2026-03-02 09:00")
    first = (BREACHED, "first_response", at("2026-03-02 14:00"))
    assert first in told([asked], "2026-03-16 13:59:59")
    assert first not in told([asked], "2026-03-16 14:00:01")


@pytest.mark.parametrize(
    ("levels", "began"), [("lh", 1), ("hhl", None), ("hhlh", 0), ("hlll", None), ("lhlh", 1)]
)
def test_an_account_is_at_risk_while_its_flag_is_open_and_its_level_high(
    levels: str, began: int | None
) -> None:
    """From the instant at which the day was recorded on which it opened."""
    scores = recorded(levels)
    now = on_day(len(levels), hour=5)
    flags = flags_of(scores, now)
    rows = of_flags(flags, scores, as_of=now)
    assert list(rows.select("kind", "account_id", "began_at").iter_rows()) == (
        [] if began is None else [(AT_RISK, "A", on_day(began))]
    )


def test_nobody_is_told_of_what_was_snoozed_dismissed_or_held_back() -> None:
    """Nor of what nobody may know."""
    scores, now = recorded("lh"), on_day(2, hour=5)
    for kind in ("snoozed", "dismissed", "saved"):
        words = feedback(said(kind, 1, until="worse" if kind == "snoozed" else "2026-12-31"))
        assert of_flags(flags_of(scores, now, words), scores, as_of=now).is_empty()
    held = recorded("lh", held_back=True)
    assert of_flags(flags_of(held, now), held, as_of=now).is_empty()


def flags_of(scores: pl.DataFrame, now: dt.datetime, words: pl.DataFrame | None = None) -> pl.DataFrame:
    """The flags that follow."""
    return flags(scores, feedback() if words is None else words, book("A"), as_of=now, timezone=BERLIN)


def ids(mails: list[Message], as_of: str) -> dict[object, str]:
    """The id of each matter by its kind and figure."""
    company = desk(mails, as_of)
    rows = found(company).with_columns(
        pl.lit(company.account_ids).gather(pl.col("account")).alias("account_id")
    )
    named = with_event_ids(rows, frame_of(mails))
    return dict(zip(named.select("kind", "figure").iter_rows(), named["matter"], strict=True))


@pytest.mark.slow
def test_a_matter_is_known_by_the_mail_that_asks() -> None:
    """A copy that comes to the store later and was sent a second earlier makes no other matter; another mail does."""
    asked = message(at("2026-03-02 10:00"), KIM, DESK, message_id="a", provider_thread_id="t")
    copy = message(at("2026-03-02 09:59:59"), KIM, BEA, DESK, message_id="a", mailbox=BEA)
    other = message(at("2026-03-02 10:00"), KIM, DESK, message_id="b", provider_thread_id="t")
    as_of = "2026-03-02 14:30"
    key = (DUE_SOON, "first_response")
    assert ids([asked], as_of) == ids([asked, copy], as_of)
    assert ids([asked], as_of)[key] != ids([other], as_of)[key]
    assert ids([asked], as_of)[key] != ids([asked], "2026-03-02 15:30")[BREACHED, "first_response"]
