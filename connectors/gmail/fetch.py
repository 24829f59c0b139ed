"""Fetches the headers of many messages in batches, and loses none of them.

The client library drops a whole batch when one part is missing or cut off, and repeats nothing. So answers are
only collected, what was asked for is compared with what came, and the rest is asked for again: in smaller batches
when a batch failed as a whole, one by one in the end, each a bounded number of times.
"""

import collections
import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from googleapiclient.errors import BatchError, HttpError

from connectors.base import GiveUpError, RetryLaterError
from connectors.gmail.api import TRIES, AnswerError, Api
from connectors.gmail.errors import Kind, Verdict
from connectors.transport.waits import backoff

FIRST_SIZE = 25
LARGEST_SIZE = 50
"""Parts of a batch at first and at most: Gmail lets few requests of one user run at once."""

ITEM_TRIES = 5
"""How often one item is asked for before it is set aside."""

MISSING_DELAYS = (3.0, 10.0)
"""Seconds before an item that is missing is asked for again: a mail may be announced before it can be read."""

SUSPICIOUS = 3
"""From so many items on that all fail, and none comes, it is the mailbox and not the items."""


@dataclasses.dataclass(slots=True)
class Item:
    """A message, or a thread of which several messages are wanted."""

    name: str
    wanted: tuple[str, ...]
    """The ids of the messages."""
    is_thread: bool = False
    tries: int = 0
    missing: int = 0
    due: float = 0.0


@dataclasses.dataclass(frozen=True, slots=True)
class Fetched:
    """What came of a number of ids; each is in exactly one of the four, and more may have come along."""

    found: dict[str, dict[str, Any]]
    """Message resources by id."""
    gone: tuple[str, ...]
    unreadable: tuple[str, ...]
    deadly: tuple[str, ...] = ()
    """Not asked for, because reading them ended the program before."""


