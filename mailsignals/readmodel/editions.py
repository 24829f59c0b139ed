"""Prepared editions on disk: folders of Parquet files, each of one point in time; readers use the newest."""

import collections
import dataclasses
import datetime as dt
import functools
import json
import shutil
import threading
import uuid
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from mailsignals.store.upkeep.wiping import PREPARED

VERSION = 9
"""Raised when a table changes, so that a program never reads the tables of another version."""

KEPT = 2
"""The number of editions that stay on disk, so that requests in progress can finish."""

ROWS_IN_GROUP = 32_768
"""Rows per Parquet row group; a query for one account reads one or two groups."""

DIGITS = 8
"""Digits of the number in an edition's name, by which editions are ordered."""

REMEMBERED = 64
"""The number of computed results that stay in memory per edition."""

_ABOUT, _UNFINISHED, _STEP = "about.json", ".new-", ".step.json"

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class PreparationStep:
    """The step that a running preparation has reached, for the page "Preparing"."""

    number: int
    """From 1."""
    of: int
    text: str
    """The step in words, without a full stop: ``computing signals``."""


class Edition:
    """All tables of one point in time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, pl.DataFrame] = {}
        self._made: collections.OrderedDict[Hashable, Any] = collections.OrderedDict()
        self._lock = threading.Lock()
        self.about: Mapping[str, Any] = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        """The metadata that was stored with the tables: ``as_of`` and the ``about`` of ``put``."""

    @property
    def name(self) -> str:
        """The name of its folder, which no other edition has."""
        return self._folder.name

    @functools.cached_property
    def as_of(self) -> dt.datetime:
        """The date and time of the figures; no table contains anything later."""
        return dt.datetime.fromisoformat(self.about["as_of"])

    def scan(self, table: str) -> pl.LazyFrame:
        """Return a table unread; a filter on its sort columns reads only a small part of the file."""
        return pl.scan_parquet(self._folder / f"{table}.parquet")

    def table(self, table: str) -> pl.DataFrame:
        """Return a small table, which stays in memory after the first read."""
        found = self._read.get(table)
        if found is None:
            found = self._read[table] = pl.read_parquet(self._folder / f"{table}.parquet")
        return found

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the result of ``make`` for a key, computed once; the least recently used results are dropped."""
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                known: T = self._made[key]
                return known
        found = make()
        with self._lock:
            self._made[key] = found
            if len(self._made) > REMEMBERED:
                self._made.popitem(last=False)
        return found


class EditionStore:
    """The editions of one store, and the step of a preparation in progress."""

    def __init__(self, store: Path) -> None:
        self._folder = store / PREPARED
        self._open: dict[str, Edition] = {}
        self._turn = threading.Lock()

    def newest(self) -> Edition | None:
        """Return the last edition that was made by this program version; None before the first."""
        names = self._names()
        return self._opened(names[-1], names) if names else None

    def named(self, name: str) -> Edition | None:
        """Return an edition by name; None if it was removed."""
        names = self._names()
        try:
            return self._opened(name, names) if name in names else None
        except FileNotFoundError:
            return None  # removed between the two calls

    def _opened(self, name: str, names: list[str]) -> Edition:
        with self._turn:
            found = self._open.get(name) or Edition(self._folder / name)
            kept = {**self._open, name: found}
            self._open = {each: edition for each, edition in kept.items() if each in names}
            return found

    def put(
        self,
        tables: Mapping[str, pl.DataFrame | pl.LazyFrame],
        *,
        as_of: dt.datetime,
        **about: str | float | None,
    ) -> None:
        """Write an edition, which appears whole or not at all, and remove all but the last ``KEPT`` that were made.

        Args:
            tables: the tables by name.
            as_of: the date and time of the figures.
            about: further metadata.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._sweep()
        new = self._folder / f"{_UNFINISHED}{uuid.uuid4().hex}"
        new.mkdir()
        for name, table in tables.items():
            table.lazy().sink_parquet(new / f"{name}.parquet", row_group_size=ROWS_IN_GROUP)
        words = json.dumps({"as_of": as_of.isoformat(), **about})
        (new / _ABOUT).write_text(words, encoding="utf-8")
        number = max(map(_number, self._names()), default=0) + 1
        new.rename(self._folder / f"{_prefix()}{number:0{DIGITS}}-{uuid.uuid4().hex[:8]}")
        for name in self._names()[:-KEPT]:
            shutil.rmtree(self._folder / name, ignore_errors=True)

    def note_step(self, step: PreparationStep) -> None:
        """Publish the step that a preparation has reached, until ``forget_step`` is called."""
        self._folder.mkdir(parents=True, exist_ok=True)
        new = self._folder / f"{_STEP}.new"
        new.write_text(json.dumps(dataclasses.asdict(step)), encoding="utf-8")
        new.replace(self._folder / _STEP)

    def forget_step(self) -> None:
        """Note that no preparation is in progress."""
        (self._folder / _STEP).unlink(missing_ok=True)

    def step(self) -> PreparationStep | None:
        """Return the step of the preparation in progress; None if there is none."""
        try:
            return PreparationStep(**json.loads((self._folder / _STEP).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def _names(self) -> list[str]:
        """Return the names of the readable editions in the order of their making, whatever the clock was."""
        if not self._folder.is_dir():
            return []
        names = (each.name for each in self._folder.iterdir() if each.name.startswith(_prefix()))
        return sorted(names, key=lambda name: (_number(name), name))

    def _sweep(self) -> None:
        """Remove unfinished editions of a killed program, and editions of other versions."""
        for each in self._folder.iterdir():
            if each.is_dir() and not each.name.startswith(_prefix()):
                shutil.rmtree(each, ignore_errors=True)


def _number(name: str) -> int:
    """The position of an edition in the order of making; 0 for those of earlier releases, named by their time."""
    number = name.removeprefix(_prefix()).partition("-")[0]
    return int(number) if number.isdecimal() else 0


def _prefix() -> str:
    return f"v{VERSION}-"
