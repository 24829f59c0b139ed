import dataclasses
from pathlib import Path

import pytest

from connectors.base import Connector, Page
from connectors.files import batch
from connectors.files.eml import EmlFiles
from connectors.files.maildir import Maildir
from tests.connectors.writers import ANA, Mail, a_mail, ids, ours, page_ids, python_maildir

MAILS = [a_mail(number) for number in range(6)]


def a_maildir(path: Path, **files: Mail) -> Maildir:
    """A Maildir with these files; ``cur`` and ``new`` are in the names, with two underscores for a slash."""
    for part in ("cur", "new", "tmp"):
        (path / part).mkdir(parents=True, exist_ok=True)
    for name, mail in files.items():
        (path / name.replace("__", "/")).write_bytes(mail.text)
    return Maildir(path=path, mailbox=ANA, own=ours)


def saved(folder: Path, **mails: Mail) -> EmlFiles:
    """A folder of ``.eml`` files with these names."""
    folder.mkdir(exist_ok=True)
    for name, mail in mails.items():
        (folder / f"{name}.eml").write_bytes(mail.text)
    return EmlFiles(path=folder, mailbox=ANA, own=ours)


def labels(connector: Connector) -> dict[str, list[str]]:
    """The labels of each mail by its Message-ID, without the domain."""
    (page,) = connector.pages()
    return dict(zip(page_ids(page), page.messages["labels"].to_list(), strict=True))


def the_page(connector: Connector) -> Page:
    """The only page of a mailbox."""
    (page,) = connector.pages()
    return page


def test_folders_of_a_maildir_become_labels(tmp_path: Path) -> None:
    """A mail has its folder as a label: by its well-known name if it has one."""
    box = a_maildir(tmp_path / "box", cur__0=MAILS[0], new__1=MAILS[1])
    a_maildir(tmp_path / "box" / ".Archive.2026", cur__2=MAILS[2])
    a_maildir(tmp_path / "box" / ".INBOX.Sent", cur__3=MAILS[3])
    assert labels(box) == {"0": ["INBOX"], "1": ["INBOX"], "2": ["Archive/2026"], "3": ["SENT"]}


def test_unfinished_deliveries_are_not_read(tmp_path: Path) -> None:
    """What is in ``tmp`` is no mail yet."""
    assert ids(a_maildir(tmp_path, cur__0=MAILS[0], tmp__1=MAILS[1])) == ["0"]


def test_drafts_and_junk_are_set_aside(tmp_path: Path) -> None:
    """Drafts and spam are reported and not stored; deleted mails are stored under a label that says so."""
    box = a_maildir(
        tmp_path / "box", **{"cur__0:2,DS": MAILS[0], "cur__1:2,ST": MAILS[1], "cur__2:2,S": MAILS[2]}
    )
    a_maildir(tmp_path / "box" / ".Drafts", cur__3=MAILS[3])
    a_maildir(tmp_path / "box" / ".Junk", cur__4=MAILS[4])
    assert labels(box) == {"1": ["INBOX", "TRASH"], "2": ["INBOX"]}
    assert sorted(one.reason for one in the_page(box).skipped) == ["draft", "draft", "spam"]


def test_a_mail_that_was_read_or_deleted_is_no_news(tmp_path: Path) -> None:
    """Moving a mail from ``new`` to ``cur`` and flagging it leaves nothing to read; finishing a draft does not."""
    box = a_maildir(tmp_path, **{"new__0": MAILS[0], "cur__1:2,D": MAILS[1]})
    cursor = the_page(box).cursor
    (tmp_path / "new" / "0").rename(tmp_path / "cur" / "0:2,ST")
    assert list(box.pages(cursor)) == []
    (tmp_path / "cur" / "1:2,D").rename(tmp_path / "cur" / "1:2,S")
    assert [page_ids(page) for page in box.pages(cursor)] == [["0", "1"]]


def test_new_mail_of_a_maildir_is_read(tmp_path: Path) -> None:
    """A mail that sorts after the others is read alone; one that sorts before them is not missed either."""
    box = a_maildir(tmp_path, cur__1=MAILS[1])
    cursor = the_page(box).cursor
    a_maildir(tmp_path, new__2=MAILS[2])
    (page,) = box.pages(cursor)
    assert page_ids(page) == ["2"]
    a_maildir(tmp_path, new__0=MAILS[0])
    assert [page_ids(one) for one in box.pages(page.cursor)] == [["0", "1", "2"]]


