"""Evidence beside the signals: the number of cases behind a figure, and the figure of the window before."""

import datetime as dt

import polars as pl

from mailsignals.signals.facts import CHECKIN, Facts
from mailsignals.signals.instants import KEYS, Instants
from mailsignals.signals.signal import window
from mailsignals.units import hours

_TOUCHES_SPAN, _MEETINGS_SPAN = 180, 365


def evidence(facts: Facts, as_ofs: list[dt.datetime], *, reply_horizon: dt.timedelta) -> pl.DataFrame:
    """Return the evidence behind the signals, one row per account and as-of time.

    The columns after ``account`` and ``as_of``, over N days where a name ends in ``_N``:

    - ``touches_180``; ``checkins_due_30`` and ``_90``, behind the thread response rates;
    - ``customer_answers_30``; ``customer_answers_before`` and ``customer_hours_before`` (median) of the 90 days before;
    - ``overdue_turns``, and ``overdue_hours`` of the most overdue one;
    - ``open_response_hours_30``: our median response time in business hours, without off-hours responses;
    - ``meeting_days`` with a calendar message in a year, and ``meeting_gap_days``, the median gap between them.
    """
    instants = Instants.of(as_ofs)
    sent_at, started_at = pl.col("sent_at"), pl.col("started_at")
    checkins = facts.turns.filter(CHECKIN)
    plans = [
        instants.tally(
            facts.touches,
            since=sent_at,
            until=sent_at + window(_TOUCHES_SPAN),
            amounts={"touches_180": pl.lit(1)},
        ),
        *(
            instants.tally(
                checkins,
                since=started_at + reply_horizon,
                until=started_at + window(days),
                amounts={f"checkins_due_{days}": pl.lit(1)},
            )
            for days in (30, 90)
        ),
        *_customer_answers(facts, instants),
        _overdue(facts, instants),
        _open_response_hours(facts, instants),
        _meeting_days(facts, instants),
    ]
    found = instants.on_grid(facts.accounts, pl.collect_all(plans, engine=facts.engine))
    return found.with_columns(pl.col("overdue_turns", "customer_answers_before").fill_null(0)).drop("instant")


def _customer_answers(facts: Facts, instants: Instants) -> list[pl.LazyFrame]:
    started_at, answered_at = pl.col("started_at"), pl.col("answered_at")
    answered = facts.turns.filter(pl.col("outbound") & answered_at.is_not_null())
    before = instants.stack(
        answered.select("account", "started_at", "answered_at"),
        since=pl.max_horizontal(answered_at, started_at + window(30)),
        until=started_at + window(120),
    )
    return [
        instants.tally(
            answered,
            since=answered_at,
            until=started_at + window(30),
            amounts={"customer_answers_30": pl.lit(1)},
        ),
        before.group_by(KEYS).agg(
            customer_answers_before=pl.len(), customer_hours_before=hours((answered_at - started_at).median())
        ),
    ]


def _meeting_days(facts: Facts, instants: Instants) -> pl.LazyFrame:
    sent_at = pl.col("sent_at")
    meeting_days = (
        facts.programs.filter(pl.col("kind") == "calendar")
        .group_by("account", day=sent_at.dt.date())
        .agg(sent_at=sent_at.min())
        .sort("account", "day")
        .with_columns(gap_days=pl.col("day").diff().over("account").dt.total_days())
    )
    seen = instants.stack(meeting_days, since=sent_at, until=sent_at + window(_MEETINGS_SPAN))
    return seen.group_by(KEYS).agg(meeting_days=pl.len(), meeting_gap_days=pl.col("gap_days").median())


def _overdue(facts: Facts, instants: Instants) -> pl.LazyFrame:
    started_at, due_at = pl.col("started_at"), pl.col("due_at")
    late = instants.stack(
        facts.turns.filter(due_at.is_not_null()).select("account", "started_at", "answered_at", "due_at"),
        since=due_at,
        until=pl.min_horizontal(started_at + window(90), "answered_at"),
    )
    return late.group_by(KEYS).agg(
        overdue_turns=pl.len(), overdue_hours=hours((pl.col("as_of") - due_at).max())
    )


def _open_response_hours(facts: Facts, instants: Instants) -> pl.LazyFrame:
    account, started_at, answered_at = pl.col("account"), pl.col("started_at"), pl.col("answered_at")
    answered = facts.turns.filter(~pl.col("outbound") & answered_at.is_not_null())
    timed = answered.select("account", "started_at", "answered_at").with_columns(
        open_hours=facts.promises.open_hours(account, started_at, answered_at)
    )
    recent = instants.stack(
        timed.filter(pl.col("open_hours") > 0), since=answered_at, until=started_at + window(30)
    )
    return recent.group_by(KEYS).agg(open_response_hours_30=pl.col("open_hours").median())


def last_writers(facts: Facts, as_of: dt.datetime) -> pl.DataFrame:
    """Return the last writer of either side up to a time, one row per account.

    The columns are ``account``, ``inbound``, ``outbound``, and ``inbound_at``.
    """
    return (
        facts.touches.filter(pl.col("sent_at") <= as_of)
        .group_by("account")
        .agg(
            inbound=_last_person(~pl.col("outbound")),
            outbound=_last_person(pl.col("outbound")),
            inbound_at=pl.col("sent_at").filter(~pl.col("outbound")).max(),
        )
        .collect()
    )


def _last_person(side: pl.Expr) -> pl.Expr:
    order = [pl.col(name).filter(side) for name in ("sent_at", "person")]
    return pl.col("person").filter(side).sort_by(order).last()


def weekly_mail(facts: Facts, as_of: dt.datetime, *, weeks: int) -> pl.DataFrame:
    """Return the number of emails of either side in each week up to ``as_of``, one row per account.

    The columns are ``account``, ``theirs`` and ``ours`` (lists of ``weeks`` numbers, the oldest first).
    """
    ago = (pl.lit(as_of) - pl.col("sent_at")).dt.total_microseconds() // (7 * 86_400_000_000)
    recent = facts.touches.filter(pl.col("sent_at") <= as_of).with_columns(week=ago)
    return (
        recent.filter(pl.col("week") < weeks)
        .group_by("account")
        .agg(
            theirs=pl.concat_list([_in_week(week, outbound=False) for week in reversed(range(weeks))]),
            ours=pl.concat_list([_in_week(week, outbound=True) for week in reversed(range(weeks))]),
        )
        .collect()
    )


def _in_week(week: int, *, outbound: bool) -> pl.Expr:
    return ((pl.col("week") == week) & (pl.col("outbound") == outbound)).sum()
