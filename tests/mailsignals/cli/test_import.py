"""What an import prints: each source, doubtful places, and each mailbox."""

from pathlib import Path

from tests.mailsignals import small_company
from tests.mailsignals.cli.program import Program
from tests.mailsignals.small_company import MIDNIGHT

MAILBOX = "x@us.test"


def incoming(number: int) -> bytes:
    """An mbox with one mail to the mailbox."""
    return small_company.a_mail(f"in{number}", MIDNIGHT, "kim@a01.test", MAILBOX)


def test_a_mailbox_is_shown_with_its_days_and_folders(run: Program, company: Path) -> None:
    """Days, directions, folders with their roles, and a warning where sent mail is missing."""
    (company / "Profil").mkdir()
    (company / "Profil" / "Posteingang").write_bytes(incoming(1) + incoming(2))
    (company / "Profil" / "Entwürfe").write_bytes(
        small_company.a_mail("d", MIDNIGHT, MAILBOX, "kim@a01.test")
    )
    ran = run("import", "Profil", "--mailbox", MAILBOX)
    assert ran.status == 0
    assert "x@us.test: 2 emails from " in ran.err
    assert "2 received and 0 sent." in ran.err
    assert "Profil/Posteingang (inbox) 2, Profil/Entwürfe (drafts, not stored) 1." in ran.err
    assert "Warning: x@us.test has no sent mail. Import its sent folder too" in ran.err


def test_doubtful_places_of_an_mbox_are_shown(run: Program, company: Path) -> None:
    """Mails without an empty line before them are stored, and counted."""
    (company / "in.mbox").write_bytes(b"".join(incoming(number).rstrip(b"\n") + b"\n" for number in range(3)))
    ran = run("import", "in.mbox", "--mailbox", MAILBOX)
    assert "3 new." in ran.err
    assert "2 emails have an unusual separator" in ran.err


def test_an_archive_is_named_with_its_command(run: Program, company: Path) -> None:
    """A .zip is bad input (2), in one line that says how to go on."""
    (company / "takeout.zip").write_bytes(b"PK\x03\x04")
    run("import", "takeout.zip", "--mailbox", MAILBOX).refused(
        "takeout.zip", "zip archive", "unzip takeout.zip"
    )


def test_many_folders_make_one_line(run: Program, company: Path) -> None:
    """Only the fullest folders are named, the rest is added up."""
    for number in range(18):
        folder = company / "mail" / f"customer {chr(65 + number)}"
        folder.mkdir(parents=True)
        (folder / "one.eml").write_bytes(incoming(number).partition(b"\n")[2])
    ran = run("import", "mail", "--mailbox", MAILBOX)
    assert "3 more with 3." in ran.err
