"""A moving line on standard error while something takes seconds."""

import contextlib
from collections.abc import Iterator

from mailsignals.cli.output import Output


@contextlib.contextmanager
def working(output: Output, what: str) -> Iterator[None]:
    """Show a moving line within the block on a terminal, and nothing elsewhere or with ``--quiet``.

    Args:
        output: of the run.
        what: the work, such as ``Replaying history``.
    """
    console = output.err
    if output.quiet or not console.is_terminal:
        yield
        return
    with console.status(f"{what} ..."):
        yield
