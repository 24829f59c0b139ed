"""Importing files: what is refused, what is kept of damaged ones, and what is reported."""

import dataclasses
import gzip
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connectors.base import ConnectorError, Cursor, Page
from connectors.files.mbox import Mbox
from connectors.mail import Own
from mailsignals import clock
from mailsignals.errors import UserError
from mailsignals.store import Store
from mailsignals.usecases.import_files import FileReport, import_files
from tests.mailsignals import small_company
from tests.mailsignals.usecases.offices import imported, loaded, messages

MAILS = small_company.mbox().count(b"Message-ID:")


class Watched:
    """Keeps what it was told, in order."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def begins(self, _: str, name: str) -> None:
        """A file is being read."""
        self.told.append(f"{name} begins")

    def moves(self, _: str, name: str, page: Page) -> None:
        """A page of it was stored."""
        self.told.append(f"{name} moves by {page.messages.height}")

    def ends(self, report: FileReport) -> None:
        """It is done."""
        self.told.append(f"{report.name} ends")


def cut_in_headers(folder: Path) -> Path:
    """An mbox that ends within the headers of its last mail."""
    path = folder / "cut.mbox"
    whole = small_company.mbox()
    path.write_bytes(whole[: whole.rindex(b"Date:") + 9])
    return path


def cut_gz(folder: Path) -> Path:
    """A compressed mbox of which the last third is missing."""
    path = folder / "cut.mbox.gz"
    packed = gzip.compress(small_company.mbox())
    path.write_bytes(packed[: len(packed) * 2 // 3])
    return path


@pytest.mark.parametrize("cut", [cut_in_headers, cut_gz])
def test_of_a_truncated_mbox_what_was_readable_is_kept(company: Path, cut: Callable[[Path], Path]) -> None:
    """The report says how far it came; the whole file afterwards brings the rest."""
    path = cut(company)
    (found,) = imported(company, path.name)
    assert found.error is None
    assert found.report is not None
    assert not found.report.complete
    words = rf"{re.escape(str(path))} was read up to email \d+ .*stored.*again"
    assert re.search(words, str(found.report.error))
    kept = messages(company).height
    assert kept == found.report.added > 100
    imported(company, "inbox.mbox")
    rest = messages(company)
    assert kept < rest.height
    assert rest["message_id"].n_unique() == rest.height


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("notes.txt", b"Dear diary,\n", r"notes\.txt.*not in a supported mail format.*From "),
        ("binary.mbox", bytes(range(256)), r"binary\.mbox.*not in a supported mail format"),
        ("archive.zip", b"PK\x03\x04 and so on", r"archive\.zip.*zip.*Unpack"),
        ("gone.mbox", None, r"gone\.mbox.*No such file"),
    ],
)
def test_a_path_that_is_no_mailbox_stops_all(
    stocked: Path, name: str, content: bytes | None, words: str
) -> None:
    """The file is named, and what would be one; of the files beside it nothing is read."""
    before = messages(stocked)
    if content is not None:
        (stocked / name).write_bytes(content)
    (stocked / "new.mbox").write_bytes(
        small_company.a_mail("new", small_company.MIDNIGHT, "kim@a01.test", "x@us.test")
    )
    with pytest.raises(ConnectorError, match=words):
        imported(stocked, "new.mbox", name)
    assert_frame_equal(messages(stocked), before)


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        (pl.exclude("sent_at", "sender"), "sent_at.*sender.*missing"),
        (
            (pl.all().exclude("sent_at"), pl.col("sent_at").dt.to_string()),
            "column sent_at is String.*Datetime",
        ),
        ((pl.all().exclude("to"), pl.lit("a@b.test").alias("to")), "column to is String.*List"),
        (
            (pl.all().exclude("sent_at"), pl.col("sent_at").dt.replace_time_zone(None)),
            "column sent_at.*UTC",
        ),
    ],
    ids=["columns missing", "instants as text", "recipients as text", "instants without a time zone"],
)
def test_a_parquet_file_with_other_columns_is_refused(stocked: Path, spoilt: pl.Expr, words: str) -> None:
    """Each column that is missing or of another type is named with the type it should have."""
    before = messages(stocked)
    before.select(spoilt).write_parquet(stocked / "spoilt.parquet")
    (found,) = imported(stocked, "spoilt.parquet")
    assert found.report is None
    assert re.search(rf"spoilt\.parquet.*{words}", str(found.error))
    assert found.error is not None
    assert found.error.exit_status == 2
    assert_frame_equal(messages(stocked), before)


def test_one_bad_file_does_not_stop_the_others(company: Path) -> None:
    """What can be read is imported, what cannot is named; who watches is told of each as it ends."""
    (company / "bad.parquet").write_bytes(b"PAR1 and nothing else")
    watched = Watched()
    bad, good = import_files(
        loaded(company),
        [company / "bad.parquet", company / "inbox.mbox"],
        small_company.DESK,
        now=clock.now,
        watcher=watched,
    )
    assert "bad.parquet is not a readable Parquet file" in str(bad.error)
    assert (good.error, good.name, good.source) == (None, "inbox.mbox", str(company / "inbox.mbox"))
    assert good.report is not None
    assert (good.report.added, good.report.complete) == (MAILS, True)
    assert messages(company).height == MAILS
    pages = [told for told in watched.told if "moves" in told]
    assert sum(int(told.rpartition(" ")[2]) for told in pages) == MAILS
    assert [told for told in watched.told if told not in pages] == [
        *("bad.parquet begins", "bad.parquet ends", "inbox.mbox begins", "inbox.mbox ends")
    ]


def test_a_store_that_fails_ends_the_import(company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What concerns the store concerns every file; what was stored before stands."""
    (company / "more.mbox").write_bytes(
        small_company.a_mail("more", small_company.MIDNIGHT, "kim@a01.test", "x@us.test")
    )
    commit, watched = Store.commit, Watched()

    def full(self: Store, *arguments: object, **more: object) -> object:
        if "more.mbox begins" in watched.told:
            raise UserError("the disk is full")
        return commit(self, *arguments, **more)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(Store, "commit", full)
    paths = [company / "inbox.mbox", company / "more.mbox", company / "inbox.mbox"]
    with pytest.raises(UserError, match="the disk is full"):
        import_files(loaded(company), paths, small_company.DESK, now=clock.now, watcher=watched)
    assert watched.told[-1] == "more.mbox begins"
    assert "inbox.mbox ends" in watched.told
    assert messages(company).height == MAILS


