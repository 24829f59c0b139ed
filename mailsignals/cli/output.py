"""The one place that prints: tables for people, JSON for programs, everything else to standard error."""

import csv
import dataclasses
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console, RenderableType
from rich.table import Table

from mailsignals.errors import UserError

WIDE = 200
"""Columns where the output is not a terminal: nobody wants a file wrapped at 80."""

SUFFIXES = (".parquet", ".csv", ".json")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Output:
    """How this run talks."""

    as_json: bool = False
    quiet: bool = False

    @property
    def out(self) -> Console:
        """Standard output: results."""
        return Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)

    @property
    def err(self) -> Console:
        """Standard error: progress, remarks, errors."""
        return Console(stderr=True, highlight=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """A remark, unless quiet."""
        if not self.quiet:
            self.err.print(text, markup=False)

    def complain(self, text: str) -> None:
        """An error, even if quiet."""
        self.err.print(text, markup=False, style="bold red")

    def result(self, frame: pl.DataFrame, shown: RenderableType, *, to: str | None) -> None:
        """Write a result where it was asked for: a file by suffix, JSON, or a table."""
        if to is not None and to != "-":
            write(frame, Path(to))
            self.say(f"{frame.height:,} rows written to {to}")
        elif self.as_json or to == "-":
            sys.stdout.write(as_json(frame) + "\n")
        else:
            self.out.print(shown)


def as_json(frame: pl.DataFrame) -> str:
    """Rows as a JSON array; instants in ISO 8601 with ``Z``, what is not known as null."""
    return json.dumps(_plain(frame).to_dicts(), ensure_ascii=False, indent=2, allow_nan=False)


def check_suffix(to: str | None) -> None:
    """Raise UserError for an output file that could not be written, before any work is done."""
    if to is not None and to != "-" and Path(to).suffix not in SUFFIXES:
        raise UserError(f"--output {to}: the suffix decides the format; use {', '.join(SUFFIXES)} or -.")


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write by suffix; the file appears whole or not at all.

    Raises:
        UserError: naming the file.
    """
    check_suffix(str(path))
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as draft:
            name = Path(draft.name)
        try:
            _write(frame, name, suffix=path.suffix)
            name.chmod(0o644)
            name.replace(path)
        finally:
            name.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror or error}.") from None


def _write(frame: pl.DataFrame, path: Path, *, suffix: str) -> None:
    if suffix == ".parquet":
        frame.write_parquet(path)
    elif suffix == ".csv":
        plain = _plain(frame)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(plain.columns)
            writer.writerows([_cell(value) for value in row] for row in plain.iter_rows())
    else:
        path.write_text(as_json(frame) + "\n", encoding="utf-8")


def _cell(value: Any) -> Any:  # noqa: ANN401  # whatever a frame may hold
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Instants and days as text, numbers that are none as null."""
    instants = pl.selectors.datetime()
    floats = pl.selectors.float()
    return frame.with_columns(
        instants.dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ"),
        pl.selectors.date().dt.to_string("iso"),
        pl.when(floats.is_finite()).then(floats),
    )


def table(columns: Sequence[str], *, title: str | None = None, right: Sequence[str] = ()) -> Table:
    """An empty table in the house style; ``right`` names the columns of numbers."""
    made = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        numeric = column in right
        made.add_column(column, justify="right" if numeric else "left", no_wrap=numeric)
    return made
