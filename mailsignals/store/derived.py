"""Touches kept beside the messages: rebuilt whenever messages, account book or settings change.

Derived tables are never a source of truth. Each set lies in a folder named by a fingerprint of all that decides it;
a set is written whole and then given its name, so that a reader finds all of it or nothing.
"""

import contextlib
import dataclasses
import datetime as dt
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import polars as pl

from mailsignals.accounts import Book, Company, match
from mailsignals.store.store import Store
from mailsignals.touches.build import Touches, TouchRules, build

_LAYOUT = 1
"""Raised whenever touches are built differently, so that older sets are not taken for current ones."""

_TABLES = ("touches", "links", "people", "unsettled")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Directory:
    """What decides whose an address is."""

    company: Company
    book: Book
    free_mail: frozenset[str]

    def __call__(self, addresses: pl.Series) -> pl.DataFrame:
        """Distinct addresses to ``MATCH_SCHEMA``."""
        return match(addresses, company=self.company, book=self.book, free_mail=self.free_mail)

    @property
    def key(self) -> str:
        """A fingerprint of everything that decides the answers."""
        roles = sorted(self.company.roles.items())
        return _digest([self.company.key, roles, self.book.key, sorted(self.free_mail)])


@dataclasses.dataclass(frozen=True, kw_only=True)
class Derived:
    """The touches of a store, as frames to scan."""

    touches: pl.LazyFrame
    """``TOUCH_SCHEMA``."""
    links: pl.LazyFrame
    """``LINK_SCHEMA``."""
    people: pl.DataFrame
    """``MATCH_SCHEMA`` after ``person``."""
    unsettled: pl.DataFrame
    """``PERIOD_SCHEMA``: instants for which these are not the touches that were known then."""


def derived(store: Store, directory: Directory, rules: TouchRules) -> Derived:
    """The touches of everything stored; from the kept set if it is current."""
    key = _digest([_LAYOUT, store.revision, directory.key, dataclasses.asdict(rules), pl.__version__])
    folder = store.derived_folder / key
    if not _complete(folder):
        touches = build(store.messages(), directory, rules)
        # A set that cannot be kept (a full disk, a read-only folder) only costs time.
        with contextlib.suppress(OSError):
            _keep(touches, folder)
        if not _complete(folder):
            return _in_memory(touches)
    return Derived(
        touches=pl.scan_parquet(folder / "touches.parquet"),
        links=pl.scan_parquet(folder / "links.parquet"),
        people=pl.read_parquet(folder / "people.parquet"),
        unsettled=pl.read_parquet(folder / "unsettled.parquet"),
    )


def derived_at(store: Store, directory: Directory, rules: TouchRules, as_of: dt.datetime) -> Derived:
    """The touches as they were known at an instant, for those instants that lie in an unsettled period."""
    return _in_memory(build(store.messages(), directory, rules, seen_until=as_of))


def _in_memory(touches: Touches) -> Derived:
    return Derived(
        touches=touches.frame.lazy(),
        links=touches.links.lazy(),
        people=touches.people,
        unsettled=touches.unsettled,
    )


def _complete(folder: Path) -> bool:
    return all((folder / f"{name}.parquet").is_file() for name in _TABLES)


def _keep(touches: Touches, folder: Path) -> None:
    """Write the set under another name, rename it, then remove what it replaces."""
    folder.parent.mkdir(exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix="draft-"))
    try:
        touches.frame.write_parquet(draft / "touches.parquet", compression="lz4")
        touches.links.write_parquet(draft / "links.parquet", compression="lz4")
        touches.people.write_parquet(draft / "people.parquet")
        touches.unsettled.write_parquet(draft / "unsettled.parquet")
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    for older in folder.parent.iterdir():
        if older != folder and not older.name.startswith("draft-"):
            shutil.rmtree(older, ignore_errors=True)


def _digest(parts: object) -> str:
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