def test_drafts_that_came_in_as_mail_go(company: Path) -> None:
    """Once the role of their folder is known, messages stored out of it go; a copy that lies elsewhere stays."""
    folder = company / "Mail" / "Drafts.mbox"
    folder.mkdir(parents=True)
    draft, copied = (
        small_company.a_mail(name, small_company.MIDNIGHT, "x@us.test", "kim@a01.test")
        for name in ("draft", "copied")
    )
    (folder / "mbox").write_bytes(draft + copied)
    (company / "kept").write_bytes(copied)
    imported(company, "kept", mailbox="x@us.test")
    stored = messages(company)
    assert stored.height == 1
    old = Mbox(path=folder / "mbox", mailbox="x@us.test", own=Own(lambda _: True), labels=("mbox",))
    with Store.open(company / "store", mode="write") as store:
        pages = [page for page in old.pages() if page.messages.height == 2]
        only_draft = pages[0].messages.filter(pl.col("message_id").str.starts_with("draft"))
        store.commit(
            old, dataclasses.replace(pages[0], messages=only_draft, cursor=Cursor("old")), at=clock.now()
        )
    assert messages(company).height == 2
    (found,) = imported(company, "Mail", mailbox="x@us.test")
    assert found.report is not None
    assert (found.report.removed, found.report.skipped) == (1, {"draft": 2})
    assert messages(company)["message_id"].to_list() == stored["message_id"].to_list()
