"""The one place that prints: tables for people, JSON for programs, everything else to standard error."""

import dataclasses
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl
import typer
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from connectors.base import ConnectorError, SignInError
from mailsignals.cli.files import as_json, write_result
from mailsignals.cli.run import BUG, INTERRUPTED, SIGN_IN, USAGE
from mailsignals.errors import UserError
from mailsignals.wording.terminal import visible, visible_lines

WIDE = 200
"""Columns where the output is not a terminal: nobody wants a file wrapped at 80."""

NARROW = 10
"""Columns that a text has at least."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Output:
    """The output of a run: results to standard output, remarks and errors to standard error."""

    as_json: bool = False
    quiet: bool = False

    @property
    def out(self) -> Console:
        """Standard output: results."""
        return Console(
            highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else WIDE
        )

    @property
    def err(self) -> Console:
        """Standard error: progress, remarks, errors."""
        return Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """A remark, unless quiet."""
        if not self.quiet:
            self.err.print(visible_lines(text))

    def complain(self, text: str) -> None:
        """An error, even if quiet."""
        self.err.print(visible_lines(text), style="bold red")

    def show(self, shown: RenderableType) -> None:
        """A result for people."""
        self.out.print(shown)

    def result(self, frame: pl.DataFrame, shown: RenderableType, *, to: str | None) -> None:
        """Write a result where it was asked for: a file by suffix, JSON, or ``shown``."""
        if self.for_people(to):
            self.show(shown)
        else:
            self.save(frame, to or "-")

    def for_people(self, to: str | None) -> bool:
        """Return whether a result is shown, rather than written to a file or as JSON."""
        return to is None and not self.as_json

    def lines(self, name: str, values: Sequence[str]) -> None:
        """Write texts, one a line and never wrapped, or as rows of one column."""
        if self.as_json:
            self.save(pl.DataFrame({name: values}, schema={name: pl.String}), "-")
        else:
            sys.stdout.writelines(f"{visible(value)}\n" for value in values)

    def document(self, frames: Mapping[str, pl.DataFrame], shown: RenderableType) -> None:
        """Write several results as one JSON object, or ``shown``."""
        if self.as_json:
            sys.stdout.write(as_json(frames, ascii_only=_no_unicode()) + "\n")
        else:
            self.show(shown)

    def save(self, frame: pl.DataFrame, to: str) -> None:
        """Write a result to a file by suffix, or as JSON to standard output."""
        if to == "-":
            sys.stdout.write(as_json(frame, ascii_only=_no_unicode()) + "\n")
        else:
            write_result(frame, Path(to))
            self.say(f"{frame.height:,} rows written to {to}")


def _no_unicode() -> bool:
    """Whether standard output takes ASCII alone for granted; JSON can do with that."""
    return (sys.stdout.encoding or "").lower() != "utf-8"


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str | Text]],
    *,
    title: str | None = None,
    right: Sequence[str] = (),
) -> RenderableType:
    """A table in the house style; ``right`` names the columns of numbers. Where it is narrow, texts take more lines.

    A cell that comes with a style of its own is taken to be harmless; every other text is made so.
    """
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        if column in right:
            made.add_column(column, justify="right", no_wrap=True)
        else:
            made.add_column(column, overflow="fold", min_width=NARROW)
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else visible(cell) for cell in row))
    return Group(Text(title, style="italic"), made) if title else made


def report_failure(error: BaseException) -> int:
    """Say what went wrong, and return the exit status for it."""
    output = Output()
    match error:
        case typer.TyperException():
            text = error.format_message()
            output.complain(f"{text}{'' if text.endswith(('.', '?')) else '.'} See `mailsignals --help`.")
            return USAGE
        case typer.Abort() | KeyboardInterrupt():
            output.complain("Interrupted. What was finished is kept; run the same command again to go on.")
            return INTERRUPTED
        case UserError():
            output.complain(str(error))
            return error.exit_status
        case ConnectorError():
            output.complain(str(error))
            return SIGN_IN if isinstance(error, SignInError) else USAGE
        case _:
            traceback.print_exception(error)
            output.complain("This is a bug in mailsignals. Please report it with the lines above.")
            return BUG
