"""Response times of each side, with and without unanswered emails."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from mailsignals.signals.durations import MAX_GROUPS, Durations
from mailsignals.signals.facts import Facts
from mailsignals.signals.instants import Instants
from mailsignals.signals.provenance import ANSWERED, INBOUND_TURNS, OUTBOUND_TURNS
from mailsignals.signals.signal import WINDOWS, Signal, window

_OUR_ANSWERS, _THEIR_ANSWERS = INBOUND_TURNS.where(ANSWERED), OUTBOUND_TURNS.where(ANSWERED)
_MEDIAN, _P90 = pl.col("hours").median(), pl.col("hours").quantile(0.9, "linear")

SIGNALS = (
    Signal(
        "response_hours_median",
        "hours",
        "Our response time: median.",
        pl.col("response_hours_median"),
        rows=_OUR_ANSWERS,
        from_rows=_MEDIAN,
    ),
    Signal(
        "response_hours_p90",
        "hours",
        "Our response time: P90 (9 in 10 responses were faster).",
        pl.col("response_hours_p90"),
        rows=_OUR_ANSWERS,
        from_rows=_P90,
    ),
    Signal(
        "first_response_hours_median",
        "hours",
        "Our response time to emails that open a conversation: median.",
        pl.col("first_response_hours_median"),
        rows=_OUR_ANSWERS.where(pl.col("opening")),
        from_rows=_MEDIAN,
    ),
    Signal(
        "response_hours_km_median",
        "hours",
        "Our response time: median that counts unanswered emails (Kaplan-Meier).",
        pl.col("response_hours_km_median"),
        rows=INBOUND_TURNS,
        from_rows=None,
    ),
    Signal(
        "customer_response_hours_median",
        "hours",
        "Customer response time: median.",
        pl.col("customer_response_hours_median"),
        rows=_THEIR_ANSWERS,
        from_rows=_MEDIAN,
    ),
    Signal(
        "customer_response_hours_p90",
        "hours",
        "Customer response time: P90 (9 in 10 responses were faster).",
        pl.col("customer_response_hours_p90"),
        rows=_THEIR_ANSWERS,
        from_rows=_P90,
    ),
    Signal(
        "customer_response_hours_km_median",
        "hours",
        "Customer response time: median that counts unanswered emails (Kaplan-Meier).",
        pl.col("customer_response_hours_km_median"),
        rows=OUTBOUND_TURNS,
        from_rows=None,
    ),
)

_OURS, _THEIRS = 0, 1


def measures(facts: Facts, instants: Instants) -> list[pl.DataFrame]:
    """Return the response times, in hours, of turns that started in each window: one frame per window."""
    found = [_of_accounts(facts, instants, accounts) for accounts in _shares(facts.accounts, instants)]
    return [pl.concat(frames) for frames in zip(*found, strict=True)]


def _shares(accounts: pl.Series, instants: Instants) -> Iterator[pl.Series]:
    """Batches of accounts small enough for one sort; at least one batch.

    Raises:
        ValueError: there are more as-of times than one sort can hold.
    """
    size = MAX_GROUPS // (2 * len(instants))
    if size == 0:
        raise ValueError(f"at most {MAX_GROUPS // 2:,} as-of times at once")
    ordered = accounts.sort()
    for offset in range(0, max(ordered.len(), 1), size):
        yield ordered.slice(offset, size)


def _of_accounts(facts: Facts, instants: Instants, accounts: pl.Series) -> list[pl.DataFrame]:
    """The measures of some accounts. A group is an account, an as-of time and the side that answers."""
    stacked = _stacked(facts, instants, accounts)
    packed = Durations.pack(
        stacked["group"].to_numpy(),
        stacked["microseconds"].to_numpy(),
        censored=stacked["censored"].to_numpy(),
        ring=stacked["ring"].to_numpy(),
        opening=stacked["opening"].to_numpy(),
    )
    groups = 2 * accounts.len() * len(instants)
    keys = pl.DataFrame({"account": accounts}).join(
        pl.DataFrame({"instant": np.arange(len(instants), dtype=np.uint32)}),
        how="cross",
        maintain_order="left_right",
    )
    return [
        keys.hstack(_measured(packed.within(ring), groups).fill_nan(None)) for ring in range(len(WINDOWS))
    ]


def _stacked(facts: Facts, instants: Instants, accounts: pl.Series) -> pl.DataFrame:
    """Each turn once for every as-of time in whose longest window it started."""
    started_at, answered_at = pl.col("started_at"), pl.col("answered_at")
    number = pl.col("account").replace_strict(
        accounts,
        pl.int_range(accounts.len(), dtype=pl.Int64, eager=True),
        default=None,
        return_dtype=pl.Int64,
    )
    open_ = (answered_at > pl.col("as_of")).fill_null(value=True)
    age = pl.col("as_of") - started_at
    rings = [(age >= window(days)).cast(pl.Int64) for days in WINDOWS[:-1]]
    chosen = facts.turns.filter(pl.col("account").is_between(accounts.min(), accounts.max()))
    return (
        instants.stack(
            chosen.select(
                number.alias("number"), "outbound", "opening", "started_at", "answered_at"
            ).drop_nulls("number"),
            since=started_at,
            until=started_at + window(WINDOWS[-1]),
        )
        .select(
            "opening",
            group=(pl.col("number") * len(instants) + pl.col("instant")) * 2
            + pl.col("outbound").cast(pl.Int64),
            microseconds=(
                pl.when(open_).then("as_of").otherwise(answered_at) - started_at
            ).dt.total_microseconds(),
            censored=open_,
            ring=pl.sum_horizontal(rings),
        )
        .collect(engine=facts.engine)
    )


def _measured(packed: Durations, groups: int) -> pl.DataFrame:
    answered = packed.answered()
    median, p90 = answered.quantiles(groups, 0.5, 0.9)
    (first,) = packed.answered(opening=True).quantiles(groups, 0.5)
    km = packed.kaplan_meier_medians(groups)
    return pl.DataFrame(
        {
            "response_hours_median": median[_OURS::2],
            "response_hours_p90": p90[_OURS::2],
            "first_response_hours_median": first[_OURS::2],
            "response_hours_km_median": km[_OURS::2],
            "customer_response_hours_median": median[_THEIRS::2],
            "customer_response_hours_p90": p90[_THEIRS::2],
            "customer_response_hours_km_median": km[_THEIRS::2],
        }
    )
