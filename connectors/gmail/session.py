"""The shared part of the three ways to read a mailbox: fetching messages, and making pages of them."""

import collections
import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from connectors.base import DEADLY, UNREADABLE, Message, Page, Progress, RetryLaterError, Skipped
from connectors.gmail.api import GmailApi
from connectors.gmail.cursor import GmailBookmark
from connectors.gmail.fetch import MISSING_DELAYS, Fetched, Fetcher, Item
from connectors.gmail.parse import parse_gmail_message
from connectors.mail import Own
from connectors.mail.reader import Reading
from connectors.provider import StoredMail

PAGE_IDS = 500
"""Number of ids that are fetched for one page."""

SAME_TOKEN = 3
"""Largest number of times that a page may name itself as the next one."""

NOTHING = Fetched({}, (), ())


@dataclasses.dataclass(slots=True, kw_only=True)
class GmailSession:
    """One run over one mailbox."""

    api: GmailApi
    fetcher: Fetcher
    held: StoredMail
    own: Own
    horizon: dt.datetime | None
    now: Callable[[], dt.datetime]
    bookmark: GmailBookmark
    done: int = 0
    total: int = 0

    def unknown(self, ids: Sequence[str]) -> list[str]:
        """Return those of the ids that aren't stored, each once."""
        known = self.held.known(ids) if ids else set()
        return [name for name in dict.fromkeys(ids) if name not in known]

    def fetch(
        self,
        ids: Iterable[str],
        *,
        threads: dict[str, str] | None = None,
        missing_delays: Sequence[float] = MISSING_DELAYS,
    ) -> Fetched:
        """Fetch messages; those with one thread in ``threads`` are fetched together if that costs less."""
        if self.held.careful:
            return self._one_by_one(ids, missing_delays)
        return self.fetcher.fetch(self._items(ids, threads or {}), missing_delays=missing_delays)

    def _items(self, ids: Iterable[str], threads: dict[str, str]) -> Iterator[Item]:
        by_thread: dict[str | None, list[str]] = {}
        for name in ids:
            by_thread.setdefault(threads.get(name), []).append(name)
        for thread, members in by_thread.items():
            if thread is not None and self.api.quota.thread_is_cheaper(len(members)):
                yield Item(thread, tuple(members), is_thread=True)
            else:
                yield from (Item(name, (name,)) for name in members)

    def _one_by_one(self, ids: Iterable[str], missing_delays: Sequence[float]) -> Fetched:
        """Record each item before it is fetched and read, so that one that crashes the program is known afterwards."""
        gmail_parts, deadly = [], []
        for name in ids:
            if self.held.note(name):
                part = self.fetcher.fetch([Item(name, (name,))], missing_delays=missing_delays)
                for raw in part.found.values():
                    self.read(raw)
                gmail_parts.append(part)
            else:
                deadly.append(name)
        return Fetched(
            {name: raw for part in gmail_parts for name, raw in part.found.items()},
            tuple(name for part in gmail_parts for name in part.gone),
            tuple(name for part in gmail_parts for name in part.unreadable),
            tuple(deadly),
        )

    def read(self, raw: dict[str, Any]) -> Reading:
        """Return the result of reading a message resource: the message or the reason to skip it, and its defects."""
        return parse_gmail_message(raw, mailbox=self.api.mailbox, own=self.own)

    def is_old(self, message: Message) -> bool:
        """Return whether a message was sent before the horizon; False without a horizon."""
        return self.horizon is not None and message.sent_at < self.horizon

    def page(self, fetched: Fetched, after: GmailBookmark) -> Page:
        """Return a page of fetched messages, and move the session's bookmark to ``after``."""
        readings = {name: self.read(raw) for name, raw in fetched.found.items()}
        aside = {name: reading.skipped for name, reading in readings.items() if reading.skipped}
        messages = [reading.message for reading in readings.values() if reading.message]
        self.bookmark = after
        page = Page.of(
            [message for message in messages if not self.is_old(message)],
            after.cursor(),
            self._progress(),
            skipped=[
                *(Skipped(name, reason) for name, reason in aside.items()),
                *(Skipped(name, UNREADABLE) for name in fetched.unreadable),
                *(Skipped(name, DEADLY) for name in fetched.deadly),
            ],
            defects=collections.Counter(
                kind for reading in readings.values() if reading.message for kind in reading.defects
            ),
            removed=[*fetched.gone, *aside],
        )
        signs = collections.Counter(reading.sign for reading in readings.values() if reading.sign)
        return dataclasses.replace(page, signs=signs)

    def _progress(self) -> Progress:
        self.total = max(self.total, self.done) if self.bookmark.listing else self.done
        left = self.total - self.done
        return Progress(
            self.done, self.total, "messages", left * self.api.quota.get / self.api.limiter.units_per_second
        )

    def going_round(self) -> RetryLaterError:
        """Return the error for a page that repeatedly names itself as the next one."""
        return RetryLaterError(
            self.api.mailbox,
            "Gmail returns the same page repeatedly.",
            "The next run continues where this one ended.",
            state="unexpected answer",
        )


def gmail_parts(ids: Iterable[str]) -> Iterator[list[str]]:
    """Yield the ids in lists, one per page."""
    every = list(ids)
    for start in range(0, len(every), PAGE_IDS):
        yield every[start : start + PAGE_IDS]
