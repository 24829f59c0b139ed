"""Fetches the headers of many messages in batches, and loses none of them.

The client library drops a whole batch if one part is missing or cut off, and repeats nothing. So answers are
collected and compared with the requested items, and missing items are requested again: in smaller batches if a
whole batch failed, and one by one in the end, each a limited number of times.
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
"""Initial and largest number of parts of a batch: Gmail runs few requests of one user at once."""

ITEM_TRIES = 5
"""Largest number of requests for one item before it is skipped."""

MISSING_DELAYS = (3.0, 10.0)
"""Seconds before a missing item is requested again: an email may be listed before it can be read."""

SUSPICIOUS = 3
"""Number of items from which on, if all fail, the mailbox may be the reason."""

_OWN_FAULT = frozenset({GmailErrorKind.RETRY, GmailErrorKind.REJECTED, GmailErrorKind.REFUSED})
"""Kinds of errors that concern a single item, unless all items fail."""


@dataclasses.dataclass(slots=True)
class Item:
    """A message, or a thread with several requested messages."""

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

    Each id is in exactly one of the four; ``messages`` may contain more messages of the same threads.
    """

    found: dict[str, dict[str, Any]]
    """Message resources by id."""
    gone: tuple[str, ...]
    unreadable: tuple[str, ...]
    deadly: tuple[str, ...] = ()
    """Ids that weren't requested, because reading them crashed an earlier run."""


class Fetcher:
    """Fetches messages of one mailbox."""

    def __init__(self, api: GmailApi) -> None:
        self._api = api
        self._largest = LARGEST_SIZE
        self._size = FIRST_SIZE
        self._doubt = Doubt(api)
        self._outages = 0
        """Number of consecutive batches or single requests without any message."""

    def fetch(self, items: Iterable[Item], *, missing_delays: Sequence[float] = MISSING_DELAYS) -> Fetched:
        """Fetch all items; ``missing_delays`` are the seconds before each repeated request for a missing one.

        Raises:
            ConnectorError: the mailbox can't be read, or not now.
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
        """Send one batch or one request; return the answer or the error by item, without items that got neither."""
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
        """The answer or the error for one item, requested outside of a batch."""
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
        """Enlarge batches after success, and shrink them after too many requests at once."""
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
        """Wait; if several items failed, check whether the whole mailbox fails."""
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
        """Sort an item into fetched, missing, unreadable or pending."""
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
        """Schedule another request for an item, or give it up."""
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
    """The items that are still pending, and the result so far."""

    def __init__(self, missing_delays: Sequence[float]) -> None:
        self.missing_delays = missing_delays
        self.pending: collections.deque[Item] = collections.deque()
        self.found: dict[str, dict[str, Any]] = {}
        self.gone: list[str] = []
        self.unreadable: list[str] = []

    def split(self, item: Item, *, left: Sequence[str]) -> None:
        """Request the missing messages of a thread one by one."""
        if item.is_thread:
            self.pending.extend(Item(name, (name,)) for name in left)
