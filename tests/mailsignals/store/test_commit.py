import dataclasses
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connectors.base import Skipped, frame_of
from mailsignals.schema import MESSAGE_SCHEMA
from mailsignals.store import Committed, Store
from mailsignals.store.messages import compaction
from tests.mailsignals.store.pages import (
    AT,
    INBOX,
    Source,
    a_message,
    a_page,
    keep,
    rows,
    stream_messages,
    stream_page,
)


def test_an_empty_store_has_no_messages(tmp_path: Path) -> None:
    """A new store answers with the columns of a message and no rows."""
    with Store.open(tmp_path / "store", mode="write") as store:
        assert store.messages().collect_schema() == MESSAGE_SCHEMA
        assert rows(store).is_empty()
        assert store.cursor("memory", "ana@example.com", "inbox") is None


def test_a_page_comes_with_its_cursor(tmp_path: Path) -> None:
    """What a page brings is there, and the cursor that follows it, also after the store was closed."""
    messages = [a_message("1", subject=None), a_message("2", subject="ä\x00\n")]
    keep(tmp_path, a_page(*messages, cursor="after two"))
    with Store.open(tmp_path, mode="read") as store:
        assert_frame_equal(rows(store), frame_of(messages))
        assert store.cursor("memory", "ana@example.com", "inbox") == "after two"
        assert store.cursor("memory", "ana@example.com", "archive") is None


def test_each_message_is_counted_as_added_changed_or_unchanged(tmp_path: Path) -> None:
    """A page's counts add up to its messages; one that comes twice is compared with its earlier copy."""
    page = a_page(
        a_message("1"),
        a_message("2", subject="other"),
        a_message("3"),
        a_message("3", subject="other"),
        a_message("3", subject="other"),
        a_message("4"),
        a_message("4", subject="other"),
        a_message("4"),
    )
    with Store.open(tmp_path, mode="write") as store:
        store.commit(INBOX, a_page(a_message("1"), a_message("2"), a_message("4")), at=AT)
        assert store.commit(INBOX, page, at=AT) == Committed(added=1, changed=4, unchanged=3)
        assert rows(store)["subject"].to_list() == ["hello", "other", "other", "hello"]


@pytest.mark.parametrize(
    "column", [name for name in MESSAGE_SCHEMA if name not in {"mailbox", "provider", "provider_id"}]
)
def test_a_change_in_any_column_is_a_change(tmp_path: Path, column: str) -> None:
    """A message is unchanged only if every column says the same; null, empty and a list of one empty text differ."""
    was = a_page(a_message("1"))
    dtype = MESSAGE_SCHEMA[column]
    if isinstance(dtype, pl.List):
        values = pl.Series(column, [["a", "b"], ["b", "a"], ["ab"], [""], [], None], dtype)
    elif isinstance(dtype, pl.String):
        values = pl.Series(column, ["a", "b", "", None], dtype)
    else:
        values = pl.Series(column, [AT, AT.replace(microsecond=1), None], dtype)
    with Store.open(tmp_path, mode="write") as store:
        store.commit(INBOX, was, at=AT)
        for value in values.to_frame().iter_slices(1):
            page = dataclasses.replace(was, messages=was.messages.with_columns(value.to_series()))
            assert store.commit(INBOX, page, at=AT) == Committed(added=0, changed=1, unchanged=0)
            assert store.commit(INBOX, page, at=AT) == Committed(added=0, changed=0, unchanged=1)
            assert_frame_equal(rows(store), page.messages)


def test_one_id_in_two_mailboxes_is_two_messages(tmp_path: Path) -> None:
    """A message is known by provider, mailbox and provider id together."""
    page = a_page(a_message("1"), a_message("1", mailbox="bob@example.com"))
    with Store.open(tmp_path, mode="write") as store:
        assert store.commit(INBOX, page, at=AT) == Committed(added=2, changed=0, unchanged=0)


