"""The marks: common rules of thumb, which explain risk but never rank accounts.

A mark has its signal, the number and the rows behind it, the earlier number, and a sentence for CSMs.
"""

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from mailsignals.config.risk import Marks
from mailsignals.risk.contacts import absence_text, gone_text, quiet_text
from mailsignals.risk.mark import ROUNDING, Mark, Row, figure, rows_of_signal
from mailsignals.signals.conversations import DUE, OPEN_SPAN, OPEN_TURNS
from mailsignals.signals.people import CHAMPION_SPAN
from mailsignals.signals.provenance import INBOUND_TURNS, ROW_COUNT, YEAR, Provenance
from mailsignals.wording.numbers import (
    count_noun,
    duration_words,
    number_of,
    percent,
    sla_duration,
    times,
    whole_days,
)


def _inbound_down(at: Marks) -> pl.Expr:
    return (figure("inbound_trend_90") <= -at.inbound_drop + ROUNDING) & (
        figure("inbound_90_before") >= at.inbound_drop_from
    )


def _gone_quiet() -> tuple[Mark, ...]:
    return (
        Mark(
            name="inbound_down",
            signal="inbound",
            provenance=rows_of_signal("inbound", days=90),
            holds=_inbound_down,
            value=figure("inbound_90"),
            before=figure("inbound_90_before"),
            text=lambda row: (
                f"They sent {count_noun(row['inbound_90'], 'email')} in the last 90 days, down "
                f"{percent(-row['inbound_trend_90'])} from {number_of(row['inbound_90_before'])} in the 90 days before."
            ),
        ),
        Mark(
            name="champion_quiet",
            signal="champion_quiet",
            provenance=rows_of_signal("champion_quiet", days=CHAMPION_SPAN),
            holds=lambda _: pl.col("contacts_quiet") > 0,
            value=pl.lit(0.0),
            before=figure("contacts_quiet_mails"),
            text=quiet_text,
        ),
        Mark(
            name="champion_gone",
            signal="bounced_contacts",
            provenance=None,
            holds=lambda _: pl.col("contacts_gone") > 0,
            value=figure("bounced_contacts_90"),
            before=figure("bounced_contacts_90_before"),
            text=gone_text,
        ),
        Mark(
            name="champion_away",
            signal="away_contacts",
            provenance=None,
            # The sentence on silent contacts mentions their absence already.
            holds=lambda _: (pl.col("contacts_away") > 0) & (pl.col("contacts_quiet") == 0),
            value=figure("contacts_away"),
            before=pl.lit(None, dtype=pl.Float64),
            text=lambda row: absence_text(row).strip(),
        ),
        Mark(
            name="no_meeting",
            signal="days_since_meeting",
            provenance=None,
            holds=lambda at: (
                (figure("meeting_days") >= at.no_meeting_from)
                & (figure("days_since_meeting") >= at.no_meeting_times * figure("meeting_gap_days"))
            ),
            value=figure("days_since_meeting"),
            before=figure("meeting_gap_days"),
            text=lambda row: (
                f"No meeting for {whole_days(row['days_since_meeting'])} "
                f"(usually every {_interval(row['meeting_gap_days'])})."
            ),
        ),
    )


def _customer_slower(at: Marks) -> pl.Expr:
    enough = pl.min_horizontal("customer_answers_30", "customer_answers_before") >= at.customer_slowdown_turns
    now, usual = figure("customer_response_hours_median_30"), figure("customer_hours_before")
    return enough & (now > usual) & (now >= at.customer_slowdown * usual - ROUNDING)


def _fewer_answers(at: Marks) -> pl.Expr:
    enough = pl.min_horizontal("checkins_due_30", "checkins_due_90") >= at.response_rate_threads
    drop = figure("thread_response_rate_90") - figure("thread_response_rate_30")
    return enough & (drop > 0) & (drop >= at.response_rate_drop - ROUNDING)


def _slow() -> tuple[Mark, ...]:
    return (
        Mark(
            name="customer_slower",
            signal="customer_response_hours_median",
            provenance=rows_of_signal("customer_response_hours_median", days=30),
            holds=_customer_slower,
            value=figure("customer_response_hours_median_30"),
            before=figure("customer_hours_before"),
            text=lambda row: (
                f"Their response time was {duration_words(row['customer_response_hours_median_30'])} "
                f"in the last 30 days ({duration_words(row['customer_hours_before'])} in the three months before)."
            ),
        ),
        Mark(
            name="fewer_answers",
            signal="thread_response_rate",
            provenance=rows_of_signal("thread_response_rate", days=30),
            holds=_fewer_answers,
            value=figure("thread_response_rate_30"),
            before=figure("thread_response_rate_90"),
            text=lambda row: (
                f"They answered {percent(row['thread_response_rate_30'])} of "
                f"{count_noun(row['checkins_due_30'], 'check-in')} in the last 30 days "
                f"({percent(row['thread_response_rate_90'])} of {number_of(row['checkins_due_90'])} in 90 days)."
            ),
        ),
        Mark(
            name="unanswered_checkin",
            signal="unanswered_checkin_days",
            provenance=None,
            holds=lambda at: figure("unanswered_checkin_days") >= at.unanswered_checkin_days,
            value=figure("unanswered_checkin_days"),
            before=pl.lit(None, dtype=pl.Float64),
            text=lambda row: (
                f"A check-in has been unanswered for {whole_days(row['unanswered_checkin_days'])}."
            ),
        ),
        Mark(
            name="followups",
            signal="followups",
            provenance=None,
            holds=lambda at: figure("followups_60") >= at.followups,
            value=figure("followups_60"),
            before=pl.lit(None, dtype=pl.Float64),
            text=lambda row: (
                f"We followed up {times(row['followups_60'])} in the last 60 days without a reply."
            ),
        ),
        Mark(
            name="chasing",
            signal="chasers",
            provenance=rows_of_signal("chasers", days=30),
            holds=lambda _: pl.col("chasers_30") > 0,
            value=figure("chasers_30"),
            before=figure("chasers_30_before"),
            text=lambda row: (
                f"They chased us {times(row['chasers_30'])} in the last 30 days "
                f"({times(row['chasers_30_before'])} the month before)."
            ),
        ),
        Mark(
            name="urgent",
            signal="urgent",
            provenance=rows_of_signal("urgent", days=30),
            holds=lambda _: pl.col("urgent_30") > 0,
            value=figure("urgent_30"),
            before=figure("urgent_30_before"),
            text=lambda row: (
                f"They sent {count_noun(row['urgent_30'], 'urgent email')} in the last 30 days "
                f"({number_of(row['urgent_30_before'])} the month before)."
            ),
        ),
    )


