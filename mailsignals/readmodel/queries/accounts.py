"""The accounts that a viewer may see: filtered, sorted and counted."""

import dataclasses
import datetime as dt
from collections.abc import Collection, Sequence
from typing import Literal, TypeAlias

import polars as pl

from mailsignals.flags.news import ENTERED, STILL
from mailsignals.readmodel.queries.scope import Scope
from mailsignals.readmodel.roles import Viewer
from mailsignals.risk.totals import CURRENT, HIGH, Totals, totals

NEW_DAYS = 7
"""A flag is new for this many days."""
NO_LEVEL = "none"
"""The value of the level filter for accounts without a level."""

FlagFilter: TypeAlias = Literal["", "open", "new", "away"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class AccountFilter:
    """Filters of accounts; None, empty and false match everything."""

    account_id: str | None = None
    csm: str | None = None
    """An address; case is ignored."""
    tier: str | None = None
    level: str | None = None
    """A level, or ``NO_LEVEL``."""
    states: Collection[str] = ()
    flag: FlagFilter = ""
    """``open``, ``new`` (opened in the last ``NEW_DAYS``), or ``away`` (snoozed, dismissed or saved)."""
    renewal_within_days: int | None = None
    """Renewal within so many days after the date of the figures."""
    text: str | None = None
    """Part of the id or name; case is ignored."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SortOrder:
    """An order of accounts; equal accounts stay in the order of risk."""

    by: pl.Expr | None = None
    """The expression to sort by; None for the order of risk."""
    descending: bool = False


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class AccountList:
    """All accounts of a viewer in an order, with the conditions of a filter."""

    rows: pl.DataFrame
    conditions: Sequence[pl.Expr]

    @property
    def selection(self) -> pl.DataFrame:
        """The rows that meet the conditions, in order."""
        return self.rows.filter(*self.conditions)


def visible_rows(rows: pl.DataFrame, viewer: Viewer) -> pl.DataFrame:
    """Return the rows of accounts (with ``csm``) that a viewer may see."""
    if viewer.sees_all_accounts:
        return rows
    return rows.filter(pl.col("csm").str.to_lowercase() == (viewer.address or "").lower())


def visible_accounts(scope: Scope) -> pl.DataFrame:
    """Return the accounts that the viewer may see, highest risk first."""
    return visible_rows(scope.edition.table("accounts"), scope.viewer)


def account_list(scope: Scope, wanted: AccountFilter, order: SortOrder) -> AccountList:
    """Return the viewer's accounts in an order, with the conditions of a filter."""
    rows = sort_accounts(visible_accounts(scope), order)
    return AccountList(rows=rows, conditions=conditions(wanted, today=scope.today))


def sort_accounts(rows: pl.DataFrame, order: SortOrder) -> pl.DataFrame:
    """Sort accounts that are in order of risk; nulls come last in both directions."""
    if order.by is None:
        return rows
    return rows.sort(order.by, descending=order.descending, nulls_last=True, maintain_order=True)


def conditions(wanted: AccountFilter, *, today: dt.date) -> list[pl.Expr]:
    """Return the conditions of a filter on the columns of the table of accounts."""
    texts = {"account_id": wanted.account_id, "tier": wanted.tier}
    found = [pl.col(name) == value for name, value in texts.items() if value is not None]
    if wanted.csm is not None:
        found.append(is_address("csm", wanted.csm))
    if wanted.level is not None:
        found.append(pl.col("level").fill_null(NO_LEVEL) == wanted.level)
    if wanted.states:
        found.append(pl.col("state").is_in(list(wanted.states)))
    if wanted.flag:
        found.append(_flagged(wanted.flag, today))
    if wanted.renewal_within_days is not None:
        until = today + dt.timedelta(days=wanted.renewal_within_days)
        found.append(pl.col("renewal_on").is_between(today, until))
    if wanted.text is not None:
        found.append(has_text(wanted.text))
    return found


def is_address(column: str, address: str) -> pl.Expr:
    """Return true where a column has an address; case and surrounding white space are ignored."""
    return _plain(pl.col(column)) == _plain(pl.lit(address))


def has_text(text: str) -> pl.Expr:
    """Return true where the id or name of an account contains a text; case is ignored."""
    named = pl.col("account_id") + " " + pl.col("name").fill_null("")
    return _plain(named).str.contains(_plain(pl.lit(text)), literal=True)


def _plain(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars().str.to_lowercase()


def _flagged(flag: FlagFilter, today: dt.date) -> pl.Expr:
    is_open = pl.col("news").is_in([ENTERED, STILL])
    if flag == "away":
        return pl.col("hidden_because").is_not_null()
    return is_open & _is_new(today) if flag == "new" else is_open


def _is_new(today: dt.date) -> pl.Expr:
    """Return true for flags opened within ``NEW_DAYS``; without recorded days, since yesterday."""
    lately = pl.col("flagged_on") > today - dt.timedelta(days=NEW_DAYS)
    return lately.fill_null(pl.col("news") == ENTERED)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Summary:
    """The figures above the account list."""

    totals: Totals
    """Totals of all accounts."""
    new: int
    """Current customers with a new flag."""
    eased: int
    """Current customers with an open flag that are no longer at high risk."""
    away: int
    """Current customers that are snoozed, dismissed or saved."""


def summary(rows: pl.DataFrame, *, today: dt.date) -> Summary:
    """Return the figures of some accounts.

    Args:
        rows: of the table of accounts.
        today: the day of the figures.
    """
    current = rows.filter(pl.col("state").is_in(CURRENT))
    is_high = pl.col("level").fill_null("") == HIGH
    return Summary(
        totals=totals(rows),
        new=current.filter(_flagged("new", today)).height,
        eased=current.filter(_flagged("open", today) & ~is_high).height,
        away=current.filter(pl.col("hidden_because").is_not_null()).height,
    )
