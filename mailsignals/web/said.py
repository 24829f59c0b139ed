"""What people say of accounts at risk, as it is this very moment, beside whoever writes mail."""

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from mailsignals.store.tables.flag_tables import FlagTables
from mailsignals.usecases.feedback import Speaker
from mailsignals.web.page import PageRequest

ANYBODY = "dashboard"
"""Who speaks where nobody signs in."""


def said_of(visit: PageRequest, account_id: str) -> pl.DataFrame:
    """All that was said of an account, in ``FEEDBACK_SCHEMA``."""
    return _all(visit).filter(pl.col("account_id") == account_id)


def said_since(visit: PageRequest, account_ids: Collection[str]) -> Mapping[str, str]:
    """The kind of what was said last of some accounts since the figures were prepared, by account."""
    news = pl.col("account_id").is_in(list(account_ids)) & (pl.col("given_at") >= visit.edition.as_of)
    return dict(_all(visit).filter(news).sort("given_at").select("account_id", "kind").iter_rows())


def _all(visit: PageRequest) -> pl.DataFrame:
    with FlagTables.open(visit.site.settings().store.path) as tables:
        return tables.feedback.frame()


def speaker_of(visit: PageRequest, account: Mapping[str, Any]) -> Speaker:
    """The viewer, who may say something of an account.

    Args:
        visit: by whom and when.
        account: the account's row of the account book.
    """
    settings = visit.site.settings()
    return Speaker(
        store=settings.store.path,
        account=account,
        by=visit.viewer.address or ANYBODY,
        at=visit.now,
        timezone=settings.company.timezone,
    )