class Fetcher:
    """Fetches messages of one mailbox."""

    def __init__(self, api: Api, *, one_by_one: bool) -> None:
        self._api = api
        self._largest = 1 if one_by_one else LARGEST_SIZE
        self._size = 1 if one_by_one else FIRST_SIZE
        self._outages = 0
        """Batches in a row of which nothing came."""
        self._came = 0
        self._failed = 0

    def fetch(self, items: Iterable[Item], *, missing_delays: Sequence[float] = MISSING_DELAYS) -> Fetched:
        """Fetch them all; ``missing_delays`` is how often, and when, a missing one is asked for again.

        Raises:
            ConnectorError: the mailbox cannot be read, or not now.
        """
        work = _Work(missing_delays)
        work.pending.extend(items)
        while work.pending:
            some = self._next(work)
            answers = self._send(some)
            for item in some:
                self._sort(item, answers.get(item.name), work)
        return Fetched(work.found, tuple(work.gone), tuple(work.unreadable))

    def _next(self, work: "_Work") -> list[Item]:
        """The items of the next batch; waits until one is due."""
        now = self._api.clock()
        due = [item for item in work.pending if item.due <= now]
        if not due:
            self._api.pause(max(min(item.due for item in work.pending) - now, 0.01))
            return []
        some = due[: self._size]
        chosen = {id(item) for item in some}
        work.pending = collections.deque(item for item in work.pending if id(item) not in chosen)
        return some

    def _send(self, items: Sequence[Item]) -> dict[str, dict[str, Any] | AnswerError]:
        """One batch; what came of each item that an answer came for, and a whole failure for the others."""
        if not items:
            return {}
        quota = self._api.quota
        self._api.limiter.take(sum(quota.thread if item.is_thread else quota.get for item in items))
        answers: dict[str, dict[str, Any] | AnswerError] = {}
        try:
            self._execute(items, answers)
        except AnswerError as trouble:
            self._whole_failed(items, answers, trouble)
        else:
            self._grow(answers)
        return answers

    def _execute(self, items: Sequence[Item], answers: dict[str, dict[str, Any] | AnswerError]) -> None:
        batch = self._api.batch()
        errors: list[tuple[str, HttpError]] = []

        def collect(name: str, answer: object, error: HttpError | None) -> None:
            if error is not None:
                errors.append((name, error))
            elif isinstance(answer, dict):
                answers[name] = answer
            else:
                answers[name] = AnswerError(Verdict(Kind.RETRY, "no JSON object"))

        for item in items:
            request = self._api.thread(item.name) if item.is_thread else self._api.get(item.name)
            batch.add(request, callback=collect, request_id=item.name)
        try:
            with self._api.translated():
                batch.execute()
        except (KeyError, BatchError, IndexError, TypeError) as broken:
            raise AnswerError(Verdict(Kind.RETRY, f"batch: {type(broken).__name__}")) from broken
        for name, refusal in errors:
            answers[name] = self._api.verdict(refusal)

    def _whole_failed(
        self, items: Sequence[Item], answers: dict[str, dict[str, Any] | AnswerError], trouble: AnswerError
    ) -> None:
        """Make the next batch smaller, and wait; a batch of one is that item's own failure."""
        verdict = trouble.verdict
        if verdict.kind is Kind.BATCH_LIMIT:
            self._largest = max(min(verdict.limit or self._size // 2, self._largest), 1)
            self._size = min(self._size // 2 or 1, self._largest) if verdict.limit is None else self._largest
            return
        self._size = max(len(items) // 2, 1)
        self._outages += 1
        if self._outages > TRIES:
            raise self._api.given_up(trouble)
        if len(items) == 1 and self._came:
            answers[items[0].name] = trouble
        self._api.back_off(trouble, self._outages)

    def _grow(self, answers: dict[str, dict[str, Any] | AnswerError]) -> None:
        """Larger batches while all is well, smaller ones when too much was asked for at once."""
        troubles = [answer for answer in answers.values() if isinstance(answer, AnswerError)]
        pressed = [each for each in troubles if each.verdict.kind in {Kind.THROTTLED, Kind.CROWDED}]
        if len(troubles) < len(answers):
            self._outages = 0
        if pressed:
            self._size = max(self._size // 2, 1)
            if len(pressed) == len(answers):
                self._outages += 1
            if self._outages > 2 * TRIES:
                raise self._api.given_up(pressed[0])
            self._api.limiter.throttled(pressed[0].wait)
        else:
            self._size = min(self._size + max(self._size // 4, 1), self._largest)
            self._api.limiter.succeeded()

    def _sort(self, item: Item, answer: dict[str, Any] | AnswerError | None, work: "_Work") -> None:
        """Put an item where it belongs: found, gone, unreadable, or back among the pending."""
        if answer is None:
            work.pending.append(item)
        elif isinstance(answer, AnswerError):
            self._again(item, answer.verdict.kind, work)
        else:
            self._take(item, answer, work)

    def _take(self, item: Item, answer: dict[str, Any], work: "_Work") -> None:
        messages = answer.get("messages") or [] if item.is_thread else [answer]
        came = {
            one["id"]: one for one in messages if isinstance(one, dict) and isinstance(one.get("id"), str)
        }
        if not item.is_thread and item.name not in came:
            self._again(item, Kind.RETRY, work)
            return
        self._came += len(came)
        work.found |= came
        work.split(item, left=[name for name in item.wanted if name not in came])

    def _again(self, item: Item, kind: Kind, work: "_Work") -> None:
        """Ask for it again later, or no more."""
        if kind in {Kind.THROTTLED, Kind.CROWDED}:
            work.pending.append(item)
            return
        if item.is_thread:
            work.split(item, left=item.wanted)
            return
        if kind is Kind.MISSING:
            if item.missing >= len(work.missing_delays):
                work.gone.append(item.name)
                return
            item.due = self._api.clock() + work.missing_delays[item.missing]
            item.missing += 1
        else:
            item.tries += 1
            if item.tries >= (2 if kind in {Kind.REJECTED, Kind.REFUSED} else ITEM_TRIES):
                self._lose(item, kind, work)
                return
            item.due = self._api.clock() + backoff(item.tries)
        work.pending.append(item)

    def _lose(self, item: Item, kind: Kind, work: "_Work") -> None:
        """Set an item aside, unless none has come at all."""
        self._failed += 1
        work.unreadable.append(item.name)
        if self._came == 0 and self._failed >= SUSPICIOUS:
            raise self._suspended(kind)

    def _suspended(self, kind: Kind) -> GiveUpError | RetryLaterError:
        if kind is Kind.RETRY:
            return RetryLaterError(
                self._api.mailbox,
                "Gmail lists the mailbox but gives out none of its messages; the user may be suspended.",
                "Look in Admin console > Directory > Users; if the user is active, the next run tries again.",
                state="suspended",
            )
        return GiveUpError(
            self._api.mailbox,
            "Gmail refuses every message of the mailbox: the user is suspended.",
            "Restore the user (Admin console > Directory > Users), or take the address out of the configuration.",
            state="suspended",
        )


class _Work:
    """What is still to be fetched, and what came so far."""

    def __init__(self, missing_delays: Sequence[float]) -> None:
        self.missing_delays = missing_delays
        self.pending: collections.deque[Item] = collections.deque()
        self.found: dict[str, dict[str, Any]] = {}
        self.gone: list[str] = []
        self.unreadable: list[str] = []

    def split(self, item: Item, *, left: Sequence[str]) -> None:
        """Ask one by one for the messages of a thread that did not come with it."""
        if item.is_thread:
            self.pending.extend(Item(name, (name,)) for name in left)
