"""What is told to whom, when, and once."""

import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from mailsignals.notifications.alerts.events import AT_RISK, DUE_SOON, ESCALATED
from mailsignals.notifications.alerts.history import BEFORE, DIGEST_TELLS, DUE, KNOWN, TOLD
from mailsignals.notifications.alerts.plan import GATHERED, QUIET, WHY
from mailsignals.notifications.alerts.recipients import CHANNEL, Reader
from mailsignals.notifications.digest.queue import SHOWN
from mailsignals.store.tables.deliveries import CLAIMED, LATER, REFUSED, SENT, SKIPPED, UNSURE
from tests.mailsignals.notifications.alerts.rows import (
    ANA,
    BERLIN,
    CSM,
    LEA,
    LEAD,
    LOUD,
    a_delivery,
    a_digest,
    a_matter,
    at,
    mails,
    plan_of,
    states,
)

DELIVERY = (2, 0)
"""Ana's first alert of 2 March."""


def test_many_things_are_one_mail() -> None:
    """Of each reader: CSM and support lead are told of the same tickets, the CSM alone of risk; others of nothing."""
    matters = [
        a_matter("a", "02 09:30"),
        a_matter("b", "02 09:40", DUE_SOON),
        a_matter("c", "02 06:00", AT_RISK),
        a_matter("d", "02 09:00", ESCALATED, csm="bo@us.test"),
        a_matter("e", "02 09:00", csm=None),
    ]
    assert mails(plan_of("02 10:00", *matters, readers=[CSM, LEAD])) == [
        (ANA, 2, 0, ["a", "b", "c"]),
        (LEA, 2, 0, ["a", "b", "d", "e"]),
    ]
    both = dataclasses.replace(CSM, leads=True)
    assert mails(plan_of("02 10:00", *matters, readers=[both])) == [(ANA, 2, 0, ["a", "b", "c", "d", "e"])]
    channel = Reader(kind="slack", recipient=CHANNEL, timezone=BERLIN, leads=True)
    assert mails(plan_of("02 10:00", *matters, readers=[channel])) == [(CHANNEL, 2, 0, ["a", "b", "d", "e"])]


def test_nothing_to_tell_is_no_mail() -> None:
    """And nothing is noted."""
    plan = plan_of("02 10:00")
    assert (plan.notices, plan.begin, plan.known) == ([], [], {})


def test_what_is_there_when_alerts_begin_is_never_told() -> None:
    """Whoever is new is alerted from now on, and of nothing that began before."""
    first = plan_of("02 10:00", a_matter("a", "02 09:30"), since=None)
    assert (states(first), first.notices, first.begin) == ({"a": BEFORE}, [], [ANA])
    then = plan_of("02 11:00", a_matter("a", "02 09:30"), a_matter("b", "02 10:30"), since=at("02 10:00"))
    assert (states(then), mails(then)) == ({"a": BEFORE, "b": DUE}, [(ANA, 2, 0, ["b"])])


@pytest.mark.parametrize(
    ("state", "becomes"),
    [(SENT, TOLD), (CLAIMED, TOLD), (UNSURE, UNSURE), (REFUSED, REFUSED), (LATER, DUE), (SKIPPED, DUE)],
)
def test_what_an_alert_may_have_told_is_not_told_again(state: str, becomes: str) -> None:
    """What was put off is; what is uncertain or was refused waits for a person."""
    before = a_delivery(2, 0, state, "02 09:00")
    plan = plan_of("02 12:00", a_matter("a", "02 08:30"), deliveries=[before], told={"a": DELIVERY})
    assert states(plan) == {"a": becomes}
    assert len(mails(plan)) == (becomes == DUE)


def test_the_note_of_a_digest_is_no_alert() -> None:
    """It has the kind of a channel's alerts, and the CSM's name; what came of it says nothing of the CSM's alert."""
    channel = Reader(kind="slack", recipient=CHANNEL, timezone=BERLIN, leads=True)
    sent = [a_delivery(2, 0, SENT, "02 09:00"), a_delivery(2, 0, LATER, "02 08:00", kind="slack")]
    matter = a_matter("a", "02 08:30")
    plan = plan_of("02 12:00", matter, readers=[CSM, channel], deliveries=sent, told={"a": DELIVERY})
    assert [each.state for each in plan.standings] == [TOLD, DUE]
    assert mails(plan) == [(CHANNEL, 2, 0, ["a"])]