def _our_answers() -> tuple[Mark, ...]:
    return (
        Mark(
            name="overdue_answer",
            signal="open_turns",
            provenance=Provenance(rows=OPEN_TURNS.where(DUE), from_rows=ROW_COUNT, days=OPEN_SPAN),
            holds=lambda _: pl.col("overdue_turns") > 0,
            value=figure("overdue_turns"),
            before=figure("overdue_turns_before"),
            text=_overdue_text,
        ),
        Mark(
            name="we_are_slow",
            signal="response_hours_median",
            provenance=Provenance(
                rows=INBOUND_TURNS.where(pl.col("open_hours") > 0),
                from_rows=pl.col("open_hours").median(),
                days=30,
            ),
            holds=lambda _: figure("open_response_hours_30") > figure("promised_hours"),
            value=figure("open_response_hours_30"),
            before=figure("open_response_hours_30_before"),
            text=_we_are_slow_text,
        ),
    )


def _single_contact(at: Marks) -> pl.Expr:
    return (figure("contact_breadth_90") < at.single_contact_breadth) & (
        figure("inbound_90") >= at.single_contact_inbound
    )


def _fragile() -> tuple[Mark, ...]:
    last, age = figure("days_since_checkin"), figure("account_days")
    return (
        Mark(
            name="no_checkin",
            signal="days_since_checkin",
            provenance=rows_of_signal("days_since_checkin", days=YEAR),
            holds=lambda at: (last >= at.no_checkin_days) | (last.is_null() & (age > at.no_checkin_days)),
            value=pl.coalesce(last, age),
            before=pl.when(pl.col("asked_past") > 0).then(pl.col("past_days") / pl.col("asked_past")),
            text=_no_checkin_text,
        ),
        Mark(
            name="single_contact",
            signal="contact_breadth",
            provenance=rows_of_signal("contact_breadth", days=90),
            holds=_single_contact,
            value=figure("contact_breadth_90"),
            before=figure("contact_breadth_90_before"),
            text=_single_contact_text,
        ),
    )


def _single_contact_text(row: Row) -> str:
    text = f"Nearly all of their {count_noun(row['inbound_90'], 'email')} in the last 90 days came from one person"
    before = row["active_contacts_90_before"]
    return f"{text} ({before} people wrote in the 90 days before)." if before and before > 1 else f"{text}."


def _no_checkin_text(row: Row) -> str:
    if row["days_since_checkin"] is None:
        return f"No check-in in their {whole_days(row['account_days'])} as a customer."
    text = f"No check-in for {whole_days(row['days_since_checkin'])}"
    usual = row["before no_checkin"]
    if usual is None or usual >= row["days_since_checkin"]:
        return f"{text}."
    return f"{text} (usually every {_interval(usual)})."


def _interval(days: float) -> str:
    """The number of days between two events, for a sentence that counts in days."""
    return "day" if days < 1.5 else f"{round(days)}"


def _overdue_text(row: Row) -> str:
    number, overdue = row["overdue_turns"], duration_words(row["overdue_hours"])
    if number == 1:
        return f"1 of their emails is unanswered, {overdue} overdue."
    return f"{number_of(number)} of their emails are unanswered, the oldest {overdue} overdue."


def _we_are_slow_text(row: Row) -> str:
    def duration(hours: float) -> str:
        return sla_duration(hours, business=row["in_open_hours"])

    before = row["open_response_hours_30_before"]
    was = "" if before is None else f" ({duration(before)} the month before)"
    return (
        f"Our response time was {duration(row['open_response_hours_30'])} in the last 30 days{was}; "
        f"the SLA target is {duration(row['promised_hours'])}."
    )


MARKS: tuple[Mark, ...] = (*_gone_quiet(), *_slow(), *_our_answers(), *_fragile())
"""All marks, the gravest first: the customer's behaviour, our answers, then fragile relations."""
MARKS_BY_NAME: Mapping[str, Mark] = MappingProxyType({mark.name: mark for mark in MARKS})
