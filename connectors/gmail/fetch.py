"""Fetches the headers of many messages in batches, and loses none of them.

The client library drops a whole batch when one part is missing or cut off, and repeats nothing. So answers are
only collected, what was asked for is compared with what came, and the rest is asked for again: in smaller batches
when a batch failed as a whole, one by one in the end, each a bounded number of times.
"""

import collections
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from googleapiclient.errors import BatchError, HttpError
from googleapiclient.http import HttpRequest

from connectors.gmail.api import TRIES, GmailAnswerError, GmailApi
from connectors.gmail.errors import GmailErrorKind, GmailVerdict
from connectors.gmail.outage_check import Doubt
from connectors.transport.waits import backoff

FIRST_SIZE = 25
LARGEST_SIZE = 50
"""Parts of a batch at first and at most: Gmail lets few requests of one user run at once."""

ITEM_TRIES = 5
"""How often one item is asked for before it is set aside."""

MISSING_DELAYS = (3.0, 10.0)
"""Seconds before an item that is missing is asked for again: a mail may be announced before it can be read."""

SUSPICIOUS = 3
"""From so many items on that all fail it may be the mailbox and not the items."""

_OWN_FAULT = frozenset({GmailErrorKind.RETRY, GmailErrorKind.REJECTED, GmailErrorKind.REFUSED})
"""What keeps an item from us, unless it is everything that fails."""


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
    """The result of fetching a number of ids.

    Each id is in exactly one of the four; more messages may have come along.
    """

    found: dict[str, dict[str, Any]]
    """Message resources by id."""
    gone: tuple[str, ...]
    unreadable: tuple[str, ...]
    deadly: tuple[str, ...] = ()
    """Not asked for, because reading them ended the program before."""