def test_the_next_mail_of_a_day_has_the_next_number() -> None:
    """Unless nothing of the last one has left: then it is made anew, with what is true by now."""
    fresh = a_matter("b", "02 11:00")
    for state, key in {SENT: (2, 1), UNSURE: (2, 1), LATER: (2, 0), SKIPPED: (2, 0)}.items():
        plan = plan_of(
            "02 12:00", fresh, deliveries=[a_delivery(2, 0, state, "02 09:00")], told={"a": DELIVERY}
        )
        assert mails(plan) == [(ANA, *key, ["b"])]
    older = [a_delivery(2, 3, SENT, "02 09:00")]
    assert mails(plan_of("03 12:00", fresh, deliveries=older)) == [(ANA, 3, 0, ["b"])]
    put_off = [a_delivery(2, 3, LATER, "02 09:00")]
    assert mails(plan_of("03 12:00", fresh, deliveries=put_off)) == [(ANA, 2, 3, ["b"])]


def test_what_was_refused_goes_along_with_the_next() -> None:
    """By itself it waits."""
    old, new = a_matter("a", "02 08:30"), a_matter("b", "02 11:00")
    before = {"deliveries": [a_delivery(2, 0, REFUSED, "02 09:00")], "told": {"a": DELIVERY}}
    assert mails(plan_of("02 12:00", old, **before)) == []  # type: ignore[arg-type]
    assert mails(plan_of("02 12:00", old, new, **before)) == [(ANA, 2, 1, ["a", "b"])]  # type: ignore[arg-type]


@pytest.mark.parametrize("state", [UNSURE, REFUSED, LATER])
def test_a_person_may_have_it_sent_again(state: str) -> None:
    """At any hour, under the same key, as far as it is still true; what was sent never is."""
    before = {"deliveries": [a_delivery(2, 0, state, "02 17:59")], "told": {"a": DELIVERY}}
    again = plan_of("02 23:00", a_matter("a", "02 17:30"), resend=True, **before)  # type: ignore[arg-type]
    assert mails(again) == [(ANA, 2, 0, ["a"])]
    assert mails(plan_of("02 23:00", resend=True, **before)) == []  # type: ignore[arg-type]
    sent = [a_delivery(2, 0, SENT, "02 17:59")]
    over = plan_of("02 23:00", a_matter("a", "02 17:30"), deliveries=sent, told={"a": DELIVERY}, resend=True)
    assert mails(over) == []


@pytest.mark.parametrize(
    ("now", "until"),
    [("02 07:59", "02 08:00"), ("02 18:00", "03 08:00"), ("03 18:00", "05 08:00"), ("07 12:00", "09 08:00")],
)
def test_in_quiet_hours_nothing_goes_out(now: str, until: str) -> None:
    """Nights, a holiday, a weekend: it waits until the reader works again."""
    plan = plan_of(now, a_matter("a", "02 07:00"))
    assert (mails(plan), states(plan)) == ([], {"a": QUIET})
    assert plan.standings[0].until == at(until)
    assert len(mails(plan_of(until, a_matter("a", "02 07:00")))) == 1


def test_hours_are_those_of_the_reader() -> None:
    """In New York it is still night."""
    there = dataclasses.replace(CSM, timezone="America/New_York")
    assert mails(plan_of("02 10:00", a_matter("a", "02 09:00"), readers=[there])) == []
    assert len(mails(plan_of("02 14:00", a_matter("a", "02 09:00"), readers=[there]))) == 1


@pytest.mark.parametrize("state", [SENT, UNSURE])
def test_bursts_are_gathered(state: str) -> None:
    """For an hour; but what would fall due within it does not wait, and takes the others along."""
    before = [a_delivery(2, 0, state, "02 10:00")]
    late = a_matter("a", "02 10:10")
    plan = plan_of("02 10:59", late, deliveries=before)
    assert (mails(plan), states(plan), plan.standings[0].until) == ([], {"a": GATHERED}, at("02 11:00"))
    assert mails(plan_of("02 11:00", late, deliveries=before)) == [(ANA, 2, 1, ["a"])]
    soon = a_matter("b", "02 10:15", DUE_SOON, due_at=at("02 11:00"))
    assert mails(plan_of("02 10:20", late, soon, deliveries=before)) == [(ANA, 2, 1, ["a", "b"])]
    no_hurry = {**soon, "due_at": at("02 11:01")}
    assert mails(plan_of("02 10:20", late, no_hurry, deliveries=before)) == []


def with_digest(sent: str | None, **more: str) -> Reader:
    """Ana, with a digest."""
    return dataclasses.replace(CSM, schedules=[a_digest(sent, **more)])


