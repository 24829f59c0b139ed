"""Sums of an account over recent windows and over its own past, which the models compare.

Recent windows end at the as-of time. The account's past is weeks 14 to 52 before it, as far as there was contact.
Each fact counts from its own time on, or from the time at which it moves from recent to past.
"""

import datetime as dt

import polars as pl

from mailsignals.signals.facts import CHECKIN, Facts
from mailsignals.signals.instants import KEYS, Instants
from mailsignals.signals.signal import window
from mailsignals.units import days, in_steps

WEEKS = 13
PAST_FROM, PAST_TO = 91, 364
"""The first and last day of the past, in days before the as-of time."""

_INBOUND = ~pl.col("outbound")


def history(facts: Facts, as_ofs: list[dt.datetime], *, timezone: str) -> pl.DataFrame:
    """Return sums by window (``inbound_30``, ``inbound_past``), one row per ``account`` and ``as_of``.

    Args:
        facts: the facts of the accounts that get rows.
        as_ofs: as-of times with a time zone.
        timezone: the time zone of the office hours in which reply times are counted.
    """
    instants = Instants.of(as_ofs)
    plans = [
        *_volume(facts, instants),
        *_replies(facts, instants, timezone),
        *_checkins(facts, instants),
        _contacts(facts, instants),
        _contacts(facts, instants, ago=90),
        *_weekly(facts, instants),
        instants.latest(facts.touches.filter("outbound"), pl.col("sent_at"), "last_outbound_at"),
        instants.latest(facts.touches.filter(_INBOUND), pl.col("sent_at"), "last_inbound_at"),
    ]
    found = instants.on_grid(facts.accounts, pl.collect_all(plans, engine=facts.engine))
    first = facts.touches.group_by("account").agg(first_at=pl.col("sent_at").min()).collect()
    return (
        found.join(first, on="account", how="left", maintain_order="left")
        .with_columns(first_at=pl.when(pl.col("first_at") <= pl.col("as_of")).then("first_at"))
        .with_columns(past_days=_past_days())
        .drop("instant")
    )


def _past_days() -> pl.Expr:
    """The number of days of its past in which the account was in touch; null if there were none."""
    lasted = days(pl.col("as_of") - pl.col("first_at")).clip(upper_bound=PAST_TO) - PAST_FROM
    return pl.when(lasted > 0).then(lasted)


def _spans(
    facts: pl.LazyFrame, instants: Instants, at: pl.Expr, spans: tuple[int, ...], amounts: dict[str, pl.Expr]
) -> list[pl.LazyFrame]:
    """The sums over each of the last ``spans`` days, and over the past."""
    recent = [
        instants.tally(
            facts,
            since=at,
            until=at + window(span),
            amounts={f"{name}_{span}": amount for name, amount in amounts.items()},
        )
        for span in spans
    ]
    past = instants.tally(
        facts,
        since=at + window(PAST_FROM),
        until=at + window(PAST_TO),
        amounts={f"{name}_past": amount for name, amount in amounts.items()},
    )
    return [*recent, past]


def _volume(facts: Facts, instants: Instants) -> list[pl.LazyFrame]:
    inbound = facts.touches.filter(_INBOUND)
    sent_at = pl.col("sent_at")
    mails = {
        "inbound": pl.lit(1),
        "urgent": pl.col("urgent"),
        "copied": pl.col("copied"),
        "support": pl.col("role") == "support",
    }
    return [
        *_spans(inbound, instants, sent_at, (30, 60, 90), mails),
        *_spans(_active_days(facts), instants, sent_at, (60, 90), {"active_days": pl.lit(1)}),
        instants.tally(
            facts.touches.filter("outbound", "again"),
            since=sent_at,
            until=sent_at + window(60),
            amounts={"followups_60": pl.lit(1)},
        ),
    ]


def _active_days(facts: Facts) -> pl.LazyFrame:
    """One row per account and day (UTC) with inbound mail; the day counts from its first email on."""
    sent_at = pl.col("sent_at")
    inbound = facts.touches.filter(_INBOUND)
    return inbound.group_by("account", day=sent_at.dt.date()).agg(sent_at=sent_at.min())


