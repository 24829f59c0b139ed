"""Mail merges: emails of one sender, subject and day to many accounts, which are announcements and not touches."""

import datetime as dt

import polars as pl

_GROUP = ["person", "base_subject", "day"]


def mail_merges(touches: pl.DataFrame, *, accounts: int) -> pl.DataFrame:
    """Return the messages of mail merges, with the period before each became recognizable as one.

    Args:
        touches: ``person``, ``base_subject``, ``sent_at``, ``account``, ``message``, ``outbound``, ``referring``.
        accounts: the number of accounts that make a merge; 0 turns the rule off.

    Returns:
        One row per message: ``message``, ``since`` (the time of the merge's first email) and ``until`` (the time of the
        email that reached the number of accounts).
    """
    if accounts <= 0:
        return pl.DataFrame(
            schema={
                "message": pl.UInt32,
                "since": touches.schema["sent_at"],
                "until": touches.schema["sent_at"],
            }
        )
    candidates = (
        touches.lazy()
        .filter(pl.col("outbound") & ~pl.col("referring") & (pl.col("base_subject") != ""))
        .with_columns(day=pl.col("sent_at").dt.truncate(dt.timedelta(days=1)))
    )
    reached = (
        candidates.group_by(*_GROUP, "account")
        .agg(first=pl.col("sent_at").min())
        .group_by(_GROUP)
        .agg(since=pl.col("first").min(), until=pl.col("first").sort().get(accounts - 1, null_on_oob=True))
        .drop_nulls("until")
    )
    return candidates.join(reached, on=_GROUP).select("message", "since", "until").unique("message").collect()
