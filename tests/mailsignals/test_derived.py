"""Tables kept beside the messages: current or not there, and never the reason for another answer."""

import dataclasses
import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connectors.base import Message
from connectors.memory import MemoryMailbox
from mailsignals.accounts import Book, Company
from mailsignals.schema import BOOK_SCHEMA, LINK_SCHEMA, TOUCH_SCHEMA
from mailsignals.store import Store
from mailsignals.store.upkeep.derived import Derived, Directory, derived, derived_at
from mailsignals.touches.build import TouchRules

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DESK = "support@us.test"
RULES = TouchRules(mail_merge_accounts=3, urgency_words=("urgent",))


def a_book(**domains: int) -> Book:
    """The book of accounts 0 to 3, with the domains ``a`` for ``a.test`` and so on."""
    rows = [{"account_id": f"A{number}", "name": f"Customer {number}"} for number in range(4)]
    return Book(
        accounts=pl.DataFrame(rows, schema=BOOK_SCHEMA),
        domains={f"{name}.test": number for name, number in domains.items()},
        contacts={},
    )


def a_directory() -> Directory:
    """Who is who, unless a test says otherwise."""
    return Directory(
        company=Company(name="Us", domains=("us.test",), addresses=frozenset(), roles={DESK: "support"}),
        book=a_book(a=0, b=1, c=2, d=3),
        free_mail=frozenset({"gmail.com"}),
    )


def a_message(id_: str, *, sent_at: dt.datetime = AT, sender: str = "kim@a.test", **more: object) -> Message:
    """A question to the desk."""
    known = {"provider_id": id_, "message_id": id_, "to": (DESK,), "subject": "Question", **more}
    return Message(mailbox=DESK, provider="memory", sent_at=sent_at, sender=sender, **known)  # type: ignore[arg-type]


