import gzip
import os
from pathlib import Path

import pytest

from connectors.base import Connector, GiveUpError, frame_of
from connectors.files import open_files
from tests.connectors.writers import ANA, a_mail, ids, mboxo, messages_of, ours, python_maildir

MAILS = [a_mail(number) for number in range(3)]


def opened(path: Path) -> list[Connector]:
    """The connectors of a path."""
    return open_files(path, mailbox=ANA, own=ours)


def kinds(connectors: list[Connector]) -> list[str]:
    """What kinds of mailboxes were found."""
    return [connector.provider for connector in connectors]


def test_every_kind_is_recognised(tmp_path: Path) -> None:
    """What a path is follows from what is in it, not from its name, except for saved mails."""
    (tmp_path / "Inbox").write_bytes(mboxo(MAILS))
    (tmp_path / "packed").write_bytes(gzip.compress(mboxo(MAILS)))
    (tmp_path / "empty").write_bytes(b"")
    frame_of(messages_of(MAILS)).write_parquet(tmp_path / "rows")
    (tmp_path / "one.EML").write_bytes(MAILS[0].text)
    python_maildir(tmp_path / "Maildir", MAILS)
    names = {
        "Inbox": "mbox",
        "packed": "mbox",
        "empty": "mbox",
        "rows": "parquet",
        "one.EML": "eml",
        "Maildir": "maildir",
    }
    for name, kind in names.items():
        assert kinds(opened(tmp_path / name)) == [kind]
        assert {connector.source for connector in opened(tmp_path / name)} == {str(tmp_path / name)}


def test_a_folder_may_hold_many_mailboxes(tmp_path: Path) -> None:
    """All mail in a folder and below it is found once, and what is no mail is reported."""
    (tmp_path / "Takeout" / "Mail").mkdir(parents=True)
    (tmp_path / "Takeout" / "Mail" / "Sent.mbox").write_bytes(mboxo(MAILS[:1]))
    (tmp_path / "Takeout" / "Mail" / "Work.mbox").write_bytes(mboxo(MAILS[1:2]))
    (tmp_path / "Takeout" / "index.html").write_text("<html>")
    (tmp_path / "saved.eml").write_bytes(MAILS[2].text)
    python_maildir(tmp_path / "Archive", [a_mail(3)])
    frame_of(messages_of([a_mail(4)])).write_parquet(tmp_path / "rows.parquet")
    found = opened(tmp_path)
    assert kinds(found) == ["maildir", "eml", "mbox", "mbox", "parquet", "files"]
    assert sorted(id_ for connector in found for id_ in ids(connector)) == list("01234")
    labels = {
        label
        for connector in found
        for page in connector.pages()
        for label in page.messages["labels"].explode()
    }
    assert labels == {"Archive", "SENT", "Work"}


def test_what_is_no_mail_is_reported_once(tmp_path: Path) -> None:
    """Files in a folder that nobody reads are set aside with a reason, in one page without messages."""
    (tmp_path / "a.eml").write_bytes(MAILS[0].text)
    (tmp_path / "notes.txt").write_text("no mail")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    *_, leftovers = opened(tmp_path)
    (page,) = leftovers.pages()
    assert [one.place for one in page.skipped] == ["link", "notes.txt", "pipe"]
    assert {one.reason for one in page.skipped} == {"not a mailbox file"}
    assert list(leftovers.pages(page.cursor)) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"Dear Ana,\n", r"is no mailbox: .*Give an mbox"),
        (b"PK\x03\x04....", r"is a zip archive\. Unpack it"),
        (b"!BDN....", r"is an Outlook data file \(\.pst\)\. Convert it with `.*readpst"),
        (gzip.compress(b"ustar", mtime=0), r"is no mailbox"),
    ],
)
def test_a_file_that_is_no_mailbox_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    """The user is told which file it is, what it looks like, and what to do."""
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(GiveUpError, match=f"{ANA}: {tmp_path}/file {says}"):
        opened(tmp_path / "file")


def test_paths_without_mail_are_refused(tmp_path: Path) -> None:
    """A path that does not exist, a folder without mail, and a pipe are named."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name, says in {
        "nowhere": "No such file",
        "folder": "no mail in the folder",
        "pipe": "is no file",
    }.items():
        with pytest.raises(GiveUpError, match=says):
            opened(tmp_path / name)


def test_a_damaged_file_in_a_folder_speaks_for_itself(tmp_path: Path) -> None:
    """One broken file does not keep the others from being read; it says what is wrong when it is read."""
    (tmp_path / "a.mbox").write_bytes(mboxo(MAILS))
    (tmp_path / "b.mbox.gz").write_bytes(gzip.compress(mboxo(MAILS))[:15])
    good, bad = opened(tmp_path)
    assert ids(good) == ["0", "1", "2"]
    with pytest.raises(GiveUpError, match="cut off"):
        ids(bad)
