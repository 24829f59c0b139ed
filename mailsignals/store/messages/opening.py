"""Opening the catalogue of a store: who may write, and which files are to go or to stay."""

import contextlib
from pathlib import Path

from mailsignals.store.messages import compaction, lock, segments
from mailsignals.store.messages.catalogue import FILE, Catalogue
from mailsignals.store.messages.errors import missing_store, refuse_other_files
from mailsignals.store.upkeep import wiping


def open_for_writing(folder: Path, held: contextlib.ExitStack) -> Catalogue:
    """Take the store for writing, and remove the files that nothing refers to."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / FILE).exists():
        refuse_other_files(folder)
    held.enter_context(lock.lock_for_writing(folder))
    catalogue = held.enter_context(contextlib.closing(Catalogue.for_writing(folder)))
    (folder / segments.FOLDER).mkdir(exist_ok=True)
    segments.refuse_damage(folder, catalogue.segments())
    compaction.judge_rows(folder, catalogue)
    if alone := lock.lock_out_readers(folder):
        with alone:
            wiping.clean(folder, catalogue)
    return catalogue


def open_for_reading(folder: Path, held: contextlib.ExitStack) -> Catalogue:
    """Take the store as it is, so that its files stay until it is closed."""
    if not (folder / FILE).is_file():
        raise missing_store(folder)
    if reading := lock.lock_for_reading(folder):
        held.enter_context(reading)
    catalogue = held.enter_context(contextlib.closing(Catalogue.for_reading(folder)))
    segments.refuse_damage(folder, catalogue.segments())
    return catalogue