def keep(folder: Path, messages: Iterable[Message]) -> None:
    """Commit messages to the store in a folder."""
    box = MemoryMailbox(mailbox=DESK)
    for message in messages:
        box.deliver(message)
    with Store.open(folder, mode="write") as store:
        for page in box.pages():
            store.commit(box, page, at=AT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with a question and its answer."""
    answer = a_message("2", sent_at=AT + HOUR, sender=DESK, to=("kim@a.test",), references=("1",))
    keep(tmp_path / "store", [a_message("1"), answer])
    return tmp_path / "store"


def derived_in(folder: Path, directory: Directory | None = None, rules: TouchRules = RULES) -> Derived:
    """The tables of a store."""
    with Store.open(folder, mode="read") as store:
        return derived(store, directory or a_directory(), rules)


def rows(tables: Derived) -> dict[str, pl.DataFrame]:
    """All rows."""
    return {
        "touches": tables.touches.collect(),
        "links": tables.links.collect(),
        "people": tables.people,
        "unsettled": tables.unsettled,
    }


def sets(folder: Path) -> dict[str, float]:
    """The sets that are kept, and when each was written."""
    return {path.name: path.stat().st_mtime_ns for path in (folder / "derived").iterdir() if path.is_dir()}


def same(one: Derived, other: Derived) -> bool:
    """Check that both have the same rows."""
    for name, frame in rows(one).items():
        assert_frame_equal(frame, rows(other)[name])
    return True


def test_a_set_is_written_once_and_taken_from_then_on(folder: Path) -> None:
    """The first question builds it, the next ones read it, with the same rows and the declared types."""
    first = derived_in(folder)
    written = sets(folder)
    assert len(written) == 1
    assert same(derived_in(folder), first)
    assert sets(folder) == written
    assert rows(first)["touches"].schema == TOUCH_SCHEMA
    assert rows(first)["links"].schema == LINK_SCHEMA
    assert rows(first)["touches"].height == 2


def with_company(**changes: object) -> Directory:
    """The directory with another company."""
    directory = a_directory()
    return dataclasses.replace(directory, company=dataclasses.replace(directory.company, **changes))  # type: ignore[arg-type]


CHANGES: dict[str, Callable[[], tuple[Directory, TouchRules]]] = {
    "book": lambda: (dataclasses.replace(a_directory(), book=a_book(a=1, b=0, c=2, d=3)), RULES),
    "our domains": lambda: (with_company(domains=("us.test", "b.test")), RULES),
    "our addresses": lambda: (with_company(addresses=frozenset({"list@lists.test"})), RULES),
    "roles": lambda: (with_company(roles={DESK: "cs"}), RULES),
    "free mail": lambda: (dataclasses.replace(a_directory(), free_mail=frozenset({"a.test"})), RULES),
    "mail merge": lambda: (a_directory(), dataclasses.replace(RULES, mail_merge_accounts=0)),
    "urgency words": lambda: (a_directory(), dataclasses.replace(RULES, urgency_words=("question",))),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_decides_the_touches_decides_the_set(folder: Path, change: str) -> None:
    """Another book, company, role, free-mail domain or rule is another set, with what a fresh build gives."""
    derived_in(folder)
    before = sets(folder)
    directory, rules = CHANGES[change]()
    changed = derived_in(folder, directory, rules)
    assert len(sets(folder)) == len(before) + 1
    shutil.rmtree(folder / "derived")
    assert same(derived_in(folder, directory, rules), changed)


def test_what_does_not_decide_the_touches_keeps_the_set(folder: Path) -> None:
    """Names and tiers of accounts, and the company's name, are no reason to build again."""
    derived_in(folder)
    before = sets(folder)
    directory = with_company(name="Them")
    renamed = dataclasses.replace(
        directory.book, accounts=directory.book.accounts.with_columns(tier=pl.lit("gold"))
    )
    derived_in(folder, dataclasses.replace(directory, book=renamed))
    assert sets(folder) == before


def test_new_messages_are_seen(folder: Path) -> None:
    """A page that brings something is another set; one that brings nothing is not."""
    derived_in(folder)
    keep(folder, [a_message("1")])
    derived_in(folder)
    assert len(sets(folder)) == 1
    keep(folder, [a_message("3", sender="bo@b.test")])
    assert rows(derived_in(folder))["touches"].height == 3
    assert len(sets(folder)) == 2


@pytest.mark.parametrize("name", ["touches", "links", "people", "unsettled"])
@pytest.mark.parametrize("harm", ["missing", "empty", "cut short"])
def test_a_damaged_set_is_not_taken(folder: Path, name: str, harm: str) -> None:
    """A file that is missing or not whole, as after a power cut, is written anew."""
    whole = rows(derived_in(folder))
    (kept,) = sets(folder)
    file = folder / "derived" / kept / f"{name}.parquet"
    content = file.read_bytes()
    if harm == "missing":
        file.unlink()
    else:
        file.write_bytes(content[: len(content) // 2] if harm == "cut short" else b"")
    for table, frame in rows(derived_in(folder)).items():
        assert_frame_equal(frame, whole[table])
    assert file.read_bytes() == content


def test_what_a_dead_program_left_is_not_taken_and_goes(folder: Path) -> None:
    """A draft is no set; a day later nobody can still be writing it."""
    drafts = [folder / "derived" / f"draft-{name}" for name in ("old", "new")]
    for draft in drafts:
        draft.mkdir(parents=True)
        (draft / "touches.parquet").write_bytes(b"half of it")
    long_ago = drafts[0].stat().st_mtime - 90_000
    os.utime(drafts[0], (long_ago, long_ago))
    assert rows(derived_in(folder))["touches"].height == 2
    assert not drafts[0].exists()
    assert drafts[1].exists()


def test_few_sets_are_kept(folder: Path) -> None:
    """Two configurations may take turns without building anew; what is long outdated goes."""
    one, other = a_directory(), with_company(roles={DESK: "cs"})
    derived_in(folder, one)
    derived_in(folder, other)
    before = sets(folder)
    derived_in(folder, one)
    derived_in(folder, other)
    assert sets(folder) == before
    for merged in range(3, 8):
        derived_in(folder, one, dataclasses.replace(RULES, mail_merge_accounts=merged + 1))
    assert len(sets(folder)) == 3
    assert not set(before) & set(sets(folder))


def test_a_reader_keeps_what_it_has_while_others_bring_newer_sets(folder: Path) -> None:
    """Tables that were handed out can still be read after the messages have changed and were asked for."""
    tables = derived_in(folder)
    keep(folder, [a_message("3", sender="bo@b.test")])
    derived_in(folder)
    assert rows(tables)["touches"].height == 2


def test_where_nothing_can_be_written_the_answer_is_the_same(folder: Path) -> None:
    """A file in the place of the folder stands for all that keeps a set from being written."""
    expected = derived_in(folder)
    kept = rows(expected)
    shutil.rmtree(folder / "derived")
    (folder / "derived").write_text("in the way")
    for name, frame in rows(derived_in(folder)).items():
        assert_frame_equal(frame, kept[name])


def test_an_instant_between_two_copies_sees_the_first_one_only(tmp_path: Path) -> None:
    """Copies that differ are one message; before the second arrived, only the first said whom it reached."""
    first = a_message("1", sent_at=AT, sender=DESK, to=("kim@a.test",))
    second = a_message("1", sent_at=AT + HOUR, sender=DESK, to=("bo@b.test",), provider_id="1 again")
    keep(tmp_path / "store", [first, second])
    with Store.open(tmp_path / "store", mode="read") as store:
        shared = derived(store, a_directory(), RULES)
        between = derived_at(store, a_directory(), RULES, AT + HOUR / 2)
    assert rows(shared)["touches"]["account"].to_list() == [0, 1]
    assert rows(between)["touches"]["account"].to_list() == [0]
    assert shared.unsettled.rows() == [(AT, AT + HOUR)]


def test_an_instant_inside_a_mail_merge_does_not_know_that_it_becomes_one(tmp_path: Path) -> None:
    """Two of three mails are touches; with the third, which makes it a merge, none of them is."""
    merge = [
        a_message(
            name, sent_at=AT + HOUR * number, sender="ana@us.test", to=(f"kim@{name}.test",), subject="News"
        )
        for number, name in enumerate("abc")
    ]
    keep(tmp_path / "store", merge)
    with Store.open(tmp_path / "store", mode="read") as store:
        shared = derived(store, a_directory(), RULES)
        within = derived_at(store, a_directory(), RULES, AT + HOUR)
    assert rows(shared)["touches"].is_empty()
    assert rows(within)["touches"]["account"].to_list() == [0, 1]
    assert shared.unsettled.rows() == [(AT, AT + 2 * HOUR)]
