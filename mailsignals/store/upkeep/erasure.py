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
    """The erased people of an open store."""

    def __init__(self, folder: Path, catalogue: Catalogue, turn: Turn) -> None:
        self._folder = folder
        self._catalogue = catalogue
        self._turn = turn

    def people(self) -> Pseudonyms:
        """Return all erased people.

        Raises:
            UserError: the key of their hashes is missing.
        """
        with self._turn():
            return pseudonyms.read_pseudonyms(self._folder, self._catalogue)

    def hushed(self) -> pl.Series:
        """Return the marks of threads whose subjects aren't stored."""
        with self._turn():
            rows = self._catalogue.sql.execute("SELECT mark FROM hushed").fetchall()
        return pl.DataFrame(rows, schema={"mark": pl.Int64}, orient="row").to_series()

    def mentions(self, person: ErasedPerson) -> dict[str, int]:
        """Return the number of rows that name a person, by table."""
        with self._turn():
            return pseudonyms.mentions(self._catalogue, person)

    def forget(
        self, person: ErasedPerson, erase: compaction.Change, *, hushed: pl.Series, at: dt.datetime
    ) -> None:
        """Replace a person's address by a token in the whole store, in one transaction.

        Args:
            person: the person, who counts as erased from now on.
            erase: the change of messages.
            hushed: marks of the person's threads, whose subjects aren't stored from now on.
            at: the current time.
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
    """The rows with new fingerprints of keys, where a key changed."""
    if before.select(KEY).equals(after.select(KEY)):
        return after
    return fingerprinted(after.select(MESSAGE_SCHEMA.names()))
