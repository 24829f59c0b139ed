"""The limits of one provider: those of the whole project, and those of each mailbox."""

import contextlib
import dataclasses
import datetime as dt
import threading
from collections.abc import Callable, Iterator, Sequence

from connectors.transport.concurrency import Concurrency
from connectors.transport.limit_state import LimitMemory, LimitState, NoLimitMemory, StandingWaitError
from connectors.transport.limiter import Limiter
from connectors.transport.waits import Pause
from connectors.transport.window import Budget


@dataclasses.dataclass(frozen=True, slots=True)
class MailboxLimits:
    """The limits of one mailbox."""

    limiter: Limiter
    concurrency: Concurrency


@dataclasses.dataclass(kw_only=True, eq=False)
class ProviderLimits:
    """The limits of a project and its mailboxes, safe to use from any thread.

    Within ``kept`` they continue from a memory, and everything that a later run must know is stored there.
    """

    project: str
    """A name of what the provider counts together, such as an app in a tenant."""
    project_budgets: Sequence[Budget]
    """The budgets of all mailboxes together."""
    mailbox_budgets: Sequence[Budget]
    """The budgets of each mailbox."""
    most_at_once: int
    """The largest number of simultaneous requests for one mailbox."""
    now: Callable[[], dt.datetime]
    pause: Pause
    clock: Callable[[], float]
    """A time in seconds that never jumps."""

    def __post_init__(self) -> None:
        self._of_project = Limiter(self.project_budgets, pause=self.pause, clock=self.clock)
        self._of_mailboxes: dict[str, MailboxLimits] = {}
        self._memory: LimitMemory = NoLimitMemory()
        self._continued: set[str] = set()
        self._lock = threading.Lock()

    def of(self, mailbox: str) -> MailboxLimits:
        """Return the limits of a mailbox."""
        with self._lock:
            if mailbox not in self._of_mailboxes:
                limiter = Limiter(self.mailbox_budgets, pause=self.pause, parent=self._of_project)
                places = Concurrency(self.most_at_once, pause=self.pause, clock=self.clock)
                self._of_mailboxes[mailbox] = MailboxLimits(limiter, places)
                self._continue(mailbox)
            return self._of_mailboxes[mailbox]

    @property
    def standing_wait(self) -> StandingWaitError | None:
        """Return the wait that the provider requests of all mailboxes; None if it is under a minute."""
        left = self._of_project.standing_wait
        return None if left is None else StandingWaitError(left, everywhere=True, demanded=True)

    @contextlib.contextmanager
    def kept(self, memory: LimitMemory) -> Iterator[None]:
        """Continue from a memory within the block, and store the limits there."""
        with self._lock:
            self._memory = memory
            self._continue("")
            for mailbox in self._of_mailboxes:
                self._continue(mailbox)
        try:
            yield
        finally:
            with self._lock:
                for mailbox in ("", *self._of_mailboxes):
                    self._limiter(mailbox).changed = lambda: None
                    self._save(mailbox, ended=True)
                self._memory = NoLimitMemory()

    def save(self, mailbox: str) -> None:
        """Store the limits found out about a mailbox."""
        self._save(mailbox, ended=False)

    def _limiter(self, mailbox: str) -> Limiter:
        return self._of_mailboxes[mailbox].limiter if mailbox else self._of_project

    def _continue(self, mailbox: str) -> None:
        """Restore the stored limits of a mailbox, or of the project if the name is empty."""
        limiter, wall = self._limiter(mailbox), self._wall()
        if isinstance(self._memory, NoLimitMemory):
            return
        if mailbox not in self._continued and (state := self._memory.load(self.project, mailbox)) is not None:
            limiter.restore(state, wall)
            if mailbox:
                self._of_mailboxes[mailbox].concurrency.restore(state, wall=wall)
        self._continued.add(mailbox)
        limiter.changed = lambda: self._save(mailbox, ended=False)

    def _save(self, mailbox: str, *, ended: bool) -> None:
        wall = self._wall()
        state: LimitState = self._limiter(mailbox).state(wall, ended=ended)
        if mailbox:
            state = self._of_mailboxes[mailbox].concurrency.put_into(state, wall=wall)
        self._memory.save(self.project, mailbox, state)

    def _wall(self) -> float:
        return self.now().timestamp()