def test_importing_again_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that bring nothing new move the cursor and leave revision, messages and files as they were."""
    monkeypatch.setattr(compaction, "FOLD_ROWS", 50)
    keep(tmp_path, *(stream_page(number) for number in range(12)))
    last = {message.provider_id: message for number in range(12) for message in stream_messages(number)}
    again = a_page(*last.values(), cursor="again")
    with Store.open(tmp_path, mode="write") as store:
        before, revision = rows(store), store.revision
        assert store.commit(INBOX, again, at=AT) == Committed(added=0, changed=0, unchanged=len(last))
        assert (store.revision, store.cursor("memory", "ana@example.com", "inbox")) == (revision, "again")
        assert_frame_equal(rows(store), before)


def test_the_revision_grows_with_every_difference(tmp_path: Path) -> None:
    """A new or changed message makes a new revision; a page without news and compaction do not."""
    page, other = a_page(a_message("1")), a_page(a_message("1", subject="other"))
    with Store.open(tmp_path, mode="write") as store:
        revisions = [store.revision]
        for each in (page, page, other, a_page(), page):
            store.commit(INBOX, each, at=AT)
            revisions.append(store.revision)
        store.compact()
        new, first, again, second, empty, third = revisions
        assert new < first == again < second == empty < third == store.revision


def test_what_was_set_aside_is_kept(tmp_path: Path) -> None:
    """Skipped items and defects are kept a source; the same place twice is one item, and names may be bytes."""
    skipped = (Skipped("byte 70", "no headers"), Skipped("new/\udcff", "no headers"))
    with Store.open(tmp_path, mode="write") as store:
        store.commit(INBOX, a_page(a_message("1"), skipped=skipped, unreadable_date=2), at=AT)
        store.commit(INBOX, a_page(skipped=skipped[:1], unreadable_date=1, no_sender=1), at=AT)
        assert store.skipped().rows() == [
            ("memory", "ana@example.com", "inbox", "byte 70", "no headers"),
            ("memory", "ana@example.com", "inbox", "new/\\udcff", "no headers"),
        ]
        assert store.defects().rows() == [
            ("memory", "ana@example.com", "inbox", "no_sender", 1),
            ("memory", "ana@example.com", "inbox", "unreadable_date", 3),
        ]


def test_signs_of_automated_mail_are_counted_by_source(tmp_path: Path) -> None:
    """Pages add up, each source by itself; a source that starts again is counted anew."""
    archive, bulk = Source(source="archive"), ("bulk", "Precedence: bulk")
    page = dataclasses.replace(a_page(a_message("1")), signs={bulk: 2, ("bounce", "Return-Path: <>"): 1})
    with Store.open(tmp_path, mode="write") as store:
        store.commit(INBOX, page, at=AT)
        store.commit(INBOX, dataclasses.replace(a_page(), signs={bulk: 3}), at=AT)
        store.commit(archive, dataclasses.replace(a_page(), signs={bulk: 1}), at=AT)
        assert store.signs().rows() == [
            ("memory", "ana@example.com", "archive", *bulk, 1),
            ("memory", "ana@example.com", "inbox", "bounce", "Return-Path: <>", 1),
            ("memory", "ana@example.com", "inbox", *bulk, 5),
        ]
        store.forget_cursor("memory", "ana@example.com", "inbox")
        assert store.signs()["source"].to_list() == ["archive"]


def test_sources_say_how_far_they_have_come(tmp_path: Path) -> None:
    """One row a source: the messages first seen there, its progress, and when it was last committed."""
    archive = Source(source="archive")
    with Store.open(tmp_path, mode="write") as store:
        store.commit(INBOX, a_page(a_message("1"), a_message("2")), at=AT)
        store.commit(archive, a_page(a_message("2"), a_message("3")), at=AT)
        assert store.sources().rows() == [
            ("memory", "ana@example.com", "archive", 1, 2, None, "messages", AT),
            ("memory", "ana@example.com", "inbox", 2, 2, None, "messages", AT),
        ]


def test_a_source_can_start_again(tmp_path: Path) -> None:
    """Forgetting a cursor takes what was set aside with it, which is counted anew, and leaves the messages."""
    with Store.open(tmp_path, mode="write") as store:
        store.commit(INBOX, a_page(a_message("1"), skipped=(Skipped("2", "no headers"),), no_sender=1), at=AT)
        store.forget_cursor("memory", "ana@example.com", "inbox")
        assert store.cursor("memory", "ana@example.com", "inbox") is None
        assert (store.skipped().height, store.defects().height, rows(store).height) == (0, 0, 1)
        store.commit(INBOX, a_page(a_message("1")), at=AT)
        assert store.sources()["messages"].to_list() == [1]