def _replies(facts: Facts, instants: Instants, timezone: str) -> list[pl.LazyFrame]:
    """Sums of log reply times in office hours; each reply counts from the time it was sent."""
    office_hours = _office_hours(pl.col("answered_at"), timezone) - _office_hours(
        pl.col("started_at"), timezone
    )
    answered = facts.turns.filter(pl.col("answered_at").is_not_null()).with_columns(
        log_hours=in_steps(office_hours.log1p())
    )
    known_at = pl.col("answered_at")
    customer, ours = answered.filter("outbound"), answered.filter(_INBOUND)
    return [
        *_spans(
            customer,
            instants,
            known_at,
            (30, 90),
            {"customer_replies": pl.lit(1), "customer_log_hours": pl.col("log_hours")},
        ),
        *_spans(
            ours, instants, known_at, (90,), {"our_replies": pl.lit(1), "our_log_hours": pl.col("log_hours")}
        ),
    ]


def _office_hours(moment: pl.Expr, timezone: str) -> pl.Expr:
    """Hours of Monday to Friday, 9 to 17 by the local clock, since a Monday long ago."""
    local = moment.dt.convert_time_zone(timezone).dt.replace_time_zone(None)
    since_monday = days(local - dt.datetime(1990, 1, 1))  # noqa: DTZ001  # a local clock
    week, day = since_monday // 7, since_monday % 7
    today = ((day % 1) * 24 - 9).clip(0, 8)
    return week * 40 + pl.when(day < 5).then(day.floor() * 8 + today).otherwise(40)


def _checkins(facts: Facts, instants: Instants) -> list[pl.LazyFrame]:
    week = dt.timedelta(days=7)
    started_at = pl.col("started_at")
    checkins = facts.turns.filter(CHECKIN)
    replied = (pl.col("answered_at") - started_at <= week).fill_null(value=False)
    unanswered = instants.stack(
        checkins.select("account", "started_at", "answered_at"),
        since=started_at,
        until=pl.min_horizontal(started_at + window(90), "answered_at"),
    )
    return [
        *_spans(checkins, instants, started_at + week, (30, 90), {"asked": pl.lit(1), "replied": replied}),
        unanswered.group_by(KEYS).agg(unanswered_checkin_days=days((pl.col("as_of") - started_at).max())),
    ]


def _contacts(facts: Facts, instants: Instants, *, ago: int = 0) -> pl.LazyFrame:
    """The number of people who wrote in the 90 days up to ``ago`` days before the as-of time.

    Each email counts until the same person's next one, so that a person counts once.
    """
    sent_at = pl.col("sent_at")
    span, moved = window(90), window(ago)
    return instants.tally(
        facts.touches.filter(_INBOUND)
        .select("account", "person", "sent_at")
        .sort("account", "person", "sent_at")
        .with_columns(previous_at=sent_at.shift(1).over("account", "person")),
        since=pl.max_horizontal(sent_at, pl.col("previous_at") + span) + moved,
        until=sent_at + span + moved,
        amounts={f"contacts_90_before_{ago}" if ago else "contacts_90": pl.lit(1)},
    )


def _weekly(facts: Facts, instants: Instants) -> list[pl.LazyFrame]:
    """Active days and support emails in each of the last 13 weeks; week 0 is the latest."""
    support = facts.touches.filter(_INBOUND, pl.col("role") == "support").select("account", "sent_at")
    return [
        _by_week(_active_days(facts).drop("day"), instants, "active_days"),
        _by_week(support, instants, "support"),
    ]


def _by_week(events: pl.LazyFrame, instants: Instants, name: str) -> pl.LazyFrame:
    sent_at = pl.col("sent_at")
    stacked = instants.stack(events, since=sent_at, until=sent_at + window(7 * WEEKS))
    week = (pl.col("as_of") - sent_at).dt.total_microseconds() // (7 * 86_400_000_000)
    return (
        stacked.with_columns(week=week)
        .group_by(KEYS)
        .agg((pl.col("week") == k).sum().cast(pl.Int64).alias(f"{name}_week_{k}") for k in range(WEEKS))
    )
