import dataclasses
import gzip
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.files import batch
from connectors.files.mbox import Mbox
from connectors.files.separators import mails_in
from tests.connectors.writers import (
    ANA,
    DIALECTS,
    a_mail,
    an_mbox,
    ids,
    mboxo,
    mboxrd,
    ours,
    page_ids,
    read_all,
)


def test_a_file_that_grew_goes_on_where_it_ended(tmp_path: Path) -> None:
    """Mails that were appended are read, those before them are not read again."""
    box = an_mbox(tmp_path / "a.mbox", mboxo([a_mail(0), a_mail(1)]))
    (first,) = box.pages()
    with box.path.open("ab") as file:
        file.write(mboxo([a_mail(2)]))
    (second,) = box.pages(first.cursor)
    assert page_ids(second) == ["2"]
    assert list(box.pages(second.cursor)) == []


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 800), st.sampled_from(sorted(DIALECTS)), st.booleans())
def test_a_file_still_being_written_loses_nothing(length: int, dialect: str, packed: bool) -> None:
    """Whatever part of a file had been written at the first import, the next one brings the rest."""
    with tempfile.TemporaryDirectory() as folder:
        content = DIALECTS[dialect](a_mail(number) for number in range(4))
        content = gzip.compress(content) if packed else content
        box = an_mbox(Path(folder, "a.mbox"), content[:length])
        pages, _ = read_all(box)
        box.path.write_bytes(content)
        pages.extend(box.pages(pages[-1].cursor if pages else None))
        assert {id_ for page in pages for id_ in page_ids(page)} == set("0123")


def test_appended_gzip_members_are_read(tmp_path: Path) -> None:
    """A compressed file that others were appended to goes on where it ended."""
    box = an_mbox(tmp_path / "a.mbox.gz", gzip.compress(mboxo([a_mail(0)])))
    (first,) = box.pages()
    with box.path.open("ab") as file:
        file.write(gzip.compress(mboxo([a_mail(1), a_mail(2)])))
    assert [page_ids(page) for page in box.pages(first.cursor)] == [["1", "2"]]


@pytest.mark.parametrize(
    "change",
    [
        lambda _: mboxo([a_mail(0)]),
        lambda content: content.replace(b"bo@acme", b"bi@acme"),
        lambda content: b"".join((mboxo([a_mail(9)]), content)),
    ],
    ids=["shorter", "edited", "longer in front"],
)
def test_a_file_that_changed_is_read_from_the_start(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    """A file that is not the old one plus something is read again."""
    box = an_mbox(tmp_path / "a.mbox", mboxo([a_mail(0), a_mail(1)]))
    *_, last = box.pages()
    box.path.write_bytes(change(box.path.read_bytes()))
    assert (
        [page_ids(page) for page in box.pages(last.cursor)] == [page_ids(page) for page in box.pages()] != []
    )


def test_other_settings_read_everything_again(tmp_path: Path) -> None:
    """Who we are decides who wrote a rewritten mail, so another answer makes old cursors start over."""
    box = an_mbox(tmp_path / "a.mbox", mboxo([a_mail(0)]))
    (page,) = dataclasses.replace(box, settings_key="us.test").pages()
    assert list(dataclasses.replace(box, settings_key="us.test").pages(page.cursor)) == []
    assert ids(dataclasses.replace(box, settings_key="us.test, us.example")) == ["0"]
    assert [page_ids(one) for one in dataclasses.replace(box, settings_key="x").pages(page.cursor)] == [["0"]]


def test_a_finished_file_is_not_read_again(tmp_path: Path) -> None:
    """To see that nothing is new takes the ends of the file, not all of it."""
    box = an_mbox(tmp_path / "a.mbox", mboxo([a_mail(0, body=b"x" * 300_000)]))
    (page,) = box.pages()
    content = bytearray(box.path.read_bytes())
    content[150_000:150_100] = mboxo([a_mail(1)])[:100]
    box.path.write_bytes(content)
    assert list(box.pages(page.cursor)) == []


def test_a_damaged_gzip_file_keeps_what_came_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails before the damage are given out, with cursors; then the user is told where it is and what to do."""
    monkeypatch.setattr(batch, "PAGE_SIZE", 20)
    content = gzip.compress(mboxrd(a_mail(n, body=random.Random(n).randbytes(999)) for n in range(100)))
    middle = len(content) // 2
    for damaged in (
        content[:middle],
        content[:middle] + b"\xff" * 500 + content[middle + 500 :],
        content[:-4],
    ):
        box = an_mbox(tmp_path / "a.mbox.gz", damaged)
        pages, error = read_all(box)
        found = [int(id_) for page in pages for id_ in page_ids(page)]
        assert found == list(range(len(found)))
        assert len(found) >= 40
        assert error is not None
        assert f"a.mbox.gz was read up to email {len(found)} " in error.problem
        assert "again" in error.remedy
        again, same_error = read_all(box, pages[-1].cursor)
        assert (again, str(same_error)) == ([], str(error))


def test_a_file_that_ends_within_headers_says_so(tmp_path: Path) -> None:
    """A mail that is cut before it can be read is set aside, and the import is incomplete, however often."""
    whole = mboxo([a_mail(0), a_mail(1)])
    box = an_mbox(tmp_path / "a.mbox", whole[: whole.rindex(b"Date:")])
    (page,), error = read_all(box)
    assert page_ids(page) == ["0"]
    assert len(page.skipped) == 1
    assert error is not None
    assert "ends within the headers" in error.problem
    assert read_all(box, page.cursor)[1] is not None


@pytest.mark.parametrize(
    "content", [b"Subject: not an mbox\n\nHello\n", b"\x00\x01" * 99, b"From here to there\n", b"Fro"]
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_what_is_no_mbox_is_refused_at_once(
    tmp_path: Path, content: bytes, pack: Callable[[bytes], bytes]
) -> None:
    """A file without a separator on its first line is named, with what could be imported instead."""
    pages, error = read_all(an_mbox(tmp_path / "a.mbox", pack(content)))
    assert pages == []
    assert error is not None
    assert f"{tmp_path / 'a.mbox'} is not an mbox" in error.problem
    assert "Maildir" in error.remedy


def test_a_folder_is_no_mbox(tmp_path: Path) -> None:
    """A folder given as an mbox is refused with its name."""
    _, error = read_all(Mbox(path=tmp_path, mailbox=ANA, own=ours))
    assert error is not None
    assert str(tmp_path) in error.problem


def test_every_mail_of_a_real_archive_is_found(openbmc_mbox: Path) -> None:
    """The real mailing list has 22,118 mails."""
    with gzip.open(openbmc_mbox) as content:
        assert sum(1 for _ in mails_in(content.read1)) == 22_118
