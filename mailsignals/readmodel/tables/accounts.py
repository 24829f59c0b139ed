"""The tables of accounts, flags, recorded scores and signals."""

import datetime as dt

import polars as pl

from mailsignals.flags.flags import HELD_BACK, shown_level, visible_flags
from mailsignals.flags.news import ENTERED, STILL
from mailsignals.risk.totals import totals
from mailsignals.signals.evidence import weekly_mail
from mailsignals.signals.pipeline import SIGNALS
from mailsignals.wording.risk import chance_words, check_words, track_record_words
from mailsignals.workspace import Snapshot

WEEKS = 13

FIGURES = (
    "response_hours_median",
    "customer_response_hours_median",
    "thread_response_rate",
    "checkins",
    "inbound",
    "outbound",
)
"""The signals in the account list, over 30 and 90 days."""

COLUMNS = (
    *(
        "account",
        "account_id",
        "name",
        "tier",
        "csm",
        "started_on",
        "churned_on",
        "renewal_on",
        "arr",
        "state",
    ),
    *("level", "risk", "quiet", "leaving", "quiet_share", "leaving_share", "source", "expected_loss"),
    *("reasons", "also", "days_since", "back_again", "news", "hidden_because", "flagged_on"),
    *("before_on", "before_risk", "before_source"),
    *("days_since_inbound", "days_since_outbound", "last_inbound_person", "last_outbound_person"),
    *("overdue_turns", "main_contacts"),
)


HISTORY_DAYS = 730
"""Days of recorded scores in an edition."""

WEEK_AGO = dt.timedelta(days=7)


def account_rows(snapshot: Snapshot) -> pl.DataFrame:
    """Return all accounts, highest risk first.

    Flags that are held out for comparison stay hidden: their accounts show medium risk and no flag.

    Returns:
        ``COLUMNS`` with ``days_silent`` (whole local days since their last email) for ``days_since``; ``chances``, both
        in words; what was recorded about a week ago (``week_on``, ``week_risk``, ``week_source``); each of
        ``FIGURES`` with ``_30`` and ``_90``, ``days_since_checkin`` and ``open_turns``; and ``theirs`` and ``ours``,
        the emails of customer and team in the last 13 weeks as lists, oldest first.
    """
    parts = (
        _figures(snapshot.signals),
        weekly_mail(snapshot.facts, snapshot.as_of, weeks=WEEKS),
    )
    shown = as_shown(snapshot.overview.select(COLUMNS)).rename({"days_since": "days_silent"})
    rows = _with_chances(shown, snapshot.workspace.settings.risk.churn_a_year).join(
        week_ago(snapshot.scores, snapshot.today), on="account_id", how="left", maintain_order="left"
    )
    for part in parts:
        rows = rows.join(part, on="account", how="left", maintain_order="left")
    return rows


def _with_chances(rows: pl.DataFrame, churn_a_year: float) -> pl.DataFrame:
    words = [
        chance_words(row, churn_a_year=churn_a_year)
        for row in rows.select("quiet", "leaving", "source").iter_rows(named=True)
    ]
    return rows.with_columns(chances=pl.Series(words, dtype=pl.List(pl.String())))


def risk_notes(snapshot: Snapshot) -> pl.DataFrame:
    """Return sentences about the reliability of risk: ``about`` (``check``, or a level) and ``text``."""
    found = totals(snapshot.shown_risk)
    check = check_words(
        quarters=snapshot.quiet_model.quarters,
        churned=found.states["churned"],
        source=found.source,
        all_write_often=found.all_write_often,
    )
    records = [(record.level, track_record_words(record)) for record in snapshot.track_record]
    schema = {"about": pl.String(), "text": pl.String()}
    return pl.DataFrame([("check", check), *records], schema=schema, orient="row")


def as_shown(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows without held-out flags, and with the date of a flag only while it is open."""
    held_back = (pl.col("hidden_because") == HELD_BACK).fill_null(value=False)
    return rows.with_columns(
        level=shown_level(),
        hidden_because=pl.when(~held_back).then("hidden_because"),
        flagged_on=pl.when(pl.col("news").is_in([ENTERED, STILL])).then("flagged_on"),
    )


def week_ago(scores: pl.DataFrame, today: dt.date) -> pl.DataFrame:
    """Return the scores of the last day that was recorded 7 to 13 days ago; empty if none was.

    Args:
        scores: ``SCORES_SCHEMA``.
        today: the date of the figures.

    Returns:
        ``account_id``, ``week_on``, ``week_risk``, ``week_source``.
    """
    last = today - WEEK_AGO
    days = scores.filter(pl.col("scored_on").is_between(last - WEEK_AGO, last, closed="right"))
    return days.filter(pl.col("scored_on") == pl.col("scored_on").max()).select(
        "account_id", week_on="scored_on", week_risk="risk", week_source="source"
    )


def _figures(found: pl.DataFrame) -> pl.DataFrame:
    moment = ("days_since_checkin", "open_turns")
    narrow = found.filter(pl.col("window_days") == 30).select("account", *moment)
    for days in (30, 90):
        of_window = found.filter(pl.col("window_days") == days)
        named = [pl.col(name).alias(f"{name}_{days}") for name in FIGURES]
        narrow = narrow.join(
            of_window.select("account", *named), on="account", how="left", maintain_order="left"
        )
    return narrow


def flag_rows(snapshot: Snapshot) -> pl.DataFrame:
    """Return all flags but those held out: ``FLAG_SCHEMA`` with ``name`` and ``csm``, open flags first."""
    book = snapshot.accounts.select("account_id", "name", "csm")
    return visible_flags(snapshot.flags).join(book, on="account_id", maintain_order="left").drop("held_back")


def score_history(snapshot: Snapshot) -> pl.DataFrame:
    """Return recorded days of listed accounts by account and day, without scores and held-out flags."""
    own, first = snapshot.accounts.select("account_id"), snapshot.today - dt.timedelta(days=HISTORY_DAYS)
    return (
        snapshot.recorded.drop("held_back", "score")
        .filter(pl.col("scored_on") >= first, pl.col("scored_at") <= snapshot.as_of)
        .join(own, on="account_id", how="semi")
        .sort("account_id", "scored_on")
    )


def signal_rows(snapshot: Snapshot) -> pl.DataFrame:
    """Return ``account_id``, ``as_of``, ``window_days`` and all signals, in the order of the account list."""
    ids = pl.lit(snapshot.accounts["account_id"]).gather(pl.col("account"))
    return snapshot.signals.sort("account", "window_days").select(
        ids.alias("account_id"), "as_of", "window_days", *(signal.name for signal in SIGNALS)
    )
