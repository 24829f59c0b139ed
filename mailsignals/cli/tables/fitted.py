"""A table that fits the terminal: columns that are too wide move to indented lines below their row."""

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
class FittedTable:
    """A table in the house style. Every character of every cell is shown, whatever the width."""

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
        last = options.max_width - sum(width + GAP for width in widths[:-1])
        widths[-1] = min(widths[-1], max(last, 1))
        yield from self._headings(inline, widths)
        for row in self.rows:
            yield from self._lines(console, row, inline, widths)
            yield from self._below(console, row, below, options.max_width)

    def _placed(self, most: int) -> tuple[list[int], list[int]]:
        """Return the columns in the row and those below it, widest text first to go."""
        inline, below = list(range(len(self.columns))), []
        while len(inline) > 1 and not self._fits(inline, most):
            texts = [column for column in inline[1:] if not self._is_right(column)]
            widest = max(texts or inline[1:], key=self._width)
            inline.remove(widest)
            below.append(widest)
        return inline, sorted(below)

    def _fits(self, inline: Sequence[int], most: int) -> bool:
        widths = [self._width(column) for column in inline]
        used = sum(width + GAP for width in widths[:-1])
        wraps = not self._is_right(inline[-1]) and most - used >= ROOM
        return wraps or used + widths[-1] <= most

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

    def _lines(
        self, console: Console, row: Sequence[Text], inline: Sequence[int], widths: Sequence[int]
    ) -> Iterator[Text]:
        *cells, last = (row[column] for column in inline)
        first, *rest = _wrapped(console, last, widths[-1])
        yield self._line([*cells, first], inline, widths)
        before = sum(width + GAP for width in widths[:-1])
        for line in rest:
            yield Text(" " * before).append_text(line)

    def _line(self, cells: Sequence[Text], inline: Sequence[int], widths: Sequence[int]) -> Text:
        line = Text()
        for cell, column, width in zip(cells, inline, widths, strict=True):
            space = " " * max(0, width - cell.cell_len)
            parts = (space, cell) if self._is_right(column) else (cell, space)
            line = Text.assemble(line, *parts, " " * GAP)
        line.rstrip()
        return line

    def _below(
        self, console: Console, row: Sequence[Text], columns: Sequence[int], most: int
    ) -> Iterator[Text]:
        """Yield the cells below a row: several in a line where they fit, long ones wrapped."""
        room, line = max(1, most - INDENT), Text()
        for column in columns:
            cell = row[column]
            if cell.plain in {"", UNKNOWN}:
                continue
            heading = self.columns[column].replace("-\n", "").replace("\n", " ").strip()
            part = Text.assemble((f"{heading}: ", "dim"), cell) if heading else cell
            if line.plain and line.cell_len + len(BETWEEN) + part.cell_len <= room:
                line = Text.assemble(line, BETWEEN, part)
                continue
            yield from _indented(console, line, room)
            line = part
        yield from _indented(console, line, room)


def _indented(console: Console, text: Text, room: int) -> Iterator[Text]:
    for line in _wrapped(console, text, room) if text.plain else ():
        yield Text.assemble(" " * INDENT, line)


def _wrapped(console: Console, text: Text, width: int) -> list[Text]:
    """Return a text in lines of a width; all but the first are indented."""
    if text.cell_len <= width:
        return [text]
    room = max(1, width - HANGING)
    first, *rest = text.wrap(console, width, overflow="fold")
    left = Text(" ").join(rest)
    left.rstrip()
    lines = left.wrap(console, room, overflow="fold") if left.plain else []
    shown = [Text(" " * min(HANGING, width - 1)).append_text(line) for line in lines]
    for line in (first, *shown):
        line.rstrip()
    return [first, *shown]
