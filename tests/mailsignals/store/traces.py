"""Looks for a text everywhere in a store's folder: in the bytes of every file, and in what its tables hold."""

import contextlib
import io
import sqlite3
from pathlib import Path

import polars as pl


def traces(folder: Path, *texts: str) -> list[str]:
    """The names of the files that hold one of the texts, in any case, written as it is or packed."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    contents = {str(path.relative_to(folder)): _all_of(path) for path in files}
    return sorted(
        name for name, content in contents.items() if any(text.lower() in content for text in texts)
    )


def _all_of(path: Path) -> str:
    """What is to be read of a file, in lower case; of the catalogue its log, the pages' blobs and free pages, too."""
    content = path.read_bytes()
    found = [path.name, content.decode("latin-1"), content.decode("utf-8", "ignore")]
    if path.suffix == ".parquet":
        found.append(pl.read_parquet(path).write_ndjson())
    if path.suffix == ".sqlite":
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as catalogue:
            found += [
                pl.read_ipc(io.BytesIO(blob)).write_ndjson()
                for (blob,) in catalogue.execute("SELECT messages FROM page")
            ]
            found += catalogue.iterdump()
    return "\n".join(found).lower()
