"""Cases: the SLA targets that a customer email set running, with due times and verdicts."""

import datetime as dt

import polars as pl

from mailsignals.sla.promises import FIGURES, Promises
from mailsignals.units import hours, hours_of

MET, BREACHED, PENDING = "met", "breached", "pending"
VERDICTS = (MET, BREACHED, PENDING)


def judged_cases(cases: pl.LazyFrame, promises: Promises, *, as_of: dt.datetime) -> pl.LazyFrame:
    """Return the cases with target group, due time, time taken, and verdict.

    Args:
        cases: ``own_tier`` (the account's at the opening of the ticket, or null), ``figure`` (of ``FIGURES``),
            ``started_at``, ``ended_at`` (null: open), ``hope_at`` (null, or the time of a response that may still
            become the resolution).
        promises: the SLA targets of each tier.
        as_of: the time as of which open cases are evaluated.

    Returns:
        The cases with ``group`` (the tier, or ``NO_TARGET``), ``due_at``, ``verdict`` (null without a target),
        ``hours`` and ``business_hours`` (from start to end), ``off_hours`` (true if it took no business hours),
        ``near_miss`` (met with less than a fifth of the target left), and ``used`` (the share of the target that
        passed by the end, or by ``as_of``).
    """
    policy, ended_at = pl.col("policy"), pl.col("ended_at")
    figure = pl.col("figure")
    target = pl.coalesce(pl.when(figure == name).then(promises.target(policy, name)) for name in FIGURES)
    until = pl.coalesce(ended_at, pl.lit(as_of))
    clocked = (
        cases.with_columns(policy=promises.policy_of_tier(pl.col("own_tier"), pl.col("started_at")))
        .with_columns(
            _target=target,
            _started=promises.passed(policy, pl.col("started_at")),
            _until=promises.passed(policy, until),
        )
        .with_columns(
            _passed=pl.col("_until") - pl.col("_started"),
            due_at=promises.due_at(policy, passed=pl.col("_started"), target=pl.col("_target")),
        )
        .with_columns(verdict=_verdict(as_of))
    )
    took = pl.when(ended_at.is_not_null()).then(pl.col("_passed"))
    near = (pl.col("verdict") == MET) & (5 * pl.col("_passed") > 4 * pl.col("_target"))
    return clocked.with_columns(
        group=promises.group(policy),
        hours=hours(ended_at - pl.col("started_at")),
        business_hours=hours_of(took),
        off_hours=(took == 0).fill_null(value=False),
        near_miss=near.fill_null(value=False),
        used=pl.col("_passed") / pl.col("_target"),
    ).drop("policy", "_target", "_started", "_until", "_passed")


def _verdict(as_of: dt.datetime) -> pl.Expr:
    ended_at, due_at = pl.col("ended_at"), pl.col("due_at")
    # A target longer than all business hours left in the calendar is never due.
    in_time = due_at.is_null() | (ended_at <= due_at)
    hoped = (pl.col("hope_at") <= due_at).fill_null(value=False)
    return (
        pl.when(pl.col("_target").is_null())
        .then(None)
        .when(ended_at.is_not_null())
        .then(pl.when(in_time).then(pl.lit(MET)).otherwise(pl.lit(BREACHED)))
        .when((due_at <= as_of) & ~hoped)
        .then(pl.lit(BREACHED))
        .otherwise(pl.lit(PENDING))
    )
