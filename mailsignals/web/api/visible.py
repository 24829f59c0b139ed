"""Whose accounts a program sees, and which of them it asks for."""

import polars as pl

from mailsignals.web.api.lists import Query
from mailsignals.web.api.request import ApiRequest
from mailsignals.web.pages.accounts import visible
from mailsignals.web.roles import Role

ROLES = frozenset({Role.CSM, Role.HEAD})
"""Who sees accounts: a CSM their own, the head of customer success all."""


class AccountFilter(Query):
    """Filters of whatever is of accounts."""

    account_id: str | None = None
    """Only this account."""
    csm: str | None = None
    """Only accounts of this CSM, by address as in the account book."""
    tier: str | None = None
    """Only accounts of this tier."""


def own_accounts(ask: ApiRequest) -> pl.DataFrame:
    """The accounts that whoever asks may see."""
    return visible(ask.edition.table("accounts"), ask.viewer)


def of_accounts(ask: ApiRequest, query: AccountFilter) -> list[pl.Expr]:
    """Conditions on ``account_id``: those they may see, and of these the ones they ask for."""
    wanted = []
    if query.account_id is not None:
        wanted.append(pl.col("account_id") == query.account_id)
    if not (ask.viewer.sees_all_accounts and query.csm is None and query.tier is None):
        rows = own_accounts(ask).filter(*alike(csm=query.csm, tier=query.tier))
        wanted.append(pl.col("account_id").is_in(rows["account_id"].implode()))
    return wanted


def alike(**values: str | None) -> list[pl.Expr]:
    """Columns that have a value, as far as one is asked for; addresses are the same in any case of letters."""
    given = {name: value for name, value in values.items() if value is not None}
    return [
        pl.col(name).str.to_lowercase() == value.lower() if name == "csm" else pl.col(name) == value
        for name, value in given.items()
    ]
