"""Single signals where they are easily got wrong."""

import datetime as dt

import pytest

from connectors.base import Message
from mailsignals.signals.pipeline import SIGNALS
from tests.mailsignals.companies import DAY, HOUR, RULES, START, TICK, message
from tests.mailsignals.engine import differences, figure, figures, figures_of, touches_of
from tests.mailsignals.oracle import signals

CUSTOMER, US = "p@a.example", "cs@us.example"
T = START + 365 * DAY
COUNTS = {
    *("inbound", "outbound", "active_contacts", "checkins", "chasers", "urgent", "open_turns"),
    *("meetings", "bounced_contacts", "away_contacts"),
}


def asked(at: dt.datetime, sender: str = CUSTOMER, **more: object) -> Message:
    """A mail of the customer."""
    return message(at, sender, US, **more)


def sent(at: dt.datetime, sender: str = US, **more: object) -> Message:
    """A mail of ours."""
    return message(at, sender, CUSTOMER, **more)


# --- nothing, and next to nothing ----------------------------------------------------------------


@pytest.mark.parametrize("messages", [[], [asked(T + TICK)], [message(T, CUSTOMER, "x@gmail.com")]])
def test_mute_accounts_have_zeros_and_nulls(messages: list[Message]) -> None:
    """Every account of the book has its rows: counts are 0, and what has no denominator is null."""
    rows = figures(messages, [T])
    assert rows.height == 3 * len(RULES.accounts)
    for signal in SIGNALS:
        assert rows[signal.name].unique().to_list() == [0 if signal.name in COUNTS else None]


def test_one_message() -> None:
    """A single mail is a conversation that waits."""
    row = figures([asked(T - DAY)], [T]).row(0, named=True)
    known = {
        "inbound": 1,
        "contact_breadth": 1.0,
        "initiation_share": 1.0,
        "open_turns": 1,
        "oldest_open_hours": 24.0,
    }
    assert {name: row[name] for name in known} == known
    assert row["response_hours_km_median"] is None
    assert row["unreplied_rate"] == 1.0


def test_a_row_for_each_account_instant_and_window() -> None:
    """In the order of the book's accounts, of time, and of days; instants asked for twice come once."""
    rows = figures([asked(T)], [T, T - DAY, T])
    assert rows.select("account_id", "as_of", "window_days").rows() == sorted(
        (account.account_id, at, days)
        for account in RULES.accounts
        for at in (T - DAY, T)
        for days in (30, 60, 90)
    )
    assert rows.columns[3:] == [signal.name for signal in SIGNALS]


def test_an_instant_needs_a_time_zone() -> None:
    """A naive instant could be any of a day's."""
    with pytest.raises(ValueError, match="time zone"):
        figures_of(touches_of([]), RULES, [T.replace(tzinfo=None)])


def test_the_oracle_has_every_signal() -> None:
    """No signal is left unchecked."""
    expected = signals([], RULES, as_of=T)
    assert set(expected[0]) == {"account_id", "as_of", "window_days", *(signal.name for signal in SIGNALS)}
    assert not differences(figures([], [T]).to_dicts(), expected)


# --- windows -------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [30, 60, 90])
@pytest.mark.parametrize("after", [dt.timedelta(0), -TICK, TICK])
def test_windows_are_open_at_the_start_and_closed_at_the_end(days: int, after: dt.timedelta) -> None:
    """What is sent at the instant is in, what is sent exactly so many days before is out."""
    at_end, at_start = asked(T + after), asked(T - days * DAY + after)
    assert figure("inbound", [at_end], T, days=days) == (after <= dt.timedelta(0))
    assert figure("inbound", [at_start], T, days=days) == (after > dt.timedelta(0))


def test_windows_are_the_same_among_many_instants() -> None:
    """A mail is in sight from its own instant until just before it is 30 days old."""
    instants = [T - TICK, T, T + TICK, T + 30 * DAY - TICK, T + 30 * DAY]
    rows = figures([asked(T)], instants).filter(account_id="A", window_days=30)
    assert rows["inbound"].to_list() == [0, 1, 1, 1, 0]
    assert rows["open_turns"].to_list() == [0, 1, 1, 1, 1]


@pytest.mark.slow
def test_the_trend_is_against_the_window_before() -> None:
    """From two mails to three is up by half; from none it is unknown, to none it is minus one."""
    before, now = [asked(T - 30 * DAY), asked(T - 40 * DAY)], [asked(T - n * DAY) for n in range(3)]
    assert figure("inbound_trend", before + now, T) == 0.5
    assert figure("inbound_trend", now, T) is None
    assert figure("inbound_trend", before, T) == -1.0


