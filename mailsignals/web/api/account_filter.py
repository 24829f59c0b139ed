"""Filters by account, CSM and tier that several lists share."""

import polars as pl

from mailsignals.readmodel.queries.account import find_account
from mailsignals.readmodel.queries.accounts import AccountFilter, SortOrder, account_list
from mailsignals.readmodel.roles import Role
from mailsignals.web.api.lists import Query
from mailsignals.web.api.request import ApiRequest
from mailsignals.web.one_account import note_unseen

ROLES = frozenset({Role.CSM, Role.HEAD})
"""Roles with access to accounts: CSMs see their own, heads of customer success all."""


class OfAccounts(Query):
    """Filters of lists about accounts."""

    account_id: str | None = None
    """Only this account."""
    csm: str | None = None
    """Only accounts of this CSM, by address as in the account list."""
    tier: str | None = None
    """Only accounts of this tier."""


def of_accounts(ask: ApiRequest, query: OfAccounts) -> list[pl.Expr]:
    """Return the conditions on ``account_id`` for the requested accounts that the viewer may see."""
    own = [] if query.account_id is None else [pl.col("account_id") == query.account_id]
    if ask.viewer.sees_all_accounts and query.csm is None and query.tier is None:
        return own
    if query.account_id is not None and find_account(ask.scope, query.account_id) is None:
        note_unseen(ask.request, ask.scope, query.account_id)
    rows = account_list(ask.scope, AccountFilter(csm=query.csm, tier=query.tier), SortOrder()).selection
    return [*own, pl.col("account_id").is_in(rows["account_id"].implode())]
