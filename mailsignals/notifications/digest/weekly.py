"""The weekly report: risk, flags, response times and check-ins by CSM and by tier; pure."""

import datetime as dt
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import polars as pl

from mailsignals.flags.episodes import CHURNED, DISMISSED, HIGH, RECOVERED, SAVED
from mailsignals.flags.flags import visible_flags
from mailsignals.flags.news import ENTERED, STILL
from mailsignals.notifications.digest.bulletin import Bulletin, Groups
from mailsignals.notifications.digest.card import Row
from mailsignals.notifications.digest.lapsed import LAPSED
from mailsignals.notifications.digest.risk_context import RiskContext
from mailsignals.risk.totals import CURRENT, totals
from mailsignals.signals.conversations import CHECKIN_DAYS
from mailsignals.sla.promises import Promises
from mailsignals.units import hours
from mailsignals.wording.groups import NO_CSM, NO_TIER
from mailsignals.wording.money import money, money_words
from mailsignals.wording.numbers import count_noun, on_day, percent, sla_duration
from mailsignals.wording.risk import account_count, write_again_words

WEEKLY = "weekly"
"""The kind of delivery."""

WEEK = dt.timedelta(days=7)
ENDS = (RECOVERED, SAVED, DISMISSED, CHURNED)
LAPSED_SHOWN = 20
"""The number of silent accounts that are named; others are counted."""


def weekly(  # noqa: PLR0913  # all that it is made of
    today: pl.DataFrame,
    flags: pl.DataFrame | None,
    answers: pl.DataFrame,
    *,
    context: RiskContext,
    change: str | None,
    remarks: Sequence[str],
    company: str,
    timezone: str,
) -> Bulletin:
    """Return the report on the seven days until a date and time.

    Args:
        today: the rows of ``assess`` as people may see them, with the accounts' news (``NEWS_SCHEMA``).
        flags: in ``FLAG_SCHEMA``; None without recorded days.
        answers: the response times of the week, as ``answers_of_week`` returns them.
        context: sentences for all accounts.
        change: the change of method since the last weekly report, in one sentence; None without one.
        remarks: sentences for the end.
        company: the company's name.
        timezone: of days.
    """
    moment = today.item(0, "as_of").astimezone(ZoneInfo(timezone))
    current, high = pl.col("state").is_in(CURRENT), pl.col("level") == HIGH
    flagged = current & pl.col("news").is_in([ENTERED, STILL]) & ~high.fill_null(value=False)
    labels = context.names.labels(today["csm"].drop_nulls().unique(maintain_order=True).to_list())
    accounts = today.with_columns(
        csm=pl.Series([labels[csm] if csm else NO_CSM for csm in today["csm"]], dtype=pl.String),
        tier=pl.col("tier").fill_null(NO_TIER),
        current=current,
        high=high.fill_null(value=False),
        easing=flagged.fill_null(value=False),
    )
    if flags is not None:
        accounts = accounts.join(_turnover(flags, after=moment.date() - WEEK), on="account_id", how="left")
    whole = _figures(accounts.with_columns(all=pl.lit("All accounts")), answers, by="all")
    total = totals(today)
    counted = f"{total.high:,} of {count_noun(total.current, 'account')} at high risk"
    arr = money_words(total.arr_high, total.arr, None, currency=context.currency)
    sections = [
        ("Summary", _worded(whole, context)),
        ("By CSM", _worded(_figures(accounts, answers, by="csm"), context)),
        ("By tier", _worded(_figures(accounts, answers, by="tier"), context)),
        ("Silent for over 90 days", _lapsed(today, context)),
    ]
    return Bulletin(
        kind=WEEKLY,
        title=f"Weekly report, {on_day(moment)}: {counted}",
        company=company,
        on=f"The seven days to {moment:%A}, {on_day(moment)}",
        headline=f"{counted}. {arr}" if arr else f"{counted}.",
        sections=[(name, groups) for name, groups in sections if groups],
        remarks=[*([change] if change else []), *context.lines(), *remarks],
    )