# --- people --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_breadth_is_the_effective_number_of_people() -> None:
    """Even shares count in full, one person is exactly one."""
    two = [asked(T), asked(T - HOUR, "q@old.test")]
    assert figure("contact_breadth", two, T) == pytest.approx(2.0)
    assert figure("contact_breadth", two * 1 + [asked(T - 40 * DAY)], T - 35 * DAY) == 1.0
    assert figure("our_breadth", [sent(T), sent(T - HOUR, "ana@us.example")], T) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("mails", "last", "quiet"), [(5, 31, True), (5, 30, True), (5, 29, False), (4, 31, None)]
)
def test_the_champion_is_quiet_after_30_days(mails: int, last: int, quiet: bool | None) -> None:
    """The contact with 5 mails or more between 180 and 30 days ago, who has written none since."""
    wrote = [asked(T - (n + 40) * DAY) for n in range(mails - 1 + (last < 30))]
    assert figure("champion_quiet", [*wrote, asked(T - last * DAY)], T) is quiet


def test_of_equal_champions_the_smaller_address_counts() -> None:
    """Also where the other one still writes."""
    wrote = [asked(T - (40 + n) * DAY, one) for n in range(5) for one in (CUSTOMER, "q@old.test")]
    assert figure("champion_quiet", [*wrote, asked(T, "q@old.test")], T) is True
    assert figure("champion_quiet", [*wrote, asked(T, CUSTOMER)], T) is False


# --- silence -------------------------------------------------------------------------------------


def test_days_since_are_elapsed_days() -> None:
    """Unrounded days of 24 hours, however long ago."""
    mails = [asked(T - 200 * DAY), sent(T - 36 * HOUR, "ana@us.example")]
    row = figures(mails, [T]).row(0, named=True)
    assert (row["days_since_inbound"], row["days_since_outbound"], row["days_since_checkin"]) == (
        200.0,
        1.5,
        None,
    )


def test_a_checkin_opens_a_conversation() -> None:
    """Customer success answering is none, and neither is support writing first."""
    answer = [asked(T - 9 * DAY, message_id="a"), sent(T - 8 * DAY, references=("a",))]
    support = sent(T - 2 * DAY, "help@us.example")
    checkin = sent(T - 5 * DAY)
    row = figures([*answer, support, checkin], [T]).row(0, named=True)
    assert (row["checkins"], row["days_since_checkin"]) == (1, 5.0)


@pytest.mark.slow
def test_overdue_is_the_silence_against_the_usual_gap() -> None:
    """The 90th percentile of at least five gaps between days with mail, in 180 days."""
    first = dt.datetime(2025, 6, 1, 9, tzinfo=dt.UTC)
    days = [0, 1, 2, 4, 7, 11]
    mails = [asked(first + day * DAY) for day in days]
    at = first + 20 * DAY
    assert figure("overdue_ratio", mails, at) == pytest.approx(9 / 3.6)
    assert figure("overdue_ratio", mails[1:], at) is None
    assert figure("overdue_ratio", mails, first + 180 * DAY) is None
    twice = [asked(first + 4 * DAY + HOUR), asked(first + 15 * HOUR - TICK)]
    assert figure("overdue_ratio", [*mails, *twice], at) == pytest.approx(9 / 3.6)


# --- conversations -------------------------------------------------------------------------------


@pytest.mark.parametrize(("after", "rate"), [(7 * DAY, 1.0), (7 * DAY + TICK, 0.0)])
def test_a_checkin_is_answered_within_seven_days(after: dt.timedelta, rate: float) -> None:
    """Exactly seven days after the opening is in time."""
    opened = T - 20 * DAY
    mails = [sent(opened, message_id="a"), asked(opened + after, references=("a",))]
    assert figure("thread_response_rate", mails, T) == rate


@pytest.mark.parametrize(
    ("ago", "rate"), [(7 * DAY, 0.0), (7 * DAY - TICK, None), (30 * DAY - TICK, 0.0), (30 * DAY, None)]
)
def test_a_checkin_counts_from_seven_days_on(ago: dt.timedelta, rate: float | None) -> None:
    """Before that, nobody is late; and the window's start is out."""
    assert figure("thread_response_rate", [sent(T - ago)], T) == rate


@pytest.mark.parametrize(("after", "chasers"), [(4 * HOUR, 1), (4 * HOUR - TICK, 0)])
def test_a_chaser_comes_four_hours_later(after: dt.timedelta, chasers: int) -> None:
    """In the same turn: after our answer it is a new question."""
    first = asked(T - DAY, message_id="a")
    again = asked(T - DAY + after, references=("a",))
    answer = sent(T - DAY + HOUR, references=("a",))
    assert figure("chasers", [first, again], T) == chasers
    assert figure("chasers", [first, answer, again], T) == 0


