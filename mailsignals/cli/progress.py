"""Progress bars on standard error, where that is a terminal."""

from types import TracebackType
from typing import Self

from rich import filesize
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as ProgressBar

from connectors.base import Page, Progress
from mailsignals.cli.cells import span
from mailsignals.cli.output import Output
from mailsignals.sync.mailboxes import MailboxOutcome
from mailsignals.sync.plan import Step


class Bars:
    """A bar for each mailbox or file that is being read; gone when it is done."""

    def __init__(self, output: Output) -> None:
        console = output.err
        self._bar = ProgressBar(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[told]}", markup=False),
            console=console,
            disable=output.quiet or not console.is_terminal,
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
        """A mailbox or a file is being read."""
        told = "" if step is None else str(step)
        self._tasks[provider, mailbox] = self._bar.add_task(mailbox, total=None, told=told)

    def moves(self, provider: str, mailbox: str, page: Page) -> None:
        """A page of it was stored."""
        at, task = page.progress, self._tasks[provider, mailbox]
        left = at.seconds_left if at.seconds_left is not None else self._left(task)
        told = amount(at) + (f", {span(left)} left" if left else "")
        self._bar.update(task, completed=at.done, total=at.total, told=told)

    def ends(self, outcome: MailboxOutcome) -> None:
        """A mailbox is done."""
        self.remove(outcome.provider, outcome.mailbox)

    def remove(self, provider: str, mailbox: str) -> None:
        """Take its bar away, if it has one."""
        task = self._tasks.pop((provider, mailbox), None)
        if task is not None:
            self._bar.remove_task(task)

    def _left(self, task: TaskID) -> float | None:
        """How long it takes at the speed so far."""
        return next((each.time_remaining for each in self._bar.tasks if each.id == task), None)


def amount(progress: Progress) -> str:
    """``1.2 GB of 20.0 GB``, or ``1,200 of 20,000 messages``."""
    sizes = [size for size in (progress.done, progress.total) if size is not None]
    if progress.unit == "bytes":
        return " of ".join(filesize.decimal(size) for size in sizes)
    return " of ".join(f"{size:,}" for size in sizes) + f" {progress.unit}"