def test_mails_may_move_or_vanish_while_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mail that was read by its owner since the folder was listed is found; a deleted one is no mail."""
    monkeypatch.setattr(batch, "PAGE_SIZE", 1)
    pages = a_maildir(tmp_path, new__0=MAILS[0], new__1=MAILS[1], new__2=MAILS[2]).pages()
    found = page_ids(next(pages))
    (tmp_path / "new" / "1").rename(tmp_path / "cur" / "1:2,S")
    (tmp_path / "new" / "2").unlink()
    assert found + [id_ for page in pages for id_ in page_ids(page)] == ["0", "1"]


def test_maildirs_of_other_programs_are_read(tmp_path: Path) -> None:
    """What Python's own library writes as a Maildir is read in full."""
    assert sorted(ids(python_maildir(tmp_path / "box", MAILS))) == list("012345")


def test_folders_of_saved_mails_become_labels(tmp_path: Path) -> None:
    """A mail in a folder below has the folder's name as a label; other files are no mails."""
    saved(tmp_path, a=MAILS[0])
    saved(tmp_path / "Project X", b=MAILS[1])
    saved(tmp_path / "Sent Items", c=MAILS[2])
    (tmp_path / "notes.txt").write_text("no mail")
    (tmp_path / "UPPER.EML").write_bytes(MAILS[3].text)
    box = EmlFiles(path=tmp_path, mailbox=ANA, own=ours)
    assert labels(box) == {"0": [], "1": ["Project X"], "2": ["SENT"], "3": []}


def test_a_single_saved_mail_is_read(tmp_path: Path) -> None:
    """One ``.eml`` file is a mailbox of one mail."""
    saved(tmp_path, a=MAILS[0], b=MAILS[1])
    assert ids(EmlFiles(path=tmp_path / "b.eml", mailbox=ANA, own=ours)) == ["1"]


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbf" + MAILS[0].text,
        b"\r\n\r\n" + MAILS[0].text.replace(b"\n", b"\r\n"),
        b"From - Mon Mar  2 10:00:00 2026\n" + MAILS[0].text,
        MAILS[0].head,
        MAILS[0].head[:-1],
        MAILS[0].head + b"X-Big: " + b"x" * 5_000_000,
    ],
    ids=["byte order mark", "blank lines", "mbox line", "no body", "no line end", "huge header"],
)
def test_saved_mails_come_in_many_shapes(tmp_path: Path, text: bytes) -> None:
    """What stands before the headers, or is missing after them, does not matter."""
    (tmp_path / "a.eml").write_bytes(text)
    assert ids(EmlFiles(path=tmp_path, mailbox=ANA, own=ours)) == ["0"]


def test_another_mail_under_the_same_name_is_read(tmp_path: Path) -> None:
    """Exports number their files: a file that changed is a new mail."""
    box = saved(tmp_path, a=MAILS[0])
    cursor = the_page(box).cursor
    assert list(box.pages(cursor)) == []
    saved(tmp_path, a=a_mail(10))
    assert [page_ids(page) for page in box.pages(cursor)] == [["10"]]


def test_a_file_that_cannot_be_read_is_set_aside(tmp_path: Path) -> None:
    """A folder named like a mail, or a file that may not be opened, is reported and stops nothing."""
    box = saved(tmp_path, a=MAILS[0])
    (tmp_path / "b.eml").symlink_to(tmp_path / "b.eml")
    page = the_page(box)
    assert page_ids(page) == ["0"]
    assert [(one.place, one.reason) for one in page.skipped] == [("b.eml", "unreadable file")]


def test_other_settings_read_every_file_again(tmp_path: Path) -> None:
    """With another idea of who we are, old cursors start over."""
    for box in (a_maildir(tmp_path / "box", cur__0=MAILS[0]), saved(tmp_path / "saved", a=MAILS[0])):
        cursor = the_page(box).cursor
        changed = dataclasses.replace(box, settings_key="us.example")
        assert [page_ids(page) for page in changed.pages(cursor)] == [["0"]]