def _lapsed(today: pl.DataFrame, context: RiskContext) -> Groups:
    """Return all accounts silent for over 90 days, the latest first, by the chance that they write again."""
    rows = today.filter(pl.col("state") == LAPSED)
    groups: dict[str | None, list[str]] = {}
    for row in rows.head(LAPSED_SHOWN).iter_rows(named=True):
        groups.setdefault(write_again_words(row["back_again"]), []).append(_of_lapsed(row, context))
    found = [
        (count_noun(len(lines), "account"), [*([share] if share else []), *lines])
        for share, lines in groups.items()
    ]
    more = rows.height - LAPSED_SHOWN
    if more <= 0:
        return found
    return [*found, (f"{more:,} more: run `mailsignals risk --state lapsed` to list all", [])]


def _of_lapsed(row: Row, context: RiskContext) -> str:
    csm = context.names.of(row["csm"]) if row["csm"] else "no CSM"
    arr = [] if row["arr"] is None else [f"ARR {money(row['arr'], context.currency)}"]
    return f"{row['name']}: {', '.join([count_noun(row['days_since'], 'day'), csm, *arr])}"


def answers_of_week(turns: pl.LazyFrame, promises: Promises, as_of: dt.datetime) -> pl.DataFrame:
    """Return the response times in the seven days until a date and time: ``account``, ``ours`` and ``theirs``.

    ``ours`` is in business hours, null if the response took none; ``theirs`` is in calendar hours.
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
    """Return the number of each account's flags that opened after a day, and that closed by outcome."""
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
    """Return one row per group with current customers or with flags of the week, in the order of names."""
    current, high = pl.col("current"), pl.col("high")
    turnover = [name for name in ("opened", *ENDS) if name in accounts.columns]
    loss = pl.col("expected_loss")
    counts = accounts.group_by(by).agg(
        current.sum().alias("accounts"),
        pl.col("high", "easing").sum(),
        (pl.col("state") == LAPSED).sum().alias("lapsed"),
        pl.col("arr").filter(current).sum().alias("arr"),
        pl.col("arr").filter(high).sum().alias("arr_high"),
        pl.when(loss.count() > 0).then(loss.sum()).alias("expected_loss"),
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


def _worded(figures: pl.DataFrame, context: RiskContext) -> Groups:
    return [(row["name"], list(_sentences(row, context.currency))) for row in figures.iter_rows(named=True)]


def _sentences(row: Row, currency: str) -> Iterator[str]:
    counts = [
        account_count(HIGH, row["high"]),
        *([f"{count_noun(row['easing'], 'open flag')} below high risk"] if row["easing"] else []),
        *([account_count(LAPSED, row["lapsed"])] if row["lapsed"] else []),
    ]
    yield f"{count_noun(row['accounts'], 'account')}: {', '.join(counts)}."
    if row["arr"]:
        yield money_words(row["arr_high"], row["arr"], row["expected_loss"], currency=currency) or ""
    if "opened" in row:
        ends = [f"{row[end]} {end}" for end in ENDS if row[end]]
        closed = f"{sum(row[end] for end in ENDS)} closed"
        yield (
            f"Flags: {row['opened']} opened, {closed} ({', '.join(ends)})."
            if ends
            else f"Flags: {row['opened']} opened, {closed}."
        )
    medians = [
        f"{whose} {sla_duration(row[side], business=business)}"
        for whose, side, business in (("your team", "ours", True), ("customers", "theirs", False))
        if row[side] is not None
    ]
    if medians:
        yield f"Median response time: {', '.join(medians)}."
    if row["accounts"]:
        share = percent(row["checked_in"] / row["accounts"])
        yield (
            f"Check-in in the last {CHECKIN_DAYS} days: {row['checked_in']} of "
            f"{count_noun(row['accounts'], 'account')} ({share})."
        )
