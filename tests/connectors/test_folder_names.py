"""Folders by their paths: names, roles and labels as mail programs lay them out."""

import os

import pytest

from connectors.files.folder_names import ROOT, FolderName, decoded_name, file_folder


@pytest.mark.parametrize(
    ("path", "name", "role", "label"),
    [
        ("Mail/Drafts.mbox/mbox", "Mail/Drafts", "drafts", "DRAFT"),
        ("Mail/Sent Messages.mbox/mbox", "Mail/Sent Messages", "sent", "SENT"),
        ("Mail/INBOX.mbox/mbox", "Mail/INBOX", "inbox", "INBOX"),
        ("pst/Sent Items/mbox", "pst/Sent Items", "sent", "SENT"),
        ("pst/Gesendete Elemente/mbox", "pst/Gesendete Elemente", "sent", "SENT"),
        ("pst/Entwürfe/2024/mbox", "pst/Entwürfe/2024", "drafts", "DRAFT"),
        ("Archive/Sent", "Archive/Sent", "sent", "SENT"),
        ("Sent/Archive", "Sent/Archive", "archive", "own"),
        ("Drafts/Project", "Drafts/Project", "drafts", "DRAFT"),
        ("Inbox.sbd/Customers", "Inbox/Customers", "inbox", "own"),
        ("Archives.sbd/2025", "Archives/2025", "archive", "own"),
        ("Takeout/Mail/Brouillons.mbox.gz", "Takeout/Mail/Brouillons", "drafts", "DRAFT"),
        ("ImapMail/[Gmail].sbd/Entw&APw-rfe", "ImapMail/[Gmail]/Entwürfe", "drafts", "DRAFT"),
        ("export/Sent.txt", "export/Sent", "sent", "SENT"),
        ("export/Work 2024.mbox", "export/Work 2024", None, "own"),
        (".inbox.directory/Kladder", "inbox/Kladder", "drafts", "DRAFT"),
    ],
)
def test_the_nearest_telling_folder_decides(path: str, name: str, role: str | None, label: str) -> None:
    """Apple Mail, readpst, Thunderbird, Takeout and KMail: the role is that of the nearest name that tells one."""
    folder = file_folder(path.split("/"))
    assert (folder.path, folder.role, folder.label(otherwise="own")) == (name, role, label)


def test_what_apple_mail_puts_between_is_no_folder() -> None:
    """Identifiers, numbers, ``Data`` and ``Messages`` below a .mbox belong to the program."""
    account = "4C0E2A7B-0F5E-4C4F-9A55-0123456789AB"
    folder = FolderName.of(["V10", account, "Junk.mbox", account, "Data", "9", "3", "Messages"])
    assert (folder.path, folder.role) == ("Junk", "junk")
    assert FolderName.of(["Data", "Messages"]).path == "Data/Messages"


def test_no_folder_has_a_name_too() -> None:
    """Mail that lies in no folder is counted under one name."""
    assert FolderName.of([]) == FolderName(ROOT, None)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Entw&APw-rfe", "Entwürfe"),
        ("R&D", "R&D"),
        ("R&-D", "R&D"),
        ("Q&A-2024", "Q&A-2024"),
        ("&ABC-", "&ABC-"),
        (os.fsdecode("Entwürfe".encode("cp1252")), "Entwürfe"),
    ],
)
def test_names_are_read_as_people_see_them(name: str, text: str) -> None:
    """The UTF-7 of IMAP servers and the code page of Windows are undone; an ampersand may be just that."""
    assert decoded_name(name) == text
