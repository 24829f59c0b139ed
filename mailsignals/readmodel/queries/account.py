"""One account that the viewer may see: its rows of all tables, for its page and for programs."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from mailsignals.flags.episodes import HIGH
from mailsignals.flags.flags import FLAG_SCHEMA, flags, visible_flags
from mailsignals.readmodel.queries.accounts import visible_accounts
from mailsignals.readmodel.queries.scope import Scope
from mailsignals.signals.signal import WINDOWS

Row: TypeAlias = Mapping[str, Any]
Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)

MONTHS = 12
"""The number of calendar months of response times; single turns are kept for a year."""


class AccountRows:
    """An account that the viewer may see."""

    def __init__(self, scope: Scope, list_row: pl.DataFrame) -> None:
        self.scope = scope
        self.list_row = list_row
        """Its row of the account list, as a frame."""
        self.row: Row = list_row.row(0, named=True)
        """Its row of the account list, by column."""

    @property
    def id(self) -> str:
        """Its id in the account list."""
        account_id: str = self.row["account_id"]
        return account_id

    def table(self, name: str) -> pl.DataFrame:
        """Return its rows of a small table, which is sorted by account."""
        whole, number = self.scope.edition.table(name), self.row["account"]
        accounts = whole["account"].to_numpy()
        first, after = (int(np.searchsorted(accounts, number, side=side)) for side in ("left", "right"))
        return whole[first:after]

    def scan(self, name: str) -> pl.LazyFrame:
        """Return its rows of a large table, unread."""
        return self.scope.edition.scan(name).filter(pl.col("account") == self.row["account"])

    def with_addresses(self, rows: Frame, *columns: str) -> Frame:
        """Return rows with addresses in place of the numbers of people."""
        addresses = pl.lit(self.scope.edition.table("people")["address"])
        return rows.with_columns(addresses.gather(pl.col(name)).alias(name) for name in columns)

    def flags(self, scores: pl.DataFrame, feedback: pl.DataFrame) -> pl.DataFrame:
        """Return its visible flags as of the request, newest first.

        Args:
            scores: its rows of ``account_scores``.
            feedback: on the account, in ``FEEDBACK_SCHEMA``.

        Returns:
            ``FLAG_SCHEMA``.
        """
        if not (scores["level"] == HIGH).any():
            return pl.DataFrame(schema=FLAG_SCHEMA)
        book = pl.DataFrame(
            [(self.id, self.row["churned_on"])],
            schema={"account_id": pl.String(), "churned_on": pl.Date()},
            orient="row",
        )
        found = flags(scores, feedback, book, as_of=self.scope.now, timezone=self.scope.timezone)
        return visible_flags(found).sort("opened_on", descending=True)


def find_account(scope: Scope, account_id: str) -> AccountRows | None:
    """Return the account with an id; None if it is unknown or the viewer may not see it."""
    found = visible_accounts(scope).filter(pl.col("account_id") == account_id)
    return None if found.is_empty() else AccountRows(scope, found)


def account_exists(scope: Scope, account_id: str) -> bool:
    """Return whether an account is in the account list, visible to the viewer or not."""
    return bool((scope.edition.table("accounts")["account_id"] == account_id).any())


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class AccountStory:
    """The data of an account's page, with addresses for people."""

    scores: pl.DataFrame
    """The recorded days, oldest first."""
    response_months: pl.DataFrame
    """What ``response_months`` returns."""
    checkins: pl.DataFrame
    """The newest first."""
    tickets: pl.DataFrame
    """The newest first."""
    tickets_in_all: int
    waiting: pl.DataFrame
    """Turns that we have not answered, what is due first on top."""
    waiting_in_all: int
    contacts: pl.DataFrame
    colleagues: pl.DataFrame
    """With ``lately`` (wrote in 90 days); counts of people whose figures are hidden are null."""


def story(account: AccountRows, *, reply_horizon: dt.timedelta, most: int) -> AccountStory:
    """Read everything that an account's page shows in one go, which costs less than one table after another.

    Args:
        account: the account of the page.
        reply_horizon: the time after which a turn without a reply counts as unanswered.
        most: the largest number of check-ins, tickets and turns to list.
    """
    edition = account.scope.edition
    tickets, waiting = account.scan("account_tickets"), account.table("account_waiting")
    checkins = _newest(account.scan("account_checkins"), "started_at", most)
    found: dict[str, pl.LazyFrame] = {
        "scores": account.scan("account_scores"),
        "response_months": response_months(
            account.scan("account_answers"),
            as_of=edition.as_of,
            timezone=account.scope.timezone,
            reply_horizon=reply_horizon,
        ),
        "checkins": account.with_addresses(checkins, "person", "answered_by"),
        "tickets": account.with_addresses(_newest(tickets, "opened_at", most), "contact", "agent"),
        "tickets_in_all": tickets.select(pl.len()),
        "waiting": account.with_addresses(waiting.head(most).lazy(), "person"),
        "contacts": account.with_addresses(account.table("account_contacts").lazy(), "person", "successor"),
        "colleagues": _colleagues(account),
    }
    frames = dict(zip(found, pl.collect_all(list(found.values())), strict=True))
    in_all = frames.pop("tickets_in_all").item()
    return AccountStory(**frames, tickets_in_all=in_all, waiting_in_all=waiting.height)


