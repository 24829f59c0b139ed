"""The account list as its file is now, for pages that can't wait for the next edition."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from mailsignals.accounts import Notation, read_book
from mailsignals.config import Settings


def row_of(settings: Settings, account_id: str) -> Mapping[str, Any] | None:
    """Return the row of an account; None if the account list has no such account.

    Raises:
        UserError: the account list can't be read.
    """
    file, notation = settings.accounts.file, settings.accounts.notation
    found = _book(file, _stamp(file), settings.tier_names, notation).filter(
        pl.col("account_id") == account_id
    )
    return None if found.is_empty() else found.row(0, named=True)


def _stamp(file: Path) -> tuple[int, int] | None:
    """Return the time and size of a file, which change with it; None without a file."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


@functools.lru_cache(maxsize=1)
def _book(
    file: Path,
    stamp: tuple[int, int] | None,  # noqa: ARG001  # the key
    tiers: tuple[str, ...],
    notation: Notation,
) -> pl.DataFrame:
    """Return the rows of the account list; the file is read again when it has changed."""
    return read_book(file, tiers=tiers, notation=notation).accounts
