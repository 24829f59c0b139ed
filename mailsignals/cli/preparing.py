"""Prepares what the dashboard shows: reads the store once, makes every table, and puts the edition on its shelf."""

import datetime as dt

import polars as pl

from mailsignals.cli.desks import desk_at
from mailsignals.cli.digest_content import snapshot_at
from mailsignals.cli.workspace import Workspace
from mailsignals.prepared.history import HISTORY_DAYS
from mailsignals.prepared.material import Material
from mailsignals.prepared.shelf import Shelf
from mailsignals.prepared.tables import tables
from mailsignals.store import Store


def material_at(workspace: Workspace, store: Store, as_of: dt.datetime) -> Material:
    """Everything that is known at an instant.

    Raises:
        UserError: the model in use cannot be read.
    """
    now = snapshot_at(workspace, store, as_of)
    desk, derived = desk_at(workspace, store, as_of)
    return Material(
        as_of=as_of,
        settings=workspace.settings,
        book=now.assessed.book,
        rows=now.rows,
        flags=now.flags,
        scores=store.scores.of_flagged(),
        recorded=store.scores.since(workspace.day(as_of) - dt.timedelta(days=HISTORY_DAYS)),
        facts=now.assessed.facts,
        touches=derived.touches.filter(pl.col("sent_at") <= as_of),
        messages=store.messages(),
        standings=store.standings.frame(),
        people=derived.people,
        desk=desk,
        promises=workspace.promises,
    )


def prepare_edition(workspace: Workspace, as_of: dt.datetime) -> int:
    """Put an edition of an instant on the shelf; returns how many accounts are in it.

    Raises:
        UserError: there is no store, or the model in use cannot be read.
    """
    with workspace.reading() as store:
        made = tables(material_at(workspace, store, as_of))
        Shelf(workspace.settings.store.path).put(made, as_of=as_of)
    return workspace.book.accounts.height
