"""Opens a store for one writer or for many readers, after the checks that cost little."""

import contextlib
from pathlib import Path

from mailsignals.store.messages import compaction, lock, segments
from mailsignals.store.messages.catalogue import FILE, Catalogue
from mailsignals.store.messages.errors import missing_store, refuse_other_files
from mailsignals.store.messages.key_digests import add_key_digests
from mailsignals.store.upkeep import wiping


def open_for_writing(folder: Path, held: contextlib.ExitStack) -> Catalogue:
    """Return the catalogue of a store for writing, created where it is missing; unreferenced files are removed.

    ``held`` takes over its lock and the catalogue.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / FILE).exists():
        refuse_other_files(folder)
    held.enter_context(lock.lock_for_writing(folder))
    catalogue = held.enter_context(contextlib.closing(Catalogue.for_writing(folder)))
    (folder / segments.FOLDER).mkdir(exist_ok=True)
    refuse_damage(folder, catalogue)
    compaction.add_digests(folder, catalogue)
    with catalogue.transaction(durable=False):
        add_key_digests(catalogue.sql, folder)
    compaction.judge_rows(folder, catalogue)
    if alone := lock.lock_out_readers(folder):
        with alone:
            wiping.clean(folder, catalogue)
    return catalogue


def open_for_reading(folder: Path, held: contextlib.ExitStack) -> Catalogue:
    """Return a snapshot of the catalogue, whose files stay until ``held``, which takes it over, is closed."""
    if not (folder / FILE).is_file():
        raise missing_store(folder)
    if reading := lock.lock_for_reading(folder):
        held.enter_context(reading)
    catalogue = held.enter_context(contextlib.closing(Catalogue.for_reading(folder)))
    refuse_damage(folder, catalogue)
    return catalogue


def refuse_damage(folder: Path, catalogue: Catalogue) -> None:
    """Refuse a store whose mail isn't as it was written, as far as that is known without reading all of it.

    Raises:
        UserError: names the damaged file, with a remedy.
    """
    catalogue.refuse_change()
    checked = segments.checked_files(folder)
    segments.refuse_damage(checked, folder, catalogue.segments(), read=False)