def test_a_chaser_counts_where_it_is_sent() -> None:
    """The mail that it follows may lie before the window."""
    mails = [asked(T - 31 * DAY, message_id="a"), asked(T - 29 * DAY, references=("a",))]
    assert figure("chasers", mails, T) == 1


def test_urgent_counts_inbound_mail_only() -> None:
    """Our own urgency is none of the customer's."""
    assert figure("urgent", [asked(T, importance="high"), sent(T, importance="high")], T) == 1


@pytest.mark.parametrize(("ago", "turns"), [(90 * DAY, 0), (90 * DAY - TICK, 1), (dt.timedelta(0), 1)])
def test_open_turns_are_of_the_last_90_days(ago: dt.timedelta, turns: int) -> None:
    """A turn waits from its first mail, and not for ever."""
    assert figure("open_turns", [asked(T - ago)], T) == turns


def test_a_turn_answered_later_is_open() -> None:
    """What comes after the instant is not known; what comes at it is."""
    mails = [asked(T - DAY, message_id="a"), sent(T, references=("a",))]
    assert figure("open_turns", mails, T - TICK) == 1
    assert figure("open_turns", mails, T) == 0


# --- targets -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ago", "rate"), [(2 * HOUR, 1.0), (2 * HOUR - TICK, None)])
def test_an_opening_turn_is_due_by_the_first_target(ago: dt.timedelta, rate: float | None) -> None:
    """From the due time on it counts, and not before."""
    assert figure("unreplied_rate", [asked(T - ago)], T) == rate


@pytest.mark.parametrize(("ago", "rate"), [(HOUR / 2, 0.5), (HOUR / 2 - TICK, 0.0)])
def test_a_later_turn_is_due_by_the_next_target(ago: dt.timedelta, rate: float) -> None:
    """Account A is promised half an hour; its first turn was answered."""
    mails = [
        asked(T - DAY, message_id="a"),
        sent(T - DAY + HOUR, references=("a",)),
        asked(T - ago, references=("a",)),
    ]
    assert figure("unreplied_rate", mails, T) == rate


def test_without_a_next_target_the_first_serves() -> None:
    """Account B has a first-response target of 24 hours alone."""
    them = "p@deep.sub.a.example"
    mails = [
        message(T - 3 * DAY, them, US, message_id="a"),
        message(T - 2 * DAY, US, them, references=("a",)),
        message(T - DAY, them, US, references=("a",)),
    ]
    assert figure("unreplied_rate", mails, T, account="B") == 0.5
    assert figure("unreplied_rate", mails, T - TICK, account="B") == 0.0


def test_without_targets_nothing_is_due() -> None:
    """C has none; D has none for a turn that opens a conversation."""
    mails = [message(T - DAY, "p@c.example", US), message(T - DAY, "p@d.example", US)]
    assert figure("unreplied_rate", mails, T, account="C") is None
    assert figure("unreplied_rate", mails, T, account="D") is None


def test_a_late_answer_is_an_answer() -> None:
    """Only what is open at the instant is unreplied."""
    mails = [asked(T - DAY, message_id="a"), sent(T - HOUR, references=("a",))]
    assert figure("unreplied_rate", mails, T) == 0.0
    assert figure("unreplied_rate", mails, T - 2 * HOUR) == 1.0


# --- sight ---------------------------------------------------------------------------------------


def test_the_gap_counts_distinct_ids() -> None:
    """An id named twice, or by two mails, counts once; a message that came later is not held yet."""
    mails = [
        asked(T - 5 * DAY, references=("gone", "held", "late")),
        asked(T - 4 * DAY, references=("gone", "held")),
        message(T - 6 * DAY, US, "ana@us.example", message_id="held", automated="bulk"),
        message(T, "x@gmail.com", US, message_id="late"),
    ]
    assert figure("visibility_gap", mails, T) == pytest.approx(1 / 3)
    assert figure("visibility_gap", mails, T - TICK) == pytest.approx(2 / 3)


def test_the_gap_is_of_the_window() -> None:
    """An id named before and again in the window counts in it; what refers to nothing has no gap."""
    mails = [
        asked(T - 40 * DAY, references=("gone", "older")),
        asked(T - DAY, references=("gone",)),
        asked(T),
    ]
    assert figure("visibility_gap", mails, T, days=30) == 1.0
    assert figure("visibility_gap", [asked(T)], T) is None
