"""Printing: tables for people, JSON for programs, and everything else to standard error.

Colour follows NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE and CLICOLOR, in this order; a pipe has none unless it is forced.
"""

import dataclasses
import functools
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl
from rich.console import Console, Group, RenderableType
from rich.text import Text

from mailsignals.cli.files import as_json, write_result
from mailsignals.cli.tables.fitted import FittedTable
from mailsignals.wording.numbers import count_noun
from mailsignals.wording.terminal import visible, visible_lines

WIDE = 200
"""The width in columns where the output is not a terminal and COLUMNS is not set."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Output:
    """The output of a run: results on standard output, messages and errors on standard error."""

    as_json: bool = False
    quiet: bool = False

    @property
    def out(self) -> Console:
        """Return a console for results, on standard output."""
        width = None if sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit() else WIDE
        return _console(stderr=False, width=width)

    @functools.cached_property
    def err(self) -> Console:
        """Return the console for progress, messages and errors, on standard error; wrapped on a terminal only.

        It is one per run, so that messages appear above a progress line.
        """
        made = _console(stderr=True)
        made.soft_wrap = not made.is_terminal
        return made

    def say(self, text: str) -> None:
        """Print a message, unless ``--quiet`` was given."""
        if not self.quiet:
            self.err.print(visible_lines(text))

    def complain(self, text: str) -> None:
        """Print an error, even with ``--quiet``."""
        self.err.print(visible_lines(text), style="bold red")

    def show(self, shown: RenderableType) -> None:
        """Print a result for people."""
        self.out.print(shown)

    def result(self, frame: pl.DataFrame, shown: RenderableType, *, to: str | None) -> None:
        """Write ``frame`` to a file or as JSON where that was requested; else print ``shown``."""
        if self.for_people(to):
            self.show(shown)
        else:
            self.save(frame, to or "-")

    def for_people(self, to: str | None) -> bool:
        """Return whether a result is printed for people, rather than written to a file or as JSON."""
        return to is None and not self.as_json

    def lines(self, name: str, values: Sequence[str]) -> None:
        """Print texts, one per line and never wrapped, or as JSON rows of one column."""
        if self.as_json:
            self.save(pl.DataFrame({name: values}, schema={name: pl.String}), "-")
        else:
            sys.stdout.writelines(f"{visible(value)}\n" for value in values)

    def document(self, frames: Mapping[str, pl.DataFrame], shown: RenderableType) -> None:
        """Print several results as one JSON object, or ``shown``."""
        if self.as_json:
            sys.stdout.write(as_json(frames, ascii_only=_no_unicode()) + "\n")
        else:
            self.show(shown)

    def save(self, frame: pl.DataFrame, to: str) -> None:
        """Write a result to a file by its suffix, or as JSON to standard output for ``-``."""
        if to == "-":
            sys.stdout.write(as_json(frame, ascii_only=_no_unicode()) + "\n")
        else:
            write_result(frame, Path(to))
            self.say(f"Wrote {count_noun(frame.height, 'row')} to {to}.")


def _console(*, stderr: bool, width: int | None = None) -> Console:
    """Return a console whose colour follows the environment; rich itself obeys NO_COLOR and FORCE_COLOR."""
    known = os.environ
    decided = bool(known.get("NO_COLOR") or known.get("FORCE_COLOR"))
    forced = not decided and known.get("CLICOLOR_FORCE", "0") != "0"
    plain = not decided and not forced and known.get("CLICOLOR") == "0"
    return Console(
        stderr=stderr,
        highlight=False,
        markup=False,
        emoji=False,
        width=width,
        force_terminal=True if forced else None,
        no_color=True if plain else None,
    )


def _no_unicode() -> bool:
    """Return whether standard output may not be UTF-8, so that JSON is written in ASCII."""
    return (sys.stdout.encoding or "").lower() != "utf-8"


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str | Text]],
    *,
    title: str | None = None,
    right: Sequence[str] = (),
    empty: str | None = None,
) -> RenderableType:
    """Return a table in the house style; where the terminal is narrow, long texts take indented lines of their own.

    Args:
        columns: the headings.
        rows: one cell per heading. A text is made harmless, but not a ``Text``, which has a style of its own.
        title: a line above the table.
        right: the headings of right-aligned columns, usually of numbers.
        empty: a sentence for a table without rows.
    """
    cells = [[cell if isinstance(cell, Text) else Text(visible(cell)) for cell in row] for row in rows]
    if empty and not cells:
        return Text(empty)
    made = FittedTable(columns, cells, frozenset(right))
    return Group(Text(title, style="italic"), made) if title else made
