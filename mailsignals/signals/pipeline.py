"""All signals of all accounts as of any number of times, in one pass over the facts."""

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import polars as pl

from mailsignals.signals import conversations, people, programs, response, silence, visibility, volume
from mailsignals.signals.facts import Facts
from mailsignals.signals.instants import KEYS, Instants
from mailsignals.signals.signal import WINDOWS, Signal

WINDOW_SIGNALS: tuple[Signal, ...] = (
    *volume.SIGNALS,
    *people.SIGNALS,
    *conversations.SIGNALS,
    *response.SIGNALS,
    *visibility.SIGNALS,
    *programs.SIGNALS,
)
MOMENT_SIGNALS: tuple[Signal, ...] = (
    *silence.MOMENT_SIGNALS,
    *conversations.MOMENT_SIGNALS,
    *people.MOMENT_SIGNALS,
    *programs.MOMENT_SIGNALS,
)
SIGNALS = WINDOW_SIGNALS + MOMENT_SIGNALS
SIGNALS_BY_NAME: Mapping[str, Signal] = MappingProxyType({signal.name: signal for signal in SIGNALS})


def signals(facts: Facts, as_ofs: Iterable[dt.datetime], *, reply_horizon: dt.timedelta) -> pl.DataFrame:
    """Return all signals, one row per ``account``, ``as_of`` and ``window_days``.

    Args:
        facts: the facts of the accounts that get rows.
        as_ofs: as-of times with a time zone; facts later than an as-of time do not count for it.
        reply_horizon: the time within which a check-in must be answered to count as answered.
    """
    instants = Instants.of(as_ofs)
    near = facts.in_sight_of(instants.as_of[0], instants.as_of[-1])
    plans = [_moment_plans(near, instants)]
    plans += [_window_plans(near, instants, days, reply_horizon) for days in WINDOWS]
    found = iter(pl.collect_all([plan for group in plans for plan in group], engine=facts.engine))
    moments, *windows = ([next(found) for _ in group] for group in plans)
    timed = response.measures(near, instants)
    at_moment = instants.on_grid(
        facts.accounts, [*moments, *silence.latest(facts, near.checkins, instants)]
    ).select(*KEYS, *(signal.expr.alias(signal.name) for signal in MOMENT_SIGNALS))
    return (
        pl.concat(
            instants.on_grid(facts.accounts, [*measures, times])
            .with_columns(window_days=pl.lit(days, dtype=pl.Int64))
            .select(*KEYS, "as_of", "window_days", *(s.expr.alias(s.name) for s in WINDOW_SIGNALS))
            .join(at_moment, on=KEYS, how="left", maintain_order="left")
            for days, measures, times in zip(WINDOWS, windows, timed, strict=True)
        )
        .sort(*KEYS, "window_days")
        .drop("instant")
    )


def _moment_plans(facts: Facts, instants: Instants) -> list[pl.LazyFrame]:
    return [
        *silence.moments(facts, instants),
        *conversations.conversation_moments(facts, instants),
        *people.people_moments(facts, instants),
        *programs.program_moments(facts, instants),
        programs.latest_meeting(facts, instants),
    ]


def _window_plans(
    facts: Facts, instants: Instants, days: int, reply_horizon: dt.timedelta
) -> list[pl.LazyFrame]:
    return [
        *volume.measures(facts, instants, days),
        *people.measures(facts, instants, days),
        *conversations.measures(facts, instants, days, reply_horizon=reply_horizon),
        *visibility.measures(facts, instants, days),
        *programs.measures(facts, instants, days),
    ]
