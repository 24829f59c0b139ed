"""Pages made for tests: letters that differ where a test says so, and an endless stream of pages."""

import dataclasses
import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from connectors.base import Cursor, Message, Page, Progress, Skipped
from mailsignals.store import Store
from mailsignals.store.messages import migrations
from mailsignals.store.messages.catalogue import Catalogue

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
MAILBOX = "ana@example.com"


@dataclasses.dataclass(frozen=True)
class Source:
    """A stream of the test mailbox; the pages are handed to the store directly."""

    provider: str = "memory"
    mailbox: str = MAILBOX
    source: str = "inbox"

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """The endless stream, from where a cursor stands."""
        number = int(cursor or 0)
        while True:
            yield stream_page(number)
            number += 1


INBOX = Source()


def a_message(provider_id: str, *, subject: str | None = "hello", mailbox: str = MAILBOX) -> Message:
    """A message that matters for its id and its subject."""
    return Message(
        mailbox=mailbox,
        provider="memory",
        provider_id=provider_id,
        message_id=f"{provider_id}@mail.example.org",
        references=("first@mail.example.org",),
        sent_at=AT + dt.timedelta(minutes=sum(provider_id.encode())),
        sender="kim@customer.example",
        to=(MAILBOX,),
        subject=subject,
        labels=("INBOX",),
    )


def a_page(*messages: Message, cursor: str = "1", skipped: tuple[Skipped, ...] = (), **defects: int) -> Page:
    """A page of these messages, followed by a cursor."""
    progress = Progress(len(messages), None, "messages")
    return Page.of(messages, Cursor(cursor), progress, skipped=skipped, defects=defects)


def stream_messages(number: int) -> list[Message]:
    """Twenty messages of page ``number``: some new, some of before unchanged, some with another subject."""
    dice = random.Random(number)
    some = [number * 10 + offset for offset in range(10)] + dice.choices(range(number * 10 + 10), k=10)
    return [a_message(f"m{each}", subject=f"version {dice.randrange(3)}") for each in some]


def stream_page(number: int) -> Page:
    """Page ``number`` of a stream that is the same in every process; its cursor is the next number."""
    return a_page(*stream_messages(number), cursor=str(number + 1))


def rows(store: Store) -> pl.DataFrame:
    """All messages of a store, in one order."""
    return in_order(store.messages().collect())


def in_order(messages: pl.DataFrame) -> pl.DataFrame:
    """Messages sorted by what makes them one."""
    return messages.sort("provider", "mailbox", "provider_id")


def keep(folder: Path, *pages: Page) -> None:
    """Commit pages to the store in a folder."""
    with Store.open(folder, mode="write") as store:
        for page in pages:
            store.commit(INBOX, page, at=AT)


def an_older_store(folder: Path, first_missing: migrations.Step) -> None:
    """An empty store as a program wrote it that did not know this step, and those after it, yet."""
    folder.mkdir(parents=True, exist_ok=True)
    with pytest.MonkeyPatch.context() as before:
        before.setattr(migrations, "STEPS", migrations.STEPS[: migrations.STEPS.index(first_missing)])
        Catalogue.for_writing(folder).close()