def response_months(
    answers: pl.LazyFrame, *, as_of: dt.datetime, timezone: str, reply_horizon: dt.timedelta
) -> pl.LazyFrame:
    """Aggregate the response times of both sides by month, for the month of ``as_of`` and the 11 before it.

    A turn belongs to the month in which it began.

    Args:
        answers: rows of ``account_answers`` of one account.
        as_of: the date and time of the edition.
        timezone: of the calendar months.
        reply_horizon: the time after which a turn without a reply counts as unanswered.

    Returns:
        ``month_on`` (its first day), oldest first, without months in which no turn began; and for each side (``our``,
        ``their``) ``_replies``, ``_hours`` (the median response time), ``_unanswered`` (the number of turns) and
        ``_unanswered_share``: of the turns that have a reply or are past the horizon; null without any.
    """
    month_on = pl.col("started_at").dt.convert_time_zone(timezone).dt.truncate("1mo").dt.date()
    today = as_of.astimezone(ZoneInfo(timezone)).date()
    first = dt.date(today.year - (today.month < MONTHS), today.month % MONTHS + 1, 1)
    replied = pl.col("answered_at").is_not_null()
    overdue = ~replied & (pl.col("started_at") <= pl.lit(as_of - reply_horizon))
    sides = {"our": ~pl.col("outbound"), "their": pl.col("outbound")}
    found = answers.group_by(month_on=month_on).agg(
        *((side & replied).sum().alias(f"{name}_replies") for name, side in sides.items()),
        *(pl.col("hours").filter(side).median().alias(f"{name}_hours") for name, side in sides.items()),
        *((side & overdue).sum().alias(f"{name}_unanswered") for name, side in sides.items()),
    )
    return (
        found.filter(pl.col("month_on") >= first)
        .with_columns(_unanswered_share(name) for name in sides)
        .sort("month_on")
    )


def _unanswered_share(side: str) -> pl.Expr:
    unanswered = pl.col(f"{side}_unanswered")
    settled = unanswered + pl.col(f"{side}_replies")
    return pl.when(settled > 0).then(unanswered / settled).alias(f"{side}_unanswered_share")


def _newest(rows: pl.LazyFrame, moment: str, most: int) -> pl.LazyFrame:
    return rows.top_k(most, by=moment).sort(moment, descending=True)


def _colleagues(account: AccountRows) -> pl.LazyFrame:
    """Return people of your team who wrote to the account, with counts as far as ``privacy.people`` allows."""
    counts = ("mails_30", "mails_90_before", "share_90", "mails_90")
    shown_singly = account.scope.may_show("person")
    return (
        account.with_addresses(account.table("account_colleagues").lazy(), "person")
        .with_columns(lately=pl.col("mails_90") > 0)
        .with_columns(pl.when(shown_singly).then(name).alias(name) for name in counts)
    )


def further_columns(account: AccountRows) -> Mapping[str, str]:
    """Return the further columns of the account list by name, without empty ones."""
    found = account.table("account_further")["further"].to_list()[0] or {}
    return {name: value for name, value in found.items() if value is not None}


def notes_on_risk(scope: Scope) -> Mapping[str, str]:
    """Return sentences about the reliability of risk: the track record by level, and ``check``."""
    return dict(scope.edition.table("risk_notes").iter_rows())


def first_contacts(account: AccountRows, most: int) -> pl.DataFrame:
    """Return the contacts with the latest emails, at most ``most``."""
    return account.with_addresses(account.table("account_contacts").head(most), "person", "successor")


def recorded_days(account: AccountRows) -> pl.DataFrame:
    """Return the recorded risk of an account by day, oldest first."""
    return account.scope.edition.scan("history").filter(pl.col("account_id") == account.id).collect()


def signal_windows(account: AccountRows) -> pl.DataFrame:
    """Return the signals of an account, one row per window."""
    return account.scope.edition.table("signals").filter(pl.col("account_id") == account.id)


def prepared_flags(account: AccountRows) -> pl.DataFrame:
    """Return the flags of an account as of the edition, newest first."""
    rows = account.scope.edition.table("flags").filter(pl.col("account_id") == account.id)
    return rows.sort("opened_on", descending=True)


def contact_counts(account: AccountRows, windows: pl.DataFrame) -> dict[str, int]:
    """Count the people on both sides.

    Args:
        account: whose people they are.
        windows: what ``signal_windows`` returned.

    Returns:
        ``contacts`` and ``colleagues`` who ever wrote, and ``active_30``, ``active_60`` and ``active_90``.
    """
    ever = account.scope.edition.table("correspondents").filter(pl.col("account_id") == account.id)
    active = dict(windows.select("window_days", "active_contacts").iter_rows())
    counts = ever.row(0, named=True) if ever.height else {"contacts": 0, "colleagues": 0}
    return {
        "contacts": counts["contacts"],
        "colleagues": counts["colleagues"],
        **{f"active_{days}": active.get(days, 0) for days in WINDOWS},
    }
