"""The week for the head of customer success: risk, flags, answers and check-ins by CSM and by tier; pure."""

import datetime as dt
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import polars as pl

from mailsignals.flags.episodes import CHURNED, DISMISSED, RECOVERED, SAVED
from mailsignals.flags.flags import visible_flags
from mailsignals.flags.news import ENTERED, STILL
from mailsignals.notifications.digest.bulletin import Bulletin, Groups
from mailsignals.notifications.digest.card import Row
from mailsignals.signals.conversations import CHECKIN_DAYS
from mailsignals.sla.promises import Promises
from mailsignals.units import hours
from mailsignals.wording.groups import NO_CSM, NO_TIER
from mailsignals.wording.numbers import Quantity, count_noun, number_of, on_day, percent

WEEKLY = "weekly"
"""The kind of delivery."""

WEEK = dt.timedelta(days=7)
ENDS = (RECOVERED, SAVED, DISMISSED, CHURNED)


def weekly(
    today: pl.DataFrame,
    flags: pl.DataFrame | None,
    answers: pl.DataFrame,
    *,
    remarks: Sequence[str],
    company: str,
    timezone: str,
) -> Bulletin:
    """The seven days until an instant.

    Args:
        today: what ``assess`` returned for the instant, with the accounts' news (``NEWS_SCHEMA``).
        flags: what ``flags`` returned for the instant; null where no scores are recorded.
        answers: of the week, as ``answers_of_week`` has them.
        remarks: what stands at the end.
        company: its name.
        timezone: of days.
    """
    moment = today.item(0, "as_of").astimezone(ZoneInfo(timezone))
    accounts = today.with_columns(
        csm=pl.col("csm").fill_null(NO_CSM),
        tier=pl.col("tier").fill_null(NO_TIER),
        current=pl.col("state").is_in(["scored", "not_enough_sight"]),
        at_risk=pl.col("news").is_in([ENTERED, STILL]).fill_null(value=False),
    )
    if flags is not None:
        accounts = accounts.join(_turnover(flags, after=moment.date() - WEEK), on="account_id", how="left")
    whole = _figures(accounts.with_columns(all=pl.lit("All accounts")), answers, by="all")
    (total,) = whole.to_dicts()
    return Bulletin(
        kind=WEEKLY,
        title=f"Week until {on_day(moment)}: {total['at_risk']} of {count_noun(total['accounts'], 'account')} at risk",
        company=company,
        on=f"The seven days until {moment:%A}, {on_day(moment)}",
        headline=f"{total['at_risk']} of {count_noun(total['accounts'], 'account')} at risk.",
        sections=[
            ("In all", _worded(whole)),
            ("By CSM", _worded(_figures(accounts, answers, by="csm"))),
            ("By tier", _worded(_figures(accounts, answers, by="tier"))),
        ],
        remarks=remarks,
    )


def answers_of_week(turns: pl.LazyFrame, promises: Promises, as_of: dt.datetime) -> pl.DataFrame:
    """Return the response times in the seven days until a date and time: ``account``, ``ours`` and ``theirs``.

    ``ours`` is in business hours, null if the answer took none; ``theirs`` is in hours by the clock.
    """
    account, started_at, answered_at = pl.col("account"), pl.col("started_at"), pl.col("answered_at")
    open_hours = promises.open_hours(account, started_at, answered_at)
    took = hours(answered_at - started_at)
    outbound = pl.col("outbound")
    return (
        turns.filter((answered_at > as_of - WEEK) & (answered_at <= as_of))
        .select(
            "account",
            ours=pl.when(~outbound & (open_hours > 0)).then(open_hours),
            theirs=pl.when(outbound).then(took),
        )
        .collect()
    )


def _turnover(flags: pl.DataFrame, *, after: dt.date) -> pl.DataFrame:
    """How many flags of each account were opened after a day, and how many were closed in each way."""
    closed = pl.col("closed_on") > after
    return (
        visible_flags(flags)
        .group_by("account_id")
        .agg(
            (pl.col("opened_on") > after).sum().alias("opened"),
            *((closed & (pl.col("state") == end)).sum().alias(end) for end in ENDS),
        )
    )


def _figures(accounts: pl.DataFrame, answers: pl.DataFrame, *, by: str) -> pl.DataFrame:
    """One row a group with current customers or flags that came or went, in the order of names."""
    current, at_risk = pl.col("current"), pl.col("at_risk")
    turnover = [name for name in ("opened", *ENDS) if name in accounts.columns]
    counts = accounts.group_by(by).agg(
        current.sum().alias("accounts"),
        at_risk.sum().alias("at_risk"),
        pl.col("arr").filter(current).sum().alias("arr"),
        pl.col("arr").filter(at_risk).sum().alias("arr_at_risk"),
        (current & (pl.col("days_since_checkin") <= CHECKIN_DAYS)).sum().alias("checked_in"),
        pl.col(turnover).sum(),
    )
    medians = (
        answers.join(accounts.select("account", by), on="account")
        .group_by(by)
        .agg(pl.col("ours", "theirs").median())
    )
    seen = pl.any_horizontal(pl.col("accounts") > 0, *(pl.col(name) > 0 for name in turnover))
    return counts.filter(seen).join(medians, on=by, how="left").sort(by).rename({by: "name"})


def _worded(figures: pl.DataFrame) -> Groups:
    return [(row["name"], list(_sentences(row))) for row in figures.iter_rows(named=True)]


def _sentences(row: Row) -> Iterator[str]:
    arr = f" (ARR {number_of(row['arr_at_risk'])} of {number_of(row['arr'])})" if row["arr"] else ""
    yield f"{count_noun(row['accounts'], 'account')}, {row['at_risk']} at risk{arr}"
    if "opened" in row:
        ends = [f"{row[end]} {end}" for end in ENDS if row[end]]
        closed = f"{sum(row[end] for end in ENDS)} closed{': ' if ends else ''}{', '.join(ends)}"
        yield f"Flags: {row['opened']} opened, {closed}"
    medians = [
        f"{whose} after {Quantity(row[side]):{unit}}{how}"
        for whose, side, unit, how in (
            ("we answered", "ours", "open hour", ""),
            ("they answered", "theirs", "hour", " by the clock"),
        )
        if row[side] is not None
    ]
    if medians:
        yield f"In the median {', '.join(medians)}"
    if row["accounts"]:
        share = percent(row["checked_in"] / row["accounts"])
        yield f"Check-in within {CHECKIN_DAYS} days: {row['checked_in']} of {row['accounts']} ({share})"
