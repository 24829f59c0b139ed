"""The track record of each level: past snapshots with the data of their time, and the outcomes 90 days after.

Levels are those of the method without a trained model: a model of today knows which accounts churned since.
"""

import dataclasses
import datetime as dt
from collections.abc import Sequence

import polars as pl

from mailsignals.accounts.book import numbered_accounts
from mailsignals.config import Settings
from mailsignals.risk.levels import LEVELS, level
from mailsignals.risk.quiet import with_chances
from mailsignals.risk.silences import HORIZON, MONTH, snapshot_instants
from mailsignals.risk.state import comparable, state
from mailsignals.risk.terms import sum_of_columns
from mailsignals.schema import BOOK_SCHEMA
from mailsignals.signals import visibility
from mailsignals.signals.facts import Facts
from mailsignals.signals.history import history
from mailsignals.signals.instants import Instants
from mailsignals.signals.signal import window
from models.leaving import base_log_odds, untrained_terms
from models.risk import burden, combined
from models.scorecard import contributions

YEARS = dt.timedelta(days=730)
SNAPSHOTS_A_QUARTER = 3
LEAST_EVENTS = 20
"""Cases of silence (or of churn) at a level under which its share is not shown, on any surface."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LevelRecord:
    """Outcomes of the accounts that stood at a level, each counted once a quarter, against all active accounts."""

    level: str
    n: int
    events: int
    """The number of them that wrote nothing in the 90 days after."""
    share: float | None
    """The share of them that went silent, 0 to 1; null with under ``LEAST_EVENTS`` cases."""
    all_share: float | None
    """The same share of all active accounts."""
    left_share: float | None
    """The share of them that churned in the 90 days after, 0 to 1; null with under ``LEAST_EVENTS`` cases."""
    all_left_share: float | None
    """The same share of all active accounts."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class ReplayInputs:
    """The data that a replay of past levels needs."""

    facts: Facts
    """Facts of all accounts."""
    accounts: pl.DataFrame
    """``BOOK_SCHEMA``, in the order of account numbers."""
    silences: pl.DataFrame
    """The rows of ``risk.silences.quiet_history`` for the date and time."""
    settings: Settings


def track_record(given: ReplayInputs, *, as_of: dt.datetime) -> tuple[LevelRecord, ...]:
    """Return the record of each level over the 4-weekly snapshots of two years whose 90 days are over.

    Args:
        given: the data known at the date and time.
        as_of: nothing later matters.

    Returns:
        One record for each of ``LEVELS``, in their order; all empty where no snapshot is over.
    """
    instants = snapshot_instants(as_of - YEARS, as_of - HORIZON)
    if not instants:
        return tuple(_record(name, _NO_ROWS) for name in LEVELS)
    rows = levels_then(given, instants)
    return tuple(_record(name, rows) for name in LEVELS)


_NO_ROWS = pl.DataFrame(
    schema={
        "account": pl.UInt32,
        "quarter": pl.Int64,
        "level": pl.String,
        "silent": pl.Boolean,
        "left": pl.Boolean,
    }
)


def levels_then(given: ReplayInputs, instants: Sequence[dt.datetime]) -> pl.DataFrame:
    """Return every active account of every snapshot: ``account, as_of, quarter, risk, level, silent, left``.

    ``silent`` and ``left`` are of the 90 days after the snapshot; ``left`` is null where no churn date is known at all.
    """
    timezone, rules = given.settings.company.timezone, given.settings.risk
    heard = with_chances(given.silences, since=instants[0], until=instants[-1])
    judged = judged_then(heard, given.facts, given.accounts, given.settings, instants)
    ends_on = pl.col("as_of").dt.offset_by("90d").dt.convert_time_zone(timezone).dt.date()
    known = given.accounts["churned_on"].is_not_null().any()
    return (
        judged.with_columns(risk=combined(burden(pl.col("quiet_logit")) + burden(pl.col("leaving_log_odds"))))
        .with_columns(
            level=level(
                high_risk=rules.high_risk,
                medium_risk=rules.medium_risk,
                accounts_per_csm=rules.accounts_per_csm,
            ),
            quarter=(pl.col("as_of") - pl.lit(instants[0])).dt.total_days()
            // (MONTH.days * SNAPSHOTS_A_QUARTER),
            left=(pl.col("churned_on") <= ends_on).fill_null(value=False)
            if known
            else pl.lit(None, dtype=pl.Boolean),
        )
        .filter(pl.col("state") == "active")
    )


def judged_then(
    heard: pl.DataFrame,
    facts: Facts,
    accounts: pl.DataFrame,
    settings: Settings,
    instants: Sequence[dt.datetime],
) -> pl.DataFrame:
    """Return rows with the account list, ``state``, and ``leaving_log_odds`` without a trained model, in their order.

    Args:
        heard: rows of ``risk.silences.quiet_history`` with ``usual_quiet``.
        facts: of all accounts.
        accounts: ``BOOK_SCHEMA``, in the order of account numbers.
        settings: the rules of states and weights.
        instants: the as-of times of the rows.
    """
    timezone, rules, keys = settings.company.timezone, settings.risk, ["account", "as_of"]
    judged = (
        heard.join(sight(facts, instants), on=keys, how="left", maintain_order="left")
        .join(numbered_accounts(accounts, BOOK_SCHEMA), on="account", how="left", maintain_order="left")
        .with_columns(last_inbound_at="as_of")
        .with_columns(
            state=state(pl.col("as_of"), timezone=timezone, max_visibility_gap=rules.max_visibility_gap)
        )
    )
    compared = judged.filter(comparable(rules.min_touches))
    past = history(facts, list(instants), timezone=timezone).join(compared, on=keys, how="semi")
    parts = untrained_terms(contributions(past, rules.weights.model_dump()))
    changes = parts.select(*keys, changed=sum_of_columns(name for name in parts.columns if name not in keys))
    base = base_log_odds(rules.churn_a_year)
    return (
        judged.join(changes, on=keys, how="left", maintain_order="left")
        .with_columns(leaving_log_odds=base + pl.col("changed").fill_null(0.0))
        .drop("changed")
    )


def _record(name: str, rows: pl.DataFrame) -> LevelRecord:
    everybody = rows.unique(["account", "quarter"], keep="first", maintain_order=True)
    own = rows.filter(pl.col("level") == name).unique(
        ["account", "quarter"], keep="first", maintain_order=True
    )
    return LevelRecord(
        level=name,
        n=own.height,
        events=int(own["silent"].sum()),
        share=_share(own["silent"]),
        all_share=_share(everybody["silent"]),
        left_share=_share(own["left"]),
        all_left_share=_share(everybody["left"]),
    )


def _share(happened: pl.Series) -> float | None:
    if int(happened.sum()) < LEAST_EVENTS:
        return None
    return float(happened.cast(pl.Float64).to_numpy().mean())


def sight(facts: Facts, as_ofs: Sequence[dt.datetime]) -> pl.DataFrame:
    """Return ``account``, ``as_of``, ``touches_180`` and ``visibility_gap_90`` of every account and as-of time."""
    instants = Instants.of(as_ofs)
    sent_at = pl.col("sent_at")
    touches = instants.tally(
        facts.touches, since=sent_at, until=sent_at + window(180), amounts={"touches_180": pl.lit(1)}
    )
    plans = [touches, *visibility.measures(facts, instants, 90)]
    found = instants.on_grid(facts.accounts, pl.collect_all(plans, engine=facts.engine))
    (gap,) = visibility.SIGNALS
    return found.select("account", "as_of", "touches_180", gap.expr.alias("visibility_gap_90"))
