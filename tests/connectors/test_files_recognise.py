import gzip
import os
from pathlib import Path

import pytest

from connectors.base import Connector, GiveUpError, frame_of
from connectors.files import open_files
from tests.connectors.writers import ANA, a_mail, ids, mboxo, messages_of, ours, page_ids, python_maildir

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
        (b"Dear Ana,\n", r"is not in a supported mail format;.*Use an mbox"),
        (b"PK\x03\x04....", r"is a zip archive\. Unpack it"),
        (b"!BDN....", r"is an Outlook data file \(\.pst\)\. Convert it with `.*readpst"),
        (gzip.compress(b"ustar", mtime=0), r"is not in a supported mail format"),
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
        "folder": "contains no mail",
        "pipe": "is not a regular file",
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


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        (
            "takeout.tgz",
            gzip.compress(b"\0" * 257 + b"ustar\0" + b"\0" * 249, mtime=0),
            r"a tar archive\. .*`.*tar -xf takeout\.tgz",
        ),
        ("old.tar.gz", gzip.compress(b"a file" + b"\0" * 600, mtime=0), r"a tar archive\..*tar -xf"),
        ("mail.tar", b"\0" * 257 + b"ustar  ", r"a tar archive"),
        ("all.tar.bz2", b"BZh9", r"a tar archive"),
        ("all.mbox.bz2", b"BZh9", r"compressed with bzip2\. .*bunzip2"),
        ("all.mbox.xz", b"\xfd7zXZ\0", r"compressed with xz"),
        ("my mail.zip", b"PK\x03\x04", r"a zip archive\. .*unzip 'my mail\.zip'"),
        ("empty.zip", b"PK\x05\x06", r"a zip archive"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c", r"a 7z archive\. .*7z x a\.7z"),
        ("a.rar", b"Rar!\x1a\x07\x01", r"a rar archive\. .*unrar x a\.rar"),
        ("a.pst", b"!BDN", r"an Outlook data file \(\.pst\).*readpst -r"),
        ("a.ost", b"!BDN", r"an Outlook data file \(\.ost\).*readpst -r"),
        ("a.olm", b"PK\x03\x04", r"an Outlook for Mac archive"),
        ("a.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"an Outlook message.*msgconvert"),
    ],
)
def test_packed_mail_is_named_with_the_way_out(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    """An archive or another program's file is named, with the command; beside mail it is set aside as what it is."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(GiveUpError, match=f"is {says}"):
        opened(tmp_path / name)
    with pytest.raises(GiveUpError, match=f"contains no mail.* {name} is {says}"):
        opened(tmp_path)
    (tmp_path / "one.eml").write_bytes(MAILS[0].text)
    *_, leftovers = opened(tmp_path)
    (page,) = leftovers.pages()
    (skipped,) = page.skipped
    assert skipped.reason != "not a mailbox file"


@pytest.mark.parametrize(
    "name", ["1673.txt", "1.", "msg-00042", "00001.7c53336b37003a9286aba55d2945844c", "a.msg"]
)
def test_a_mail_is_recognised_by_its_head(tmp_path: Path, name: str) -> None:
    """Whatever its name, a file that begins with the headers of a mail is one; in a folder all are one source."""
    (tmp_path / "inbox").mkdir()
    for folder, number in ((tmp_path, 0), (tmp_path / "inbox", 1)):
        (folder / name).write_bytes(MAILS[number].text)
    (box,) = opened(tmp_path)
    assert (box.provider, sorted(ids(box))) == ("eml", ["0", "1"])
    (single,) = opened(tmp_path / "inbox" / name)
    assert (single.provider, ids(single)) == ("eml", ["1"])


@pytest.mark.parametrize(
    "text",
    [
        b"Dear Ana,\n\nHello\n",
        b"to: a\nfrom: b\n",
        b"Date: today\nServer: x\n\n",
        b"From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: Bo <bo@acme.test>\nDate: x\n\n",
        b"key,value\na,b\n",
        b"",
    ],
)
def test_other_texts_are_no_mail(tmp_path: Path, text: bytes) -> None:
    """Notes, tables, patches and answers of web servers are not taken for mail."""
    (tmp_path / "one.eml").write_bytes(MAILS[0].text)
    (tmp_path / "notes").write_bytes(text)
    assert [id_ for box in opened(tmp_path) for id_ in ids(box)] == ["0"]


def test_apple_mail_is_read(tmp_path: Path) -> None:
    """``.emlx`` files have a length before and a list of flags after the mail, which names drafts and junk."""
    folder = tmp_path / "V10" / "INBOX.mbox" / "Data" / "Messages"
    folder.mkdir(parents=True)
    flags = {
        "1.emlx": 1,
        "2.partial.emlx": 1 << 32 | 1,
        "3.emlx": 1 << 6,
        "4.emlx": 1 << 24,
        "5.emlx": 3 << 24,
    }
    for number, (name, value) in enumerate(flags.items()):
        text = a_mail(number).text
        plist = f"<plist><dict><key>flags</key>\n<integer>{value}</integer></dict></plist>"
        (folder / name).write_bytes(f"{len(text):<10}\n".encode() + text + plist.encode())
    (folder / "2.1.emlxpart").write_bytes(b"an attachment")
    (folder.parent / "Attachments" / "1").mkdir(parents=True)
    (folder.parent / "Attachments" / "1" / "forwarded.eml").write_bytes(a_mail(9).text)
    box, left = opened(tmp_path / "V10")
    (page,) = box.pages()
    assert sorted(page.messages["message_id"]) == ["0@acme.test", "1@acme.test", "4@acme.test"]
    assert set(page.messages["labels"].explode()) == {"INBOX"}
    assert sorted(one.reason for one in page.skipped) == ["draft", "spam"]
    assert next(message.provider_id for message in messages_of([a_mail(0)])) in page.messages["provider_id"]
    assert page.folders == {"INBOX": 3}
    (rest,) = left.pages()
    assert {one.reason for one in rest.skipped} == {"an attachment that Apple Mail stores beside its email"}


def test_many_small_boxes_are_one_source(tmp_path: Path) -> None:
    """A folder of single mails that begin with a separator is read at once, with the ids that each had by itself."""
    for number in range(30):
        (tmp_path / f"{number}.txt").write_bytes(mboxo([a_mail(number)]))
    (tmp_path / "Drafts").write_bytes(mboxo([a_mail(98), a_mail(99)]))
    (box,) = opened(tmp_path)
    (page,) = box.pages()
    assert (box.provider, len(page.messages)) == ("mbox", 30)
    assert set(page.messages["provider_id"]) == {
        one.provider_id for one in messages_of(map(a_mail, range(30)))
    }
    assert [one.reason for one in page.skipped] == ["draft", "draft"]
    assert page.folders == {tmp_path.name: 30, f"{tmp_path.name}/Drafts": 2}
    assert list(box.pages(page.cursor)) == []
    (tmp_path / "99.txt").write_bytes(mboxo([a_mail(40)]))
    (box,) = opened(tmp_path)
    assert "40" in [id_ for one in box.pages(page.cursor) for id_ in page_ids(one)]


def test_few_boxes_are_a_source_each(tmp_path: Path) -> None:
    """The folders of a profile are named one by one."""
    for name in ("Inbox", "Sent", "Work"):
        (tmp_path / name).write_bytes(mboxo(MAILS[:1]))
    assert [box.source for box in opened(tmp_path)] == [
        str(tmp_path / name) for name in ("Inbox", "Sent", "Work")
    ]


def test_a_file_that_seems_to_hold_more_mails_is_doubtful(tmp_path: Path) -> None:
    """Where the first separator is missing, the first mail is read and the file is counted."""
    (tmp_path / "all.txt").write_bytes(MAILS[0].text + b"\n" + mboxo(MAILS[1:]))
    (box,) = opened(tmp_path)
    (page,) = box.pages()
    assert (page_ids(page), page.defects["further_mails"]) == (["0"], 1)
