"""That every reader of files finds the calendar among the parts of a mail."""

from pathlib import Path

import pytest

from connectors.files import open_files
from tests.connectors.writers import ANA, Mail, a_mail, ours

TOP = b'Content-Type: multipart/mixed; boundary="b1"\n'
TEXT = b"--b1\nContent-Type: text/plain\n\nHello\n"
CALENDAR = b"--b1\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\n"
MAILS = [
    a_mail(1, body=CALENDAR),
    a_mail(2, more=TOP, body=TEXT + CALENDAR + b"--b1--\n"),
    a_mail(3, more=TOP, body=TEXT + b"x" * 100_000 + b"\n" + CALENDAR),
    a_mail(4, more=TOP, body=TEXT + b"--b1--\n"),
    a_mail(5),
]
"""The calendar of the second and third; the first is plain text."""


def mbox(folder: Path) -> Path:
    """All mails in one file."""
    path = folder / "in.mbox"
    path.write_bytes(
        b"".join(b"From x Mon Mar  2 10:00:00 2026\n" + _written(mail) + b"\n" for mail in MAILS)
    )
    return path


def eml(folder: Path) -> Path:
    """A file for each mail."""
    for number, mail in enumerate(MAILS):
        (folder / f"{number}.eml").write_bytes(_written(mail))
    return folder


def maildir(folder: Path) -> Path:
    """A file for each mail in ``cur``."""
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir()
    for number, mail in enumerate(MAILS):
        (folder / "cur" / f"{number}:2,S").write_bytes(_written(mail))
    return folder


def _written(mail: Mail) -> bytes:
    return mail.head + b"\n" + mail.body


@pytest.mark.parametrize("write", [mbox, eml, maildir])
def test_a_calendar_part_is_seen_in_every_kind_of_file(write: object, tmp_path: Path) -> None:
    """By part headers alone; mails beside it stay people's."""
    assert callable(write)
    found: dict[str, str | None] = {}
    for connector in open_files(write(tmp_path), mailbox=ANA, own=ours):
        for page in connector.pages():
            found |= dict(page.messages.select("message_id", "automated").iter_rows())
    assert found == {f"{n}@acme.test": "calendar" if n in {2, 3} else None for n in range(1, 6)}
