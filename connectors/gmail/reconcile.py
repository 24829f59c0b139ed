"""Compares a mailbox with what is held: histories leave things out, and some are lost."""

import dataclasses
from collections.abc import Iterable, Iterator

import polars as pl

from connectors.base import Page
from connectors.gmail.api import AnswerError
from connectors.gmail.listing import listed, next_token
from connectors.gmail.session import NOTHING, Session, parts

SYSTEM_LABELS = (
    *("INBOX", "SENT", "TRASH", "SPAM", "DRAFT", "UNREAD", "STARRED", "IMPORTANT", "CHAT"),
    *("CATEGORY_PERSONAL", "CATEGORY_SOCIAL", "CATEGORY_PROMOTIONS", "CATEGORY_UPDATES", "CATEGORY_FORUMS"),
)


def reconcile(session: Session) -> Iterator[Page]:
    """Pages of what is missing, of what is gone, and of what has other labels.

    Nothing is taken for gone before the listing has come to its end, and the mailbox has said so of that message.
    """
    began_at = session.now()
    stored = session.held.stored()
    seen: list[pl.Series] = []
    for ids, threads in _every_page(session):
        unknown = session.unknown(ids)
        if session.horizon is not None and seen and len(unknown) == len(ids):
            break  # from here on the mailbox holds only mail from before the horizon
        seen.append(pl.Series(ids, dtype=pl.String))
        if unknown:
            yield session.page(session.fetch(unknown, threads=threads), session.bookmark)
    present = pl.concat([pl.Series([], dtype=pl.String), *seen])
    for some in parts(absent(stored, present)):
        yield session.page(session.fetch(some, missing_delays=()), session.bookmark)
    for some in parts(relabelled(stored, present, _labels(session, stored))):
        yield session.page(session.fetch(some), session.bookmark)
    yield session.page(NOTHING, dataclasses.replace(session.bookmark, checked_at=began_at))


def _every_page(session: Session, label: str | None = None) -> Iterator[tuple[list[str], dict[str, str]]]:
    token: str | None = None
    seen: set[str] = set()
    while True:
        answer = session.api.messages(token=token, label=label)
        yield listed(answer)
        token = next_token(answer)
        if token is None:
            return
        if token in seen:
            raise session.going_round()
        seen.add(token)


def _labels(session: Session, stored: pl.DataFrame) -> pl.DataFrame:
    """``provider_id`` and ``label`` of every label of every message, by listing each label."""
    own = stored["labels"].explode().drop_nulls().unique().to_list()
    frames = [pl.DataFrame(schema={"provider_id": pl.String, "label": pl.String})]
    for label in dict.fromkeys([*SYSTEM_LABELS, *_known_labels(session), *own]):
        try:
            for ids, _ in _every_page(session, label):
                frames.append(pl.DataFrame({"provider_id": pl.Series(ids, dtype=pl.String), "label": label}))
        except AnswerError:
            continue  # the label was deleted, or may not be listed
    return pl.concat(frames)


def _known_labels(session: Session) -> Iterable[str]:
    """The ids of the mailbox's labels; without the list the labels that are held must do."""
    try:
        answer = session.api.labels()
    except AnswerError:
        return ()
    entries = answer.get("labels")
    return [str(entry["id"]) for entry in entries or [] if isinstance(entry, dict) and "id" in entry]


def absent(stored: pl.DataFrame, present: pl.Series) -> list[str]:
    """The stored messages that a complete listing does not name."""
    listed_ids = present.unique().to_frame("provider_id")
    return stored.join(listed_ids, on="provider_id", how="anti")["provider_id"].to_list()


def relabelled(stored: pl.DataFrame, present: pl.Series, labels: pl.DataFrame) -> list[str]:
    """The stored messages that a listing names and whose labels are others by now.

    Labels that no listing named count on neither side: they may not be listable.
    """
    listable = labels["label"].unique().implode()
    kept = pl.col("labels").list.eval(pl.element().filter(pl.element().is_in(listable))).list.unique()
    now = labels.unique().group_by("provider_id").agg(now=pl.col("label").sort())
    return (
        stored.join(present.unique().to_frame("provider_id"), on="provider_id", how="semi")
        .with_columns(before=kept.list.sort())
        .join(now, on="provider_id", how="left")
        .with_columns(pl.col("now").fill_null([]))
        .filter(pl.col("now") != pl.col("before"))["provider_id"]
        .to_list()
    )
