"""Replay of history for the early warning: accounts that wrote within 90 days, their predictions, and later silence.

Origins are the 4-weekly snapshots from a year and 90 days after the first email on. All fits at an origin use the
snapshots whose 90 days were over.
"""

import datetime as dt

import numpy as np
import polars as pl

from benchmarks.archive import Archive
from benchmarks.first_scorecard import LEAST_TOUCHES, WIDEST_GAP, first_level, first_scores
from mailsignals.accounts.book import numbered_accounts
from mailsignals.risk.levels import level
from mailsignals.risk.quiet import with_chances
from mailsignals.risk.silences import HORIZON, floats, known_then, quiet_history, snapshot_instants
from mailsignals.risk.track_record import judged_then, sight
from mailsignals.signals.active_days import active_days
from mailsignals.signals.history import history
from models.baselines import few_active_days, fit_plain_logistic, plain_counts
from models.quiet import DEFAULT_CALIBRATION, quiet_logit
from models.quiet_signs import with_signs
from models.risk import burden, combined, probability
from models.sample import Flags, Floats

FIRST_ORIGIN = dt.timedelta(days=455)
SCORED = (pl.col("visibility_gap_90").fill_null(0.0) <= WIDEST_GAP) & (
    pl.col("touches_180").fill_null(0) >= LEAST_TOUCHES
)
TOUCHES = ("account", "sent_at", "outbound", "person")


def warning_rows(archive: Archive) -> pl.DataFrame:
    """Return one row per account and origin, for accounts that wrote in the 90 days before and origins 90 days ago.

    ``silent`` is the outcome. Chances: ``quiet 1`` and ``quiet 2`` (default and calibrated on the archive's own
    silences), ``quiet chosen`` (with further signs where these had won), ``plain`` (the logistic on 11 counts) and
    ``plain scored`` (the same, fitted to scored rows). Scores: ``days since``, ``few active days``, ``risk 1``,
    ``risk 2``, ``risk`` (with the chosen quiet), ``scorecard`` (its first version; null without a score). ``level`` is
    the level of the chosen risk among all rows, ``level active`` that among active accounts (null for others), ``first
    level`` that of the first version. ``scored`` is true for rows that the first version scored.
    """
    timezone = archive.settings.company.timezone
    days = active_days(archive.facts, timezone=timezone)
    left = archive.accounts.with_row_index("account").select(pl.col("account").cast(pl.UInt32), "churned_on")
    silences = quiet_history(days, left, as_of=archive.until, timezone=timezone)
    begin = days.select(pl.col("first_at").min()).item() + FIRST_ORIGIN
    origins = snapshot_instants(begin, archive.until - HORIZON)
    touches = archive.facts.touches.select(TOUCHES).collect()
    both = [
        with_chances(known, since=origins[0], until=origins[-1])
        for known in (silences, with_signs(silences, days, touches))
    ]
    chosen = both[1].select(
        pl.col("quiet_logit").alias("chosen_logit"), pl.col("quiet").alias("quiet chosen")
    )
    rows = both[0].rename({"quiet": "quiet 2"}).with_columns(chosen.get_columns())
    rows = _with_baselines(rows, silences, archive)
    return _with_first_round(_with_risk(rows, archive, origins), archive, origins)


def _with_baselines(rows: pl.DataFrame, silences: pl.DataFrame, archive: Archive) -> pl.DataFrame:
    """Return the rows with days since, few active days, and the plain logistic fitted at each origin."""
    touches = archive.facts.touches.select(TOUCHES).collect()
    counts = plain_counts(touches, silences)
    every = np.ones(silences.height, dtype=bool)
    scored = _scored_then(silences, archive)
    elapsed = (np.expm1(counts["days since inbound"].to_numpy())).astype(np.float64)
    seen = silences.select("account", "as_of").with_columns(pl.Series("days since", elapsed))
    return rows.with_columns(
        pl.Series("few active days", few_active_days(touches, rows)),
        pl.Series("plain", _refitted(silences, counts.to_numpy(), every, rows)),
        pl.Series("plain scored", _refitted(silences, counts.to_numpy(), scored, rows)),
    ).join(seen, on=["account", "as_of"], how="left", maintain_order="left")


