"""Erases a person from all messages and tables of a store at once."""

import datetime as dt
from pathlib import Path

import polars as pl

from mailsignals.schema import MESSAGE_SCHEMA
from mailsignals.store.messages import compaction
from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.fingerprints import KEY, fingerprinted, hashing
from mailsignals.store.upkeep import pseudonyms, wiping
from mailsignals.store.upkeep.pseudonyms import ErasedPerson, Pseudonyms
from mailsignals.store.upkeep.retention import Turn


class Erasure:
    """The people who were forgotten, in an open store."""

    def __init__(self, folder: Path, catalogue: Catalogue, turn: Turn) -> None:
        self._folder = folder
        self._catalogue = catalogue
        self._turn = turn

    def people(self) -> Pseudonyms:
        """Everybody who was forgotten.

        Raises:
            UserError: the key of their hashes is gone.
        """
        with self._turn():
            return pseudonyms.read_pseudonyms(self._folder, self._catalogue)

    def hushed(self) -> pl.Series:
        """The marks of threads whose subjects are not kept."""
        with self._turn():
            rows = self._catalogue.sql.execute("SELECT mark FROM hushed").fetchall()
        return pl.DataFrame(rows, schema={"mark": pl.Int64}, orient="row").to_series()

    def mentions(self, person: ErasedPerson) -> dict[str, int]:
        """Rows of tables that name a person, by table."""
        with self._turn():
            return pseudonyms.mentions(self._catalogue, person)

    def forget(
        self, person: ErasedPerson, erase: compaction.Change, *, hushed: pl.Series, at: dt.datetime
    ) -> None:
        """Put a person's token in the place of the address, in all of the store or nothing of it.

        Args:
            person: whom; from now on this person counts as forgotten.
            erase: what becomes of messages.
            hushed: marks of the person's threads, whose subjects are not kept from now on.
            at: now.
        """
        with self._turn():
            compaction.compact(self._folder, self._catalogue)
            change = lambda rows: _rekeyed(rows, erase(rows))  # noqa: E731  # one line says it
            with compaction.rewriting(self._folder, self._catalogue, change):
                pseudonyms.reword(self._catalogue, person)
                pseudonyms.add(self._folder, self._catalogue, person, at=at)
                marks = [(mark,) for mark in hushed.to_list()]
                self._catalogue.sql.executemany("INSERT OR IGNORE INTO hushed VALUES (?)", marks)
                self._catalogue.name_hashing(hashing())
                self._catalogue.new_revision(at)
                wiping.mark(self._catalogue)


def _rekeyed(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """The rows with the fingerprints of their keys, where one of those changed."""
    if before.select(KEY).equals(after.select(KEY)):
        return after
    return fingerprinted(after.select(MESSAGE_SCHEMA.names()))
