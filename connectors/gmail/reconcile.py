"""Compares all ids of a mailbox with the store, because histories are incomplete and may expire."""

import dataclasses
from collections.abc import Collection, Iterator, Sequence

import polars as pl

from connectors.base import Page
from connectors.gmail.api import GmailAnswerError
from connectors.gmail.backfill import PageTokens
from connectors.gmail.parse import ids_in_listing
from connectors.gmail.session import NOTHING, GmailSession, gmail_parts

SYSTEM_LABELS = (
    *("INBOX", "SENT", "TRASH", "SPAM", "DRAFT", "UNREAD", "STARRED", "IMPORTANT", "CHAT"),
    *("CATEGORY_PERSONAL", "CATEGORY_SOCIAL", "CATEGORY_PROMOTIONS", "CATEGORY_UPDATES", "CATEGORY_FORUMS"),
)


SAMPLE = 3
"""Number of messages that decide whether a page is from before the horizon."""


def reconcile_gmail(session: GmailSession) -> Iterator[Page]:
    """Yield pages of messages that are missing in the store, that are gone, and that have other labels.

    A message counts as gone only after a complete listing, and after the mailbox confirmed it for that message.
    """
    began_at = session.now()
    stored = session.held.stored()
    seen: list[pl.Series] = []
    for ids, threads in _every_page(session):
        unknown = session.unknown(ids)
        if seen and len(unknown) == len(ids) and _all_old(session, unknown):
            break  # all further mail is from before the horizon
        seen.append(pl.Series(ids, dtype=pl.String))
        if unknown:
            yield session.page(session.fetch(unknown, threads=threads), session.bookmark)
    present = pl.concat([pl.Series([], dtype=pl.String), *seen])
    for some in gmail_parts(absent_ids(stored, present)):
        yield session.page(session.fetch(some, missing_delays=()), session.bookmark)
    labels, listable = _labels(session, stored)
    for some in gmail_parts(relabelled_ids(stored, present, labels, listable=listable)):
        yield session.page(session.fetch(some), session.bookmark)
    yield session.page(NOTHING, dataclasses.replace(session.bookmark, checked_at=began_at))


def _every_page(
    session: GmailSession, label: str | None = None
) -> Iterator[tuple[list[str], dict[str, str]]]:
    token: str | None = None
    tokens = PageTokens(session)
    while True:
        answer = session.api.messages(token=token, label=label)
        yield ids_in_listing(answer)
        token = tokens.following(answer, after=token)
        if token is None:
            return


def _all_old(session: GmailSession, ids: Sequence[str]) -> bool:
    """Return whether a few of these messages, from all over the page, are from before the horizon."""
    if session.horizon is None or not ids:
        return False
    some = dict.fromkeys(ids[number * (len(ids) - 1) // (SAMPLE - 1)] for number in range(SAMPLE))
    messages = [
        message for raw in session.fetch(some).found.values() if (message := session.read(raw).message)
    ]
    return bool(messages) and all(map(session.is_old, messages))


def _labels(session: GmailSession, stored: pl.DataFrame) -> tuple[pl.DataFrame, set[str]]:
    """``provider_id`` and ``label`` of every message, by listing each label; and the labels with complete lists."""
    own = stored["labels"].explode().drop_nulls().unique().to_list()
    existing = _existing(session)
    frames = [pl.DataFrame(schema={"provider_id": pl.String, "label": pl.String})]
    # No message has a label that no longer exists, whatever a listing of it returns.
    listable = {label for label in own if existing and label not in {*existing, *SYSTEM_LABELS}}
    for label in dict.fromkeys([*SYSTEM_LABELS, *existing, *own]):
        if label in listable:
            continue
        try:
            pages = [ids for ids, _ in _every_page(session, label)]
        except GmailAnswerError:
            continue  # it may not be listed
        listable.add(label)
        every = [name for ids in pages for name in ids]
        frames.append(pl.DataFrame({"provider_id": pl.Series(every, dtype=pl.String), "label": label}))
    return pl.concat(frames), listable


def _existing(session: GmailSession) -> list[str]:
    """The ids of the mailbox's labels; empty if Gmail doesn't list them."""
    try:
        answer = session.api.labels()
    except GmailAnswerError:
        return []
    entries = answer.get("labels")
    return [str(entry["id"]) for entry in entries or [] if isinstance(entry, dict) and "id" in entry]


def absent_ids(stored: pl.DataFrame, present: pl.Series) -> list[str]:
    """Return the ids of stored messages that are missing in a complete listing."""
    listed_ids = present.unique().to_frame("provider_id")
    return stored.join(listed_ids, on="provider_id", how="anti")["provider_id"].to_list()


def relabelled_ids(
    stored: pl.DataFrame, present: pl.Series, labels: pl.DataFrame, *, listable: Collection[str]
) -> list[str]:
    """Return the ids of stored messages that are in a listing and have other labels now.

    Only labels in ``listable`` count, because the others are unknown.
    """
    count = pl.element().is_in(list(listable))
    kept = pl.col("labels").list.eval(pl.element().filter(count)).list.unique()
    now = labels.unique().group_by("provider_id").agg(now=pl.col("label").sort())
    return (
        stored.join(present.unique().to_frame("provider_id"), on="provider_id", how="semi")
        .with_columns(before=kept.list.sort())
        .join(now, on="provider_id", how="left")
        .with_columns(pl.col("now").fill_null([]))
        .filter(pl.col("now") != pl.col("before"))["provider_id"]
        .to_list()
    )
