"""Progress on standard error: a moving line on a terminal, a line every 30 seconds elsewhere, none with ``--quiet``."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich import filesize
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn
from rich.progress import Progress as ProgressBar

from connectors.base import Page, Progress
from mailsignals.cli.cells import span
from mailsignals.cli.output import Output
from mailsignals.sync.mailboxes import MailboxOutcome
from mailsignals.sync.plan import Step

PATIENCE_SECONDS = 1.0
"""Work that ends sooner shows no progress line."""
EVERY_SECONDS = 30.0
"""The time between two lines where standard error is not a terminal."""


@contextmanager
def working(output: Output, what: str) -> Iterator[None]:
    """Show within the block, for how long some work has been running.

    Args:
        output: of the run.
        what: the work, such as ``Replaying history``.
    """
    if output.quiet:
        yield
        return
    done = threading.Event()
    thread = threading.Thread(target=_show_time, args=(output, what, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _show_time(output: Output, what: str, done: threading.Event) -> None:
    console, began_at = output.err, time.monotonic()
    if not console.is_terminal:
        while not done.wait(EVERY_SECONDS):
            output.say(f"{what}: {span(time.monotonic() - began_at)} so far.")
        return
    if done.wait(PATIENCE_SECONDS):
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        TextColumn("{task.fields[spent]}"),
    )
    with ProgressBar(*columns, console=console, transient=True) as shown:
        task = shown.add_task(what, total=None, spent="")
        while True:
            shown.update(task, spent=span(time.monotonic() - began_at))
            if done.wait(0.5):
                return


class Bars:
    """A bar for each mailbox or file that is being read, removed when it is done."""

    def __init__(self, output: Output) -> None:
        console = output.err
        self._output, self._live = output, console.is_terminal
        self._said_at = time.monotonic()
        self._bar = ProgressBar(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[words]}", markup=False),
            console=console,
            disable=output.quiet or not self._live,
            transient=True,
        )
        self._tasks: dict[tuple[str, str], TaskID] = {}

    def __enter__(self) -> Self:
        self._bar.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.__exit__(kind, error, trace)

    def begins(self, provider: str, mailbox: str, step: Step | None = None) -> None:
        """Add a bar for a mailbox or a file."""
        words = "" if step is None else str(step)
        self._tasks[provider, mailbox] = self._bar.add_task(mailbox, total=None, words=words)

    def moves(self, provider: str, mailbox: str, page: Page) -> None:
        """Move the bar after a page was stored."""
        at, task = page.progress, self._tasks[provider, mailbox]
        left = at.seconds_left if at.seconds_left is not None else self._left(task)
        words = progress_words(at) + (f", {span(left)} left" if left else "")
        self._bar.update(task, completed=at.done, total=at.total, words=words)
        if not self._live and time.monotonic() - self._said_at >= EVERY_SECONDS:
            self._said_at = time.monotonic()
            self._output.say(f"{mailbox}: {words}.")

    def ends(self, outcome: MailboxOutcome) -> None:
        """Remove the bar of a mailbox."""
        self.remove(outcome.provider, outcome.mailbox)

    def remove(self, provider: str, mailbox: str) -> None:
        """Remove the bar of a mailbox or a file, if it has one."""
        task = self._tasks.pop((provider, mailbox), None)
        if task is not None:
            self._bar.remove_task(task)

    def _left(self, task: TaskID) -> float | None:
        """Return the seconds left at the speed so far; None if the speed is unknown."""
        return next((each.time_remaining for each in self._bar.tasks if each.id == task), None)


def progress_words(progress: Progress) -> str:
    """Return the progress as text: ``1.2 GB of 20.0 GB``, or ``1,200 of 20,000 messages``."""
    sizes = [size for size in (progress.done, progress.total) if size is not None]
    if progress.unit == "bytes":
        return " of ".join(filesize.decimal(size) for size in sizes)
    return " of ".join(f"{size:,}" for size in sizes) + f" {progress.unit}"