def _refitted(silences: pl.DataFrame, counts: Floats, usable: Flags, rows: pl.DataFrame) -> Floats:
    """Return the chances of ``rows`` from plain logistics, each fitted to the usable rows known at the origin."""
    numbered = silences.with_row_index("place").with_columns(usable=pl.Series(usable))
    place = (
        rows.select("account", "as_of")
        .join(
            numbered.select("account", "as_of", "place"),
            on=["account", "as_of"],
            how="left",
            maintain_order="left",
        )["place"]
        .to_numpy()
    )
    found = np.empty(rows.height)
    at = rows["as_of"]
    for origin in at.unique(maintain_order=True):
        over = known_then(numbered, origin).filter("usable")
        known = over["place"].to_numpy()
        silent = over["silent"].to_numpy().astype(np.bool_)
        model = fit_plain_logistic(counts[known], silent, np.ones(len(known)))
        asked = (at == origin).to_numpy()
        found[asked] = model.chance(counts[place[asked]])
    return found


def _with_risk(rows: pl.DataFrame, archive: Archive, origins: list[dt.datetime]) -> pl.DataFrame:
    """Return the rows with the chance of going quiet, the untrained chance of churn, both risks, states and levels."""
    settings = archive.settings
    rules = settings.risk
    judged = judged_then(rows, archive.facts, archive.accounts, settings, origins)
    plain = quiet_logit(floats(judged, "log_odds"), floats(judged, "days_since"), DEFAULT_CALIBRATION)
    leaving = pl.col("leaving_log_odds")
    risky = judged.with_columns(pl.Series("default_logit", plain)).with_columns(
        probability(pl.col("default_logit")).alias("quiet 1"),
        combined(burden(pl.col("default_logit")) + burden(leaving)).alias("risk 1"),
        combined(burden(pl.col("quiet_logit")) + burden(leaving)).alias("risk 2"),
        combined(burden(pl.col("chosen_logit")) + burden(leaving)).alias("risk"),
    )
    levels = level(
        high_risk=rules.high_risk, medium_risk=rules.medium_risk, accounts_per_csm=rules.accounts_per_csm
    )
    active = risky.select("as_of", "state", "csm", "account", risk="risk").select(levels)
    everybody = risky.select("as_of", "csm", "account", state=pl.lit("active"), risk="risk").select(levels)
    return risky.with_columns(everybody.to_series().alias("level"), active.to_series().alias("level active"))


def _with_first_round(rows: pl.DataFrame, archive: Archive, origins: list[dt.datetime]) -> pl.DataFrame:
    """Return the rows with the scorecard and the level of the first version, which also scored silent accounts.

    Accounts with churn dates stay, because only silence is compared.
    """
    timezone = archive.settings.company.timezone
    csms = numbered_accounts(archive.accounts, ["csm"])
    judged = (
        history(archive.facts, origins, timezone=timezone)
        .join(sight(archive.facts, origins), on=["account", "as_of"], how="left", maintain_order="left")
        .join(csms, on="account", how="left", maintain_order="left")
        .filter(SCORED)
    )
    scores = first_scores(judged, archive.settings.risk.weights.model_dump())
    found = judged.select("account", "as_of", "csm").join(scores, on=["account", "as_of"], how="left")
    levelled = found.select(
        "account",
        "as_of",
        first_level().alias("first level"),
        pl.col("raw_score").alias("scorecard"),
        scored=pl.lit(value=True),
    )
    return rows.join(levelled, on=["account", "as_of"], how="left", maintain_order="left").with_columns(
        pl.col("scored").fill_null(value=False)
    )


def _scored_then(silences: pl.DataFrame, archive: Archive) -> Flags:
    """Return the rows with ``scored``: true with enough touches and enough visible mail for the first version."""
    seen = silences.select("account", "as_of").join(
        sight(archive.facts, silences["as_of"].unique().to_list()),
        on=["account", "as_of"],
        how="left",
        maintain_order="left",
    )
    return np.asarray(seen.select(SCORED).to_series().to_numpy().astype(np.bool_))
