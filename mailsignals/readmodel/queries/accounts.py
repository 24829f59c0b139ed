"""The accounts that somebody may see: filtered, in an order, and counted."""

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
"""A flag that was opened within so many days is new."""
NO_LEVEL = "none"
"""The level of accounts that have none, in a filter."""

FlagFilter: TypeAlias = Literal["", "open", "new", "away"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class AccountFilter:
    """Conditions on accounts; one that is null, empty or false filters nothing out."""

    account_id: str | None = None
    csm: str | None = None
    """An address, in any case of letters."""
    tier: str | None = None
    level: str | None = None
    """A level, or ``NO_LEVEL``."""
    states: Collection[str] = ()
    flag: FlagFilter = ""
    """``open``, ``new`` (open, and not for long), or ``away``: snoozed, dismissed or saved."""
    renewal_within_days: int | None = None
    """The contract is renewed between the day of the figures and so many days later."""
    text: str | None = None
    """Part of the id or of the name, in any case of letters."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SortOrder:
    """An order of accounts; those that are equal in it stay in the order of risk."""

    by: pl.Expr | None = None
    """None: the order of risk itself, as the table has it."""
    descending: bool = False


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class AccountList:
    """A list of accounts: all of the viewer's in an order, and the conditions of a filter on them."""

    rows: pl.DataFrame
    conditions: Sequence[pl.Expr]

    @property
    def selection(self) -> pl.DataFrame:
        """The rows that meet the conditions, in the order."""
        return self.rows.filter(*self.conditions)


def visible_rows(rows: pl.DataFrame, viewer: Viewer) -> pl.DataFrame:
    """Return the rows, each of an account with its ``csm``, that somebody may see."""
    if viewer.sees_all_accounts:
        return rows
    return rows.filter(pl.col("csm").str.to_lowercase() == (viewer.address or "").lower())


def visible_accounts(scope: Scope) -> pl.DataFrame:
    """Return the accounts that the viewer may see, the riskiest first."""
    return visible_rows(scope.edition.table("accounts"), scope.viewer)


def account_list(scope: Scope, wanted: AccountFilter, order: SortOrder) -> AccountList:
    """Return the viewer's accounts that a filter lets through, in an order."""
    rows = sort_accounts(visible_accounts(scope), order)
    return AccountList(rows=rows, conditions=conditions(wanted, today=scope.today))


def sort_accounts(rows: pl.DataFrame, order: SortOrder) -> pl.DataFrame:
    """Sort accounts, given the riskiest first, in an order; what has no figure there comes last either way."""
    if order.by is None:
        return rows
    return rows.sort(order.by, descending=order.descending, nulls_last=True, maintain_order=True)


def conditions(wanted: AccountFilter, *, today: dt.date) -> list[pl.Expr]:
    """Return what a filter demands of the columns of the table of accounts."""
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
    """Return true where a column has an address, in any case of letters and without white space around it."""
    return _plain(pl.col(column)) == _plain(pl.lit(address))


def has_text(text: str) -> pl.Expr:
    """Return true where the id or the name of an account has a text in it, compared as addresses are."""
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
    """Within the week; where no scores are recorded, since yesterday."""
    lately = pl.col("flagged_on") > today - dt.timedelta(days=NEW_DAYS)
    return lately.fill_null(pl.col("news") == ENTERED)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Summary:
    """The figures above a list of accounts."""

    totals: Totals
    """Of all of them."""
    new: int
    """Current customers with a flag that was opened of late."""
    eased: int
    """Current customers with an open flag that are not at high risk any more."""
    away: int
    """Current customers that are snoozed, dismissed or saved."""


def summary(rows: pl.DataFrame, *, today: dt.date) -> Summary:
    """Count some accounts, as they are shown.

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
