"""Facts to risk in one pass: outlook, state, the two causes, risk, level, reasons."""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from mailsignals.clock import local_date
from mailsignals.config import Settings
from mailsignals.risk.explanation import with_explanations
from mailsignals.risk.levels import level
from mailsignals.risk.outlook import outlook
from mailsignals.risk.predicted import Predicted
from mailsignals.risk.reasons import REASON
from mailsignals.risk.state import JUDGED, STATES, comparable, state
from mailsignals.risk.terms import (
    RiskTerm,
    burden_of_both,
    quiet_features,
    share_of_cause,
    sum_of_columns,
    term_of,
)
from mailsignals.signals.facts import Facts
from mailsignals.wording.people import PersonNames
from models.features import FEATURES
from models.leaving import base_log_odds, untrained_terms
from models.risk import CAUSES, UNTRAINED, WITH_QUIET, combined, probability
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
"""The columns of ``mailsignals risk``: chances within 90 days, 0 to 1; ``expected_loss`` in the currency of ``arr``."""

CHURNERS_FOR_MONEY = 20
"""Churned accounts that an expected loss needs."""


def assess(  # noqa: PLR0913  # what is known of accounts, and what says how likely something happens
    facts: Facts,
    book: pl.DataFrame,
    people: pl.DataFrame,
    settings: Settings,
    *,
    as_of: dt.datetime,
    quiet: pl.DataFrame,
    predicted: Predicted | None = None,
    names: PersonNames | None = None,
) -> pl.DataFrame:
    """Return the outlook of every account of the list with ``RISK_SCHEMA`` added, in the order of lists.

    Accounts stand by state, as ``STATES`` has them, then by risk, the highest first; lapsed ones by their last email,
    the newest first. ``quiet_log_odds``, ``leaving_log_odds``, ``parts`` (a list of ``PART``) and ``also`` (a list of
    ``ALSO``) stand beside, ``back_again`` (of lapsed accounts, the chance to write within 90 days), and the columns of
    ``quiet``.

    Args:
        facts: of all accounts; the scorecard compares them with each other.
        book: the account list's rows, as it was at the date and time.
        people: the addresses behind ``person``.
        settings: thresholds and weights.
        as_of: the date and time.
        quiet: the accounts that ever wrote, as ``risk.quiet.quiet_of`` has them, with ``back_again``.
        predicted: the chances of churn by the model in use; None without one.
        names: of people, for sentences; addresses without.
    """
    rows = outlook(
        facts,
        book,
        people,
        as_of=as_of,
        reply_horizon=dt.timedelta(days=settings.signals.reply_horizon_days),
        timezone=settings.company.timezone,
        names=names,
    )
    new = ["account", *(name for name in quiet.columns if name not in rows.columns)]
    judged = rows.join(quiet.select(new), on="account", how="left", maintain_order="left").with_columns(
        state=state(
            as_of,
            timezone=settings.company.timezone,
            max_visibility_gap=settings.risk.max_visibility_gap,
        )
    )
    lapsed = pl.col("state") == "lapsed"
    judged = judged.with_columns(back_again=pl.when(lapsed).then("back_again"))
    with_causes, terms = _with_causes(judged, settings, predicted)
    one_cause = predicted is not None and predicted.sets_order
    risk = pl.col("leaving") if one_cause else combined(burden_of_both())
    today = local_date(as_of, settings.company.timezone)
    may_count_money = book.filter(pl.col("churned_on") <= today).height >= CHURNERS_FOR_MONEY
    found = (
        with_causes.with_columns(leaving=probability(pl.col("leaving_log_odds")))
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
    return _in_order(
        with_explanations(found, terms, settings.risk.marks, currency=settings.accounts.currency)
    )


def _source(predicted: Predicted | None) -> str:
    if predicted is None:
        return UNTRAINED
    return predicted.source if predicted.sets_order else f"{WITH_QUIET}{predicted.source}"


def _with_causes(
    judged: pl.DataFrame, settings: Settings, predicted: Predicted | None
) -> tuple[pl.DataFrame, Sequence[RiskTerm]]:
    """The rows with the log odds of both causes and a column for each term, and the terms.

    Terms of churn are null for accounts that are not compared with their past.
    """
    if predicted is None:
        base = base_log_odds(settings.risk.churn_a_year)
        parts = untrained_terms(_scorecard(judged, settings)).drop("as_of")
        told = {feature.name: feature for feature in FEATURES}
    else:
        base, parts = predicted.intercept, predicted.parts
        told = {feature.name: feature for feature in predicted.drivers}
    names = [name for name in parts.columns if name != "account"]
    quiet = quiet_features(judged.columns)
    terms = [
        *(term_of("quiet", feature.name, feature) for feature in quiet),
        *(term_of("leaving", name, told.get(name)) for name in names),
    ]
    rows = judged
    if predicted is not None:
        rows = rows.join(predicted.facts, on="account", how="left", maintain_order="left")
    leaving = parts.select("account", pl.col(names).name.prefix("leaving "))
    rows = rows.join(leaving, on="account", how="left", maintain_order="left")
    columns = [f"leaving {name}" for name in names]
    can_tell = pl.col("state").is_in(JUDGED) & pl.col("quiet").is_not_null()
    return rows.with_columns(
        *(pl.when(can_tell).then(pl.col(name)).alias(name) for name in columns),
        *(feature.expr.alias(f"quiet {feature.name}") for feature in quiet),
        quiet_log_odds=pl.when(pl.col("quiet").is_not_null()).then("quiet_logit"),
    ).with_columns(leaving_log_odds=pl.when(can_tell).then(base + sum_of_columns(columns))), terms


def _scorecard(judged: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return the score that each feature adds, of accounts with enough past to compare with."""
    compared = judged.filter(comparable(settings.risk.min_touches))
    return contributions(compared, settings.risk.weights.model_dump())


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
