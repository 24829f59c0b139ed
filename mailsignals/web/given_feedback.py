"""Feedback on accounts at risk as of now, readable while a sync writes to the store."""

from collections.abc import Collection, Mapping

import polars as pl

from mailsignals.usecases.feedback import all_feedback
from mailsignals.web.page import PageRequest

ANYBODY = "dashboard"
"""The author of feedback where nobody signs in."""


def feedback_on(visit: PageRequest, account_id: str) -> pl.DataFrame:
    """Return all feedback on an account, in ``FEEDBACK_SCHEMA``."""
    return _all(visit).filter(pl.col("account_id") == account_id)


def latest_feedback(visit: PageRequest, account_ids: Collection[str]) -> Mapping[str, str]:
    """Return the kind of the latest feedback since the edition, by account; accounts without any are left out."""
    news = pl.col("account_id").is_in(list(account_ids)) & (pl.col("given_at") >= visit.edition.as_of)
    return dict(_all(visit).filter(news).sort("given_at").select("account_id", "kind").iter_rows())


def _all(visit: PageRequest) -> pl.DataFrame:
    return all_feedback(visit.site.settings(), now=visit.now)


def speaker_of(visit: PageRequest) -> str:
    """Return the author of feedback on a page: the viewer's address, or ``ANYBODY`` without sign-in."""
    return visit.viewer.address or ANYBODY
