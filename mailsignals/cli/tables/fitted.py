"""Texts and tables that fit the terminal: nothing is cut off, and continuation lines are indented."""

import dataclasses
from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from mailsignals.cli.cells import UNKNOWN

GAP = 2
"""Spaces between columns."""
INDENT = 4
"""Spaces before a line below its row."""
HANGING = 2
"""Further spaces before the continuation of a wrapped text."""
BETWEEN = "   "
"""Between two cells on a line below their row."""
ROOM = 24
"""The least width of a last column that is wrapped in its place."""


@dataclasses.dataclass(frozen=True, eq=False)
class Hanging:
    """A text whose lines after the first are indented further."""

    text: Text
    first: int = 0
    """Spaces before the first line."""
    rest: int = HANGING
    """Spaces before the others."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines for a console's width."""
        yield from self.lines(console, options.max_width)

    def lines(self, console: Console, width: int) -> list[Text]:
        """Return the lines for a width in columns, at least one."""
        head, *others = self.text.wrap(console, max(1, width - self.first), overflow="fold") or [Text()]
        left = Text(" ").join(others)
        rest = left.wrap(console, max(1, width - self.rest), overflow="fold") if left.plain else ()
        shown = [
            Text.assemble(" " * self.first, head),
            *(Text.assemble(" " * self.rest, line) for line in rest),
        ]
        for line in shown:
            line.rstrip()
        return shown


@dataclasses.dataclass(frozen=True, eq=False)
class FittedTable:
    """A table whose columns move to indented lines below their row where the terminal is too narrow."""

    columns: Sequence[str]
    """Headings; one with line breaks takes several lines."""
    rows: Sequence[Sequence[Text]]
    """One cell per column."""
    right: frozenset[str] = frozenset()
    """Headings of right-aligned columns."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines for a console's width."""
        inline, below = self._placed(options.max_width)
        widths = [self._width(column) for column in inline]
        before = sum(width + GAP for width in widths[:-1])
        widths[-1] = min(widths[-1], max(options.max_width - before, 1))
        yield from self._headings(inline, widths)
        for row in self.rows:
            *cells, last = (row[column] for column in inline)
            first, *rest = Hanging(last).lines(console, widths[-1])
            yield self._line([*cells, first], inline, widths)
            yield from (Text.assemble(" " * before, line) for line in rest)
            yield from self._below(row, below, options.max_width)

    def _placed(self, most: int) -> tuple[list[int], list[int]]:
        """Return the columns in the row and those below it; the widest texts go first, the first column stays."""
        inline, below = list(range(len(self.columns))), list[int]()
        while len(inline) > 1 and not self._fits(inline, most):
            texts = [column for column in inline[1:] if not self._is_right(column)]
            widest = max(texts or inline[1:], key=self._width)
            inline.remove(widest)
            below.append(widest)
        return inline, sorted(below)

    def _fits(self, inline: Sequence[int], most: int) -> bool:
        widths = [self._width(column) for column in inline]
        used = sum(width + GAP for width in widths[:-1])
        wraps = not self._is_right(inline[-1]) and most - used >= max(ROOM, self._longest_word(inline[-1]))
        return wraps or used + widths[-1] <= most

    def _longest_word(self, column: int) -> int:
        words = (word for row in self.rows for word in row[column].plain.split())
        return max((Text(word).cell_len for word in words), default=0)

    def _is_right(self, column: int) -> bool:
        return self.columns[column] in self.right

    def _width(self, column: int) -> int:
        heading = [Text(line).cell_len for line in self.columns[column].split("\n")]
        return max([*heading, *(row[column].cell_len for row in self.rows)])

    def _headings(self, inline: Sequence[int], widths: Sequence[int]) -> Iterator[Text]:
        split = [self.columns[column].split("\n") for column in inline]
        height = max(map(len, split))
        for number in range(height):
            cells = [Text(([""] * (height - len(lines)) + lines)[number], "bold") for lines in split]
            yield self._line(cells, inline, widths)

    def _line(self, cells: Sequence[Text], inline: Sequence[int], widths: Sequence[int]) -> Text:
        line = Text()
        for cell, column, width in zip(cells, inline, widths, strict=True):
            space = " " * max(0, width - cell.cell_len)
            parts = (space, cell) if self._is_right(column) else (cell, space)
            line = Text.assemble(line, *parts, " " * GAP)
        line.rstrip()
        return line

    def _below(self, row: Sequence[Text], columns: Sequence[int], most: int) -> Iterator[Hanging]:
        """Yield the cells below a row: several in a line where they fit, long ones wrapped."""
        parts = list[Text]()
        for column in columns:
            cell = row[column]
            if cell.plain in {"", UNKNOWN}:
                continue
            heading = self.columns[column].replace("-\n", "").replace("\n", " ").strip()
            part = Text.assemble((f"{heading}: ", "dim"), cell) if heading else cell
            if parts and INDENT + parts[-1].cell_len + len(BETWEEN) + part.cell_len <= most:
                parts[-1] = Text.assemble(parts[-1], BETWEEN, part)
            else:
                parts.append(part)
        yield from (Hanging(part, INDENT, INDENT + HANGING) for part in parts)
