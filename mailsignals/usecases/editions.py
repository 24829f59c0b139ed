"""Prepare the dashboard: compute every table from the store, and save them as an edition."""

import datetime as dt

from mailsignals.readmodel.editions import EditionStore
from mailsignals.readmodel.tables.catalogue import tables
from mailsignals.workspace import Workspace


def prepare_edition(workspace: Workspace, as_of: dt.datetime) -> int:
    """Save an edition as of a date, and return its number of accounts.

    Raises:
        UserError: there is no store, or the model in use can't be read.
    """
    with workspace.at(as_of) as snapshot:
        EditionStore(workspace.settings.store.path).put(tables(snapshot), as_of=as_of)
    return workspace.book.accounts.height
