"""Editions on the disk: each a folder of Parquet files made at one instant; the newest whole one is read."""

import collections
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
"""Changes with the tables, so that a newer program never reads what an older one made."""

KEPT = 2
"""How many editions stay, so that who began to read one may go on."""

ROWS_IN_GROUP = 32_768
"""How many rows of a big table stand together; who asks for one account reads one or two such groups."""

REMEMBERED = 64
"""How many results that were computed from an edition are kept with it."""

_ABOUT, _UNFINISHED = "about.json", ".new-"

T = TypeVar("T")


class Edition:
    """All tables as of one instant."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, pl.DataFrame] = {}
        self._made: collections.OrderedDict[Hashable, Any] = collections.OrderedDict()
        self._lock = threading.Lock()
        self.about: Mapping[str, Any] = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        """What holds for all of them, as it was put there."""

    @property
    def name(self) -> str:
        """Another edition has another."""
        return self._folder.name

    @functools.cached_property
    def as_of(self) -> dt.datetime:
        """The instant; nothing later is in any table."""
        return dt.datetime.fromisoformat(self.about["as_of"])

    def scan(self, table: str) -> pl.LazyFrame:
        """A table, however big; a filter on what it is sorted by reads little of it."""
        return pl.scan_parquet(self._folder / f"{table}.parquet")

    def table(self, table: str) -> pl.DataFrame:
        """A small table, which is read once and kept."""
        found = self._read.get(table)
        if found is None:
            found = self._read[table] = pl.read_parquet(self._folder / f"{table}.parquet")
        return found

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """A small result that many ask for, made once; what nobody asked for in long is forgotten."""
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
    """The editions of one store."""

    def __init__(self, store: Path) -> None:
        self._folder = store / PREPARED
        self._open: dict[str, Edition] = {}
        self._turn = threading.Lock()

    def newest(self) -> Edition | None:
        """The newest edition that this version of the program can read; none before the first."""
        names = self._names()
        return self._opened(names[-1], names) if names else None

    def named(self, name: str) -> Edition | None:
        """An edition by its name; none if it is not on the shelf any more."""
        names = self._names()
        try:
            return self._opened(name, names) if name in names else None
        except FileNotFoundError:
            return None  # it was removed this very moment

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
        """Add an edition, which appears whole or not at all, and remove those that nobody reads any more."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._sweep()
        new = self._folder / f"{_UNFINISHED}{uuid.uuid4().hex}"
        new.mkdir()
        for name, table in tables.items():
            table.lazy().sink_parquet(new / f"{name}.parquet", row_group_size=ROWS_IN_GROUP)
        words = json.dumps({"as_of": as_of.isoformat(), **about})
        (new / _ABOUT).write_text(words, encoding="utf-8")
        stamp = f"{as_of.astimezone(dt.UTC):%Y%m%dT%H%M%S}"
        new.rename(self._folder / f"{_prefix()}{stamp}-{uuid.uuid4().hex[:8]}")
        for name in self._names()[:-KEPT]:
            shutil.rmtree(self._folder / name, ignore_errors=True)

    def _names(self) -> list[str]:
        """Those that can be read, the oldest first."""
        if not self._folder.is_dir():
            return []
        return sorted(each.name for each in self._folder.iterdir() if each.name.startswith(_prefix()))

    def _sweep(self) -> None:
        """Remove what a program that was killed left unfinished, and what another version made."""
        for each in self._folder.iterdir():
            if not each.name.startswith(_prefix()):
                shutil.rmtree(each, ignore_errors=True)


def _prefix() -> str:
    return f"v{VERSION}-"
