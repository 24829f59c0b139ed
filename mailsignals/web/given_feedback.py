"""What people say of accounts at risk, as it is this very moment, beside whoever writes mail."""

from collections.abc import Collection, Mapping

import polars as pl

from mailsignals.usecases.feedback import all_feedback
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
    return all_feedback(visit.site.settings())


def speaker_of(visit: PageRequest) -> str:
    """Return who gives feedback on a page: the viewer's address, if anybody signs in."""
    return visit.viewer.address or ANYBODY
