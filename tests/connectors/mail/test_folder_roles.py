"""Folder roles: what names mean in many languages, and which tables are refused."""

import tomllib
import unicodedata

import pytest

from connectors.mail.folder_roles import ROLES, folder_role, read_folder_roles
from connectors.mail.labels import among_sent, skip_reason
from connectors.mail.word_lists import WordListError, shipped_list

TABLE = {
    role: names for role, names in tomllib.loads(shipped_list("folder_roles")).items() if role != "sources"
}
ASIDE = {"drafts": "draft", "junk": "spam", "chats": "chat", "templates": "template", "outbox": "outbox"}


def test_the_shipped_table_gives_each_name_one_role() -> None:
    """It can be read, names its sources, and has inbox, sent mail and drafts of 25 languages or more."""
    read_folder_roles(shipped_list("folder_roles"), name="roles.toml")
    assert set(TABLE) == set(ROLES)
    for role in ("inbox", "sent", "drafts"):
        assert len(TABLE[role]) >= 25


@pytest.mark.parametrize("role", ROLES)
def test_every_name_has_its_role_however_it_is_spelt(role: str) -> None:
    """Case, decomposed letters, hyphens for spaces, Gmail's prefix and a number at the end do not matter."""
    for names in TABLE[role].values():
        for name in names:
            spellings = {
                name,
                name.lower(),
                unicodedata.normalize("NFD", name),
                name.replace(" ", "-"),
                f"[Gmail]/{name}",
                f"{name} 2",
                f"{name}_(3)",
            }
            assert {folder_role(spelling) for spelling in spellings} == {role}, name
            assert skip_reason([name]) == ASIDE.get(role)
            assert among_sent([name]) == (role == "sent")


@pytest.mark.parametrize(
    "name", ["Drafting", "Northwind", "2024", "mbox", "Messages", "Data", "Sent by Ana", "Important", "", " "]
)
def test_other_names_have_no_role(name: str) -> None:
    """A word that only begins like one, or a name that programs use within, tells nothing."""
    assert folder_role(name) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[sent]\nen = ["Sent"]', "sources"),
        ('sources = ["a"]\n[sent]\nen = ["Out"]\n[drafts]\nde = ["OUT"]', r'drafts\.de: "OUT" .* sent\.en'),
        ('sources = ["a"]\n[sent]\nen = "Sent"', r"sent\.en"),
        ('sources = ["a"]\n[sent]\nen = [" "]', r"sent\.en"),
        ('sources = ["a"]\n[posted]\nen = ["Sent"]', "posted"),
        ('sources = ["a"]\nsent = 1', "sent"),
        ("sources =", "TOML"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(text: str, says: str) -> None:
    """The error names the file and the key, and of a name with two roles both places."""
    with pytest.raises(WordListError, match=rf"roles\.toml: .*{says}"):
        read_folder_roles(text, name="roles.toml")
