"""Compute every signal of every account at one or several points in time."""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from mailsignals.signals.facts import facts
from mailsignals.signals.pipeline import SIGNALS
from mailsignals.signals.pipeline import signals as compute
from mailsignals.store.upkeep.derived import derived, derived_at
from mailsignals.touches.build import settled_at
from mailsignals.workspace import Workspace


def compute_signals(workspace: Workspace, as_ofs: Sequence[dt.datetime]) -> pl.DataFrame:
    """Return one row per account, point in time and window, without dismissals.

    All points are computed in one pass, except the few whose touches differ from today's.

    Returns:
        ``account_id``, ``as_of``, ``window_days``, then the signals, in the order of the account list.

    Raises:
        UserError: the store does not exist, or it can't be read.
    """
    directory, rules = workspace.directory, workspace.touch_rules
    with workspace.at(max(as_ofs)) as snapshot:
        store, promises = snapshot.store, snapshot.promises
        shared = derived(store, directory, rules)
        odd = [as_of for as_of in as_ofs if not settled_at(shared.unsettled, as_of)]
        even = [as_of for as_of in as_ofs if as_of not in odd]
        sets = [(derived_at(store, directory, rules, as_of), [as_of]) for as_of in odd]
        found = pl.concat(
            compute(
                facts(
                    tables.touches,
                    tables.links,
                    tables.programs,
                    accounts=pl.Series(range(workspace.book.accounts.height), dtype=pl.UInt32),
                    rules=workspace.conversation_rules,
                    promises=promises,
                ),
                instants,
                reply_horizon=workspace.reply_horizon,
            )
            for tables, instants in ([(shared, even), *sets] if even else sets)
        )
    ids = pl.lit(workspace.book.accounts["account_id"]).gather(pl.col("account"))
    return found.sort("as_of", "account", "window_days").select(
        ids.alias("account_id"), "as_of", "window_days", *(signal.name for signal in SIGNALS)
    )