def test_what_the_digest_told_is_not_told_again() -> None:
    """It is noted once, so that it stays known; what an escalation is stands in no digest, nor what is only counted."""
    reader = with_digest("02 08:00", due="02 08:00")
    risk, breach = a_matter("a", "02 06:00", AT_RISK), a_matter("b", "02 07:30")
    counted = a_matter("c", "02 07:30", place_of_csm=SHOWN)
    handed_on, later = a_matter("d", "02 07:30", ESCALATED), a_matter("e", "02 08:01", AT_RISK)
    plan = plan_of("02 08:20", risk, breach, counted, handed_on, later, readers=[reader])
    assert states(plan) == {"a": KNOWN, "b": KNOWN, "c": DUE, "d": DUE, "e": DUE}
    assert plan.known == {ANA: ["a", "b"]}
    again = plan_of("02 08:20", {**breach, "place_of_csm": SHOWN}, readers=[reader], told={"b": None})
    assert (states(again), again.known) == ({"b": KNOWN}, {})


def test_a_digest_that_is_due_is_waited_for() -> None:
    """For a quarter of an hour, so that both do not say the same; what it may not have known yet is told."""
    reader = with_digest(None, due="02 08:00")
    old, new = a_matter("a", "02 07:30"), a_matter("b", "02 08:03")
    assert states(plan_of("02 08:05", old, new, readers=[reader])) == {"a": DIGEST_TELLS, "b": DUE}
    assert states(plan_of("02 08:15", old, readers=[reader])) == {"a": DUE}
    just_before = a_matter("c", "02 07:58")
    sent = with_digest("02 08:01", due="02 08:00")
    assert states(plan_of("02 08:05", just_before, readers=[sent])) == {"c": DUE}


def test_risk_is_left_to_a_digest_of_the_same_day() -> None:
    """A ticket is not: by then it may be too late."""
    reader = with_digest("27 08:00", due="27 08:00", today="30 10:00")
    risk, breach = a_matter("a", "30 06:00", AT_RISK), a_matter("b", "30 06:30")
    assert states(plan_of("30 08:30", risk, breach, readers=[reader])) == {"a": DIGEST_TELLS, "b": DUE}


def test_whoever_may_get_no_mail_is_named() -> None:
    """The notice carries the reason, and the outbox notes it."""
    elsewhere = dataclasses.replace(CSM, problem="Email to them is not allowed.")
    plan = plan_of("02 10:00", a_matter("a", "02 09:00"), readers=[elsewhere])
    assert plan.notices[0].reader.problem == "Email to them is not allowed."
    assert states(plan) == {"a": SKIPPED}


def test_every_state_has_its_reason() -> None:
    """For the list that an operator sees."""
    assert {DUE, TOLD, KNOWN, BEFORE, DIGEST_TELLS, QUIET, GATHERED, SKIPPED, REFUSED, UNSURE} == set(WHY)


@pytest.mark.parametrize("on", [dt.date(2026, 3, 29), dt.date(2026, 10, 25)])
def test_a_change_of_clocks_moves_no_hours(on: dt.date) -> None:
    """The clock on the wall decides, also on the day of the change, were it a workday."""
    every_day = dataclasses.replace(LOUD, weekdays=frozenset(range(7)))
    begin = dt.datetime.combine(on, dt.time(8), ZoneInfo(BERLIN)).astimezone(dt.UTC)
    before = begin - dt.timedelta(microseconds=1)
    assert [every_day.holds(moment, BERLIN) for moment in (before, begin)] == [False, True]
    assert every_day.next_after(before, BERLIN) == begin
    assert dataclasses.replace(LOUD, weekdays=frozenset()).next_after(begin, BERLIN) is None


@pytest.mark.scenario("clock-jumps")
def test_an_alert_of_a_later_day_holds_no_other_back() -> None:
    """Its events are told and stay so; the next alert has today's first key."""
    ahead = a_delivery(27, 0, SENT, "27 09:00")
    told = {"old": (27, 0)}
    plan = plan_of(
        "02 12:00", a_matter("old", "02 08:30"), a_matter("new", "02 11:00"), deliveries=[ahead], told=told
    )
    assert states(plan) == {"old": TOLD, "new": DUE}
    assert mails(plan) == [(ANA, 2, 0, ["new"])]
    today = a_delivery(2, 0, SENT, "02 18:00")
    plan = plan_of("02 12:00", a_matter("new", "02 11:00"), deliveries=[today])
    assert mails(plan) == [(ANA, 2, 1, ["new"])]
