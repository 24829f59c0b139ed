"""Copies of a company's folder, taken while its store may be open."""

import contextlib
import shutil
import sqlite3
from pathlib import Path

NOT_COPIED = shutil.ignore_patterns("*.sqlite*", "*.parquet.*")
"""Databases, which have files beside them that come and go, and tables that are still being written."""


def copy_company(folder: Path, target: Path) -> None:
    """Copy a folder with everything below it; a database is copied as of one moment, by SQLite itself."""
    shutil.copytree(folder, target, ignore=NOT_COPIED)
    for file in folder.rglob("*.sqlite"):
        copied = target / file.relative_to(folder)
        with (
            contextlib.closing(sqlite3.connect(file)) as source,
            contextlib.closing(sqlite3.connect(copied)) as copy,
        ):
            source.backup(copy)
        shutil.copymode(file, copied)
