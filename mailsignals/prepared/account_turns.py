"""One account's turns: how soon each was answered, what waits for us, and what came of our check-ins."""

import polars as pl

from mailsignals.prepared.account_mails import DAYS, WEEKS, since
from mailsignals.prepared.material import Material
from mailsignals.signals.conversations import OPEN_SPAN
from mailsignals.signals.facts import CHECKIN
from mailsignals.signals.signal import hours

ANSWER_DAYS = 182
"""How far back charts show how soon each side answers."""

ANSWERED = pl.col("answered_at")
STARTED = pl.col("started_at")


def answers(material: Material) -> pl.LazyFrame:
    """A row a turn that began in the last ``DAYS``, by account.

    Returns:
        ``account``, ``started_at``, ``answered_at`` (null: open), ``answered_by``, ``outbound`` (true: we wrote, and
        they are to answer), ``role``, ``person``, ``opening``, ``due_at`` (null: nothing was promised),
        ``conversation``, ``hours`` (from start to answer) and ``open_hours`` (the same within the open hours).
    """
    account = pl.col("account")
    return (
        _until(material)
        .filter(STARTED.is_between(*since(material.as_of, DAYS), closed="right"))
        .select(
            *("account", "started_at", "answered_at", "answered_by", "outbound", "role", "person"),
            *("opening", "due_at", "conversation"),
            hours=hours(ANSWERED - STARTED),
            open_hours=pl.when(ANSWERED.is_not_null()).then(
                material.promises.open_hours(account, STARTED, pl.coalesce(ANSWERED, STARTED))
            ),
        )
    )


def weeks(material: Material) -> pl.LazyFrame:
    """The turns of the last ``ANSWER_DAYS`` in numbers, by account, the newest week first.

    Returns:
        ``account``, ``week_on`` (a Monday in the company's time zone), ``turns``; and of either side (``ours_``,
        ``theirs_``) ``answers``, ``hours`` (their median), and ``open``: what it has not answered.
    """
    week_on = STARTED.dt.convert_time_zone(material.settings.company.timezone).dt.truncate("1w").dt.date()
    sides = {"ours": ~pl.col("outbound"), "theirs": pl.col("outbound")}
    took = hours(ANSWERED - STARTED)
    return (
        _until(material)
        .filter(STARTED.is_between(*since(material.as_of, ANSWER_DAYS), closed="right"))
        .group_by("account", week_on=week_on)
        .agg(
            pl.len().alias("turns"),
            *(took.filter(side).count().alias(f"{name}_answers") for name, side in sides.items()),
            *(took.filter(side).median().alias(f"{name}_hours") for name, side in sides.items()),
            *((side & ANSWERED.is_null()).sum().alias(f"{name}_open") for name, side in sides.items()),
        )
        .sort("account", "week_on", descending=[False, True])
    )


def waiting(material: Material) -> pl.DataFrame:
    """The customers' turns of the last 90 days that wait for us, by account, what is due first on top.

    Returns:
        ``account``, ``started_at``, ``person``, ``role``, ``opening``, ``conversation``, ``due_at`` (null: nothing was
        promised), ``late``, ``open_hours`` (until it is due, or since), ``by_calendar`` and ``due_on``, as the queue of
        a digest has them.
    """
    account, due_at, as_of = pl.col("account"), pl.col("due_at"), since(material.as_of, 0)[1]
    promises = material.promises
    return (
        _until(material)
        .filter(
            ~pl.col("outbound"),
            ANSWERED.is_null(),
            STARTED.is_between(*since(material.as_of, OPEN_SPAN), closed="right"),
        )
        .with_columns(late=(due_at <= as_of).fill_null(value=False))
        .select(
            *("account", "started_at", "person", "role", "opening", "conversation", "due_at", "late"),
            open_hours=pl.when(due_at.is_not_null()).then(
                promises.open_hours(
                    account, pl.min_horizontal(as_of, due_at), pl.max_horizontal(as_of, due_at)
                )
            ),
            by_calendar=promises.in_open_hours(promises.policy(account, as_of)),
            due_on=due_at.dt.convert_time_zone(material.settings.company.timezone).dt.date(),
        )
        .sort("account", "due_at", "started_at", nulls_last=True)
        .collect(engine=material.facts.engine)
    )


def checkins(material: Material) -> pl.LazyFrame:
    """Conversations that customer success began in two years, by account.

    Returns:
        ``account``, ``started_at``, ``person``, ``answered_at``, ``answered_by``, ``conversation``, ``hours``,
        ``replied`` (within the days that a customer has), and ``eligible`` (these days have passed).
    """
    horizon = pl.duration(days=material.settings.signals.reply_horizon_days)
    return (
        _until(material)
        .filter(CHECKIN, STARTED.is_between(*since(material.as_of, 7 * WEEKS), closed="right"))
        .select(
            *("account", "started_at", "person", "answered_at", "answered_by", "conversation"),
            hours=hours(ANSWERED - STARTED),
            replied=(horizon >= ANSWERED - STARTED).fill_null(value=False),
            eligible=STARTED + horizon <= since(material.as_of, 0)[1],
        )
    )


def _until(material: Material) -> pl.LazyFrame:
    """The turns as they stand at the instant: what is answered later is open."""
    known = pl.col("answered_at") <= since(material.as_of, 0)[1]
    return material.facts.turns.filter(since(material.as_of, 0)[1] >= STARTED).with_columns(
        answered_at=pl.when(known).then("answered_at"), answered_by=pl.when(known).then("answered_by")
    )