class Fetcher:
    """Fetches messages of one mailbox."""

    def __init__(self, api: GmailApi, *, one_by_one: bool) -> None:
        self._api = api
        self._largest = 1 if one_by_one else LARGEST_SIZE
        self._size = 1 if one_by_one else FIRST_SIZE
        self._doubt = Doubt(api)
        self._outages = 0
        """Batches, or single requests, in a row of which nothing came."""

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

    def _send(self, items: Sequence[Item]) -> dict[str, dict[str, Any] | GmailAnswerError]:
        """One batch, or one request; what came of each item, and nothing of those that an answer did not come for."""
        if not items:
            return {}
        quota = self._api.quota
        self._api.limiter.take(sum(quota.thread if item.is_thread else quota.get for item in items))
        answers: dict[str, dict[str, Any] | GmailAnswerError] = {}
        if len(items) == 1:
            answers[items[0].name] = self._single(items[0])
        else:
            try:
                self._execute(items, answers)
            except GmailAnswerError as trouble:
                self._whole_failed(items, trouble)
                return {}
        self._weigh(items, answers)
        return answers

    def _request(self, item: Item) -> HttpRequest:
        return self._api.thread(item.name) if item.is_thread else self._api.get(item.name)

    def _single(self, item: Item) -> dict[str, Any] | GmailAnswerError:
        """What came of one item, asked for outside of batches: what goes wrong is then its own."""
        try:
            return self._api.once(self._request(item))
        except GmailAnswerError as trouble:
            return trouble

    def _execute(self, items: Sequence[Item], answers: dict[str, dict[str, Any] | GmailAnswerError]) -> None:
        batch = self._api.batch()
        errors: list[tuple[str, HttpError]] = []

        def collect(name: str, answer: object, error: HttpError | None) -> None:
            if error is not None:
                errors.append((name, error))
            elif isinstance(answer, dict):
                answers[name] = answer
            else:
                answers[name] = GmailAnswerError(GmailVerdict(GmailErrorKind.RETRY, "no JSON object"))

        for item in items:
            batch.add(self._request(item), callback=collect, request_id=item.name)
        try:
            with self._api.translated():
                batch.execute()
        except (KeyError, BatchError, IndexError, TypeError) as broken:
            raise GmailAnswerError(
                GmailVerdict(GmailErrorKind.RETRY, f"batch: {type(broken).__name__}")
            ) from broken
        for name, refusal in errors:
            answers[name] = self._api.verdict(refusal)

    def _whole_failed(self, items: Sequence[Item], trouble: GmailAnswerError) -> None:
        """Make the next batch smaller, and wait."""
        verdict = trouble.verdict
        if verdict.kind is GmailErrorKind.BATCH_LIMIT:
            limit = len(items) // 2 if verdict.limit is None else min(verdict.limit, len(items) - 1)
            self._size = self._largest = max(limit, 1)
            return
        self._size = len(items) // 2
        self._outages += 1
        if self._outages > TRIES:
            raise self._api.given_up(trouble)
        self._api.back_off(trouble, self._outages)

    def _weigh(self, items: Sequence[Item], answers: Mapping[str, dict[str, Any] | GmailAnswerError]) -> None:
        """Larger batches while all is well, smaller ones when too much was asked for at once."""
        troubles = [answer for answer in answers.values() if isinstance(answer, GmailAnswerError)]
        pressed = [
            each
            for each in troubles
            if each.verdict.kind in {GmailErrorKind.THROTTLED, GmailErrorKind.CROWDED}
        ]
        failed = [each for each in troubles if each.verdict.kind in _OWN_FAULT]
        if max(len(pressed), len(failed)) < len(answers):
            self._outages = 0
        if pressed:
            self._size = max(self._size // 2, 1)
            if len(pressed) == len(answers):
                self._outages += 1
            if self._outages > 2 * TRIES:
                raise self._api.given_up(pressed[0])
            self._api.limiter.throttled(pressed[0].wait)
        elif len(failed) == len(answers):
            self._nothing_came(items, failed[0])
        else:
            self._size = min(self._size + max(self._size // 4, 1), self._largest)
            self._api.limiter.succeeded()

    def _nothing_came(self, items: Sequence[Item], trouble: GmailAnswerError) -> None:
        """Wait; where several failed, find out whether it is these messages or the mailbox."""
        kind = trouble.verdict.kind
        self._outages += 1
        if len(items) >= SUSPICIOUS or self._outages > (
            TRIES if kind is GmailErrorKind.RETRY else SUSPICIOUS
        ):
            self._doubt.settle(kind, {name for item in items for name in item.wanted})
            self._outages = 0
        elif kind is GmailErrorKind.RETRY:
            self._api.back_off(trouble, self._outages)

    def _sort(self, item: Item, answer: dict[str, Any] | GmailAnswerError | None, work: "_Work") -> None:
        """Put an item where it belongs: found, gone, unreadable, or back among the pending."""
        if answer is None:
            work.pending.append(item)
        elif isinstance(answer, GmailAnswerError):
            self._again(item, answer.verdict.kind, work)
        else:
            self._take(item, answer, work)

    def _take(self, item: Item, answer: dict[str, Any], work: "_Work") -> None:
        messages = answer.get("messages") or [] if item.is_thread else [answer]
        came = {
            one["id"]: one for one in messages if isinstance(one, dict) and isinstance(one.get("id"), str)
        }
        if not item.is_thread and item.name not in came:
            self._again(item, GmailErrorKind.RETRY, work)
            return
        self._doubt.good = next(iter(came), self._doubt.good)
        work.found |= came
        work.split(item, left=[name for name in item.wanted if name not in came])

    def _again(self, item: Item, kind: GmailErrorKind, work: "_Work") -> None:
        """Ask for it again later, or no more."""
        if kind in {GmailErrorKind.THROTTLED, GmailErrorKind.CROWDED}:
            work.pending.append(item)
            return
        if item.is_thread:
            work.split(item, left=item.wanted)
            return
        if kind is GmailErrorKind.MISSING:
            if item.missing >= len(work.missing_delays):
                work.gone.append(item.name)
                return
            item.due = self._api.clock() + work.missing_delays[item.missing]
            item.missing += 1
        else:
            item.tries += 1
            if item.tries >= (2 if kind in {GmailErrorKind.REJECTED, GmailErrorKind.REFUSED} else ITEM_TRIES):
                work.unreadable.append(item.name)
                return
            item.due = self._api.clock() + backoff(item.tries)
        work.pending.append(item)


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
