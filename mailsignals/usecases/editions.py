"""Prepare what the dashboard shows: read the store once, make every table, and put them down as an edition."""

import datetime as dt

from mailsignals.readmodel.editions import EditionStore
from mailsignals.readmodel.tables.catalogue import tables
from mailsignals.workspace import Workspace


def prepare_edition(workspace: Workspace, as_of: dt.datetime) -> int:
    """Make an edition of an instant, and return how many accounts are in it.

    Raises:
        UserError: there is no store, or the model in use cannot be read.
    """
    with workspace.at(as_of) as snapshot:
        EditionStore(workspace.settings.store.path).put(tables(snapshot), as_of=as_of)
    return workspace.book.accounts.height
