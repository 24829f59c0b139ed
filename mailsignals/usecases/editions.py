"""Prepare an edition: read the store once, compute every table of the dashboard, and write them."""

import datetime as dt
from collections.abc import Callable, Sequence

from mailsignals.readmodel.editions import EditionStore, PreparationStep
from mailsignals.readmodel.tables.catalogue import tables
from mailsignals.workspace import Workspace

STEPS: Sequence[str] = (
    "reading mail and joining threads",
    "computing signals",
    "estimating risk",
    "checking response targets",
    "writing the tables of the pages",
)
"""The steps of a preparation, in words that the page "Preparing" shows."""


def prepare_edition(workspace: Workspace, as_of: dt.datetime) -> int:
    """Write the edition of a date and time, and return its number of accounts.

    Its current step can be read from ``EditionStore.step`` while it runs.

    Raises:
        UserError: the store does not exist, or the model in use can't be read.
    """
    shelf = EditionStore(workspace.settings.store.path)
    with workspace.at(as_of) as snapshot:
        # The first steps compute what the snapshot keeps for the tables of the last one.
        computed: Sequence[Callable[[], object]] = (
            lambda: snapshot.facts,
            lambda: snapshot.signals,
            lambda: snapshot.overview,
            lambda: snapshot.tickets,
            lambda: shelf.put(tables(snapshot), as_of=as_of),
        )
        try:
            for number, (text, compute) in enumerate(zip(STEPS, computed, strict=True), start=1):
                shelf.note_step(PreparationStep(number=number, of=len(STEPS), text=text))
                compute()
        finally:
            shelf.forget_step()
    return workspace.book.accounts.height
