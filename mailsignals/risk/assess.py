"""From facts to risk, in one story: outlook, state, the two causes, risk, level, reasons."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import polars as pl

from mailsignals.clock import local_date
from mailsignals.config import Settings
from mailsignals.errors import UserError
from mailsignals.risk.levels import level
from mailsignals.risk.marks import MARKS
from mailsignals.risk.outlook import outlook
from mailsignals.risk.predicted import Predicted
from mailsignals.risk.reasons import (
    ALSO,
    REASON,
    Reason,
    also_worth_knowing,
    reasons,
    too_little_sight,
)
from mailsignals.risk.state import JUDGED, STATES, state
from mailsignals.risk.terms import QUIET_FEATURES, Term, against_median, share_of_cause, term_of, total
from mailsignals.signals.facts import Facts
from models.features import FEATURES
from models.leaving import base_log_odds, untrained_terms
from models.risk import CAUSES, burden, chance, combined
from models.scorecard import contributions

RISK_SCHEMA = pl.Schema(
    {
        "account_id": pl.String(),
        "as_of": pl.Datetime("us", "UTC"),
        "state": pl.String(),
        "risk": pl.Float64(),
        "quiet": pl.Float64(),
        "leaving": pl.Float64(),
        "level": pl.String(),
        "source": pl.String(),
        "expected_loss": pl.Float64(),
        "reasons": pl.List(REASON),
    }
)
"""What ``mailsignals risk`` writes: chances within 90 days, 0 to 1; ``expected_loss`` in the currency of ``arr``."""

SCORECARD = "quiet+scorecard"
"""The source of risk where no model is in use."""
CHURNERS_FOR_MONEY = 20
"""So many accounts must be known to have left before a chance to leave may be multiplied with money."""

PART = pl.Struct(
    {
        "cause": pl.String(),
        "input": pl.String(),
        "value": pl.Float64(),
        "usual": pl.Float64(),
        "adds": pl.Float64(),
    }
)
"""What one input adds to the log odds of a cause; those of one cause add up to it, ``USUAL`` among them."""
USUAL = "the usual customer"
"""The part of the median account, against which the others are told."""

_KNOWN_TO_TELL = (*JUDGED, "lapsed")


def assess(  # noqa: PLR0913  # what is known of accounts, and what says how likely something happens
    facts: Facts,
    book: pl.DataFrame,
    people: pl.DataFrame,
    settings: Settings,
    *,
    as_of: dt.datetime,
    quiet: pl.DataFrame,
    predicted: Predicted | None = None,
) -> pl.DataFrame:
    """The outlook of every account of the book with ``RISK_SCHEMA`` added, in the order in which accounts are listed.

    Accounts stand by state, as ``STATES`` has them, then by risk, the highest first; lapsed ones by their last mail,
    the newest first. ``quiet_log_odds``, ``leaving_log_odds``, ``parts`` (a list of ``PART``) and ``also`` (a list of
    ``ALSO``) stand beside, and the columns of ``quiet``.

    Args:
        facts: of all accounts; the scorecard compares them with each other.
        book: the account list's rows, as they held at the instant.
        people: the addresses behind ``person``.
        settings: thresholds and weights.
        as_of: the instant.
        quiet: the accounts that ever wrote, as ``risk.quiet.quiet_of`` has them.
        predicted: what the model in use says of the accounts at the instant.
    """
    rows = outlook(
        facts,
        book,
        people,
        as_of=as_of,
        reply_horizon=dt.timedelta(days=settings.signals.reply_horizon_days),
        timezone=settings.company.timezone,
    )
    new = ["account", *(name for name in quiet.columns if name not in rows.columns)]
    judged = rows.join(quiet.select(new), on="account", how="left", maintain_order="left").with_columns(
        state=state(
            as_of,
            timezone=settings.company.timezone,
            max_visibility_gap=settings.risk.max_visibility_gap,
        )
    )
    with_causes, terms = _with_causes(judged, settings, predicted)
    one_cause = predicted is not None and predicted.sets_order
    risk = pl.col("leaving") if one_cause else combined(burden_of_all())
    today = local_date(as_of, settings.company.timezone)
    may_count_money = book.filter(pl.col("churned_on") <= today).height >= CHURNERS_FOR_MONEY
    found = (
        with_causes.with_columns(leaving=chance(pl.col("leaving_log_odds")))
        .with_columns(
            risk=pl.when(pl.col("leaving").is_not_null()).then(risk),
            source=pl.lit(_source(predicted)),
            expected_loss=pl.col("leaving") * pl.col("arr")
            if may_count_money
            else pl.lit(None, dtype=pl.Float64),
            **{f"{cause}_share": share_of_cause(cause, one_cause=one_cause) for cause in CAUSES},
        )
        .with_columns(
            level=level(
                high_risk=settings.risk.high_risk,
                medium_risk=settings.risk.medium_risk,
                accounts_per_csm=settings.risk.accounts_per_csm,
            )
        )
    )
    return _in_order(_explained(found, terms, settings))


def burden_of_all() -> pl.Expr:
    """The sum of the burdens of both causes."""
    return burden(pl.col("quiet_log_odds")) + burden(pl.col("leaving_log_odds"))


def _source(predicted: Predicted | None) -> str:
    if predicted is None:
        return SCORECARD
    return predicted.source if predicted.sets_order else f"quiet+{predicted.source}"


def _with_causes(
    judged: pl.DataFrame, settings: Settings, predicted: Predicted | None
) -> tuple[pl.DataFrame, Sequence[Term]]:
    """The rows with the log odds of both causes and a column for each term, and the terms."""
    if predicted is None:
        base = base_log_odds(settings.risk.churn_a_year)
        parts = untrained_terms(_scorecard(judged, settings)).drop("as_of")
        told = {feature.name: feature for feature in FEATURES}
    else:
        base, parts = predicted.intercept, predicted.parts
        told = {feature.name: feature for feature in predicted.drivers}
    names = [name for name in parts.columns if name != "account"]
    terms = [
        *(term_of("quiet", feature.name, feature) for feature in QUIET_FEATURES),
        *(term_of("leaving", name, told.get(name)) for name in names),
    ]
    further = [] if predicted is None else [predicted.facts]
    rows = judged
    for frame in further:
        rows = rows.join(frame, on="account", how="left", maintain_order="left")
    leaving = parts.select("account", pl.col(names).name.prefix("leaving "))
    rows = rows.join(leaving, on="account", how="left", maintain_order="left")
    columns = [f"leaving {name}" for name in names]
    can_tell = pl.col("state").is_in(JUDGED) & pl.col("quiet").is_not_null()
    return rows.with_columns(
        *(pl.when(can_tell).then(pl.col(name).fill_null(0.0)).alias(name) for name in columns),
        *(feature.expr.alias(f"quiet {feature.name}") for feature in QUIET_FEATURES),
        quiet_log_odds=pl.when(pl.col("quiet").is_not_null()).then("quiet_logit"),
    ).with_columns(leaving_log_odds=pl.when(can_tell).then(base + total(columns))), terms


def _scorecard(judged: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """What each feature adds to the scorecard of the accounts that can be compared with their own past."""
    comparable = pl.col("state").is_in(("active", "seldom_writes"))
    enough = pl.col("touches_180").fill_null(0) >= settings.risk.min_touches
    return contributions(judged.filter(comparable & enough), settings.risk.weights.model_dump())


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    place = pl.col("state").replace_strict(list(STATES), list(range(len(STATES))), return_dtype=pl.Int64)
    lapsed_at = pl.when(pl.col("state") == "lapsed").then("last_inbound_at")
    return rows.sort(
        place,
        -pl.col("risk"),
        lapsed_at,
        "account",
        descending=[False, False, True, False],
        nulls_last=True,
        maintain_order=True,
    )


def _explained(found: pl.DataFrame, terms: Sequence[Term], settings: Settings) -> pl.DataFrame:
    """With ``reasons``, ``also`` and ``parts``."""
    split = against_median(found, terms)
    features = {term.feature.name: term.feature for term in terms if term.feature}
    worded = split.rows.with_columns(
        *(
            mark.holds(settings.risk.marks).fill_null(value=False).alias(f"mark {mark.name}")
            for mark in MARKS
        ),
        *(mark.value.alias(f"value {mark.name}") for mark in MARKS),
        *(mark.before.alias(f"before {mark.name}") for mark in MARKS),
        *(feature.value.cast(pl.Float64).alias(f"value {name}") for name, feature in features.items()),
        *(feature.usual.cast(pl.Float64).alias(f"usual {name}") for name, feature in features.items()),
    )
    told: list[list[Reason]] = []
    also: list[list[Reason]] = []
    for row in worded.iter_rows(named=True):
        own = _own_reasons(row, terms)
        told.append(own)
        also.append(also_worth_knowing(row, MARKS, own) if row["state"] in _KNOWN_TO_TELL else [])
    return found.with_columns(
        pl.Series("reasons", told, dtype=pl.List(REASON)),
        pl.Series("also", also, dtype=pl.List(ALSO)),
        _parts(worded, terms),
    )


def _own_reasons(row: dict[str, Any], terms: Sequence[Term]) -> list[Reason]:
    if row["risk"] is not None:
        return reasons(row, terms)
    return too_little_sight(row) if row["state"] == "not_enough_sight" else []


def _parts(worded: pl.DataFrame, terms: Sequence[Term]) -> pl.Series:
    """What each input of each account is, usually is, and adds, in the order of the rows; null where nothing is judged.

    By cause, the median account first, then by size.
    """
    nothing = pl.lit(None, dtype=pl.Float64)
    rows = []
    for cause in CAUSES:
        usual = _part(cause, USUAL, nothing, nothing, pl.col(f"{cause} usual"))
        own = [
            _part(
                cause,
                term.name,
                pl.col(f"value {term.name}") if term.feature else nothing,
                pl.col(f"usual {term.name}") if term.feature else nothing,
                pl.col(term.column),
            )
            for term in terms
            if term.cause == cause
        ]
        largest = (
            pl.concat_list(own).list.eval(
                pl.element().sort_by(
                    pl.element().struct.field("adds").abs(), descending=True, maintain_order=True
                )
            )
            if own
            else pl.lit([], dtype=pl.List(PART))
        )
        known = pl.col(f"{cause}_log_odds").is_not_null()
        rows.append(
            pl.when(known).then(pl.concat_list(usual, largest)).otherwise(pl.lit([], dtype=pl.List(PART)))
        )
    parts = worded.select(parts=pl.concat_list(rows), judged=pl.col("quiet_log_odds").is_not_null())
    return parts.select(parts=pl.when("judged").then("parts"))["parts"]


def _part(cause: str, name: str, value: pl.Expr, usual: pl.Expr, adds: pl.Expr) -> pl.Expr:
    return pl.struct(
        pl.lit(cause).alias("cause"),
        pl.lit(name).alias("input"),
        value.alias("value"),
        usual.alias("usual"),
        adds.alias("adds"),
    )


def parts_of(assessed: pl.DataFrame, account_id: str) -> tuple[dict[str, Any], pl.DataFrame]:
    """Return one account's row of ``assess``, and all that adds to its two chances, in ``PART``.

    Raises:
        UserError: there is no such account, or nothing can be said of it.
    """
    found = assessed.filter(pl.col("account_id") == account_id)
    if found.is_empty():
        raise UserError(f"--explain {account_id}: the account list has no such account_id.")
    row = found.row(0, named=True)
    if row["parts"] is None:
        why = row["state"].replace("_", " ")
        raise UserError(f"--explain {account_id}: this account is not judged on that date ({why}).")
    return row, pl.DataFrame(row["parts"], schema=pl.Schema(PART))
