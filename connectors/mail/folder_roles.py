"""The role of a mail folder or label, by its name in any of the languages of ``words/folder_roles.toml``."""

import functools
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from pathlib import Path

ROLES = ("inbox", "sent", "drafts", "junk", "trash", "templates", "outbox", "archive", "chats")
"""The roles that a folder may have."""

WELL_KNOWN_LABELS = {
    "inbox": "INBOX",
    "sent": "SENT",
    "drafts": "DRAFT",
    "junk": "SPAM",
    "trash": "TRASH",
    "templates": "TEMPLATE",
    "outbox": "OUTBOX",
    "chats": "CHAT",
}
"""The label that stands for a role; an archive has none, its folders keep their own names."""

SHIPPED = Path(__file__).parent / "words" / "folder_roles.toml"

_SPACES = re.compile(r"[\s_\-\u2010-\u2015]+")
_UNSEEN = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF, 0x0307])
_APOSTROPHES = str.maketrans("\u2018\u2019\u02bc\u0060\u00b4\u0131", "'''''i")
_COUNTER = re.compile(r" (?:\d{1,4}|\(\d{1,4}\))$")
_NAMESPACE = re.compile(r"^\[[^\]/]{1,30}\][/.]")


class FolderRolesError(ValueError):
    """A file of folder roles that cannot be used, with the file and the key."""


@functools.lru_cache(maxsize=4096)
def folder_role(name: str) -> str | None:
    """Return the role that a folder or label of this name has, one of ``ROLES``; None if the name is no such word.

    What IMAP clients put before the name (``[Gmail]/``) and a number after it (``Drafts 2``) do not count.
    """
    names = _shipped_roles()
    folded = _folded(_NAMESPACE.sub("", name))
    return names.get(folded) or names.get(_COUNTER.sub("", folded))


def read_folder_roles(path: Path) -> Mapping[str, str]:
    """Return the role of each name in a file of folder roles; names are folded for comparison.

    Raises:
        FolderRolesError: the file is not such a table, or gives one name two roles.
        OSError: the file cannot be read.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FolderRolesError(f"{path.name}: it is not TOML ({error}).") from error
    if not table.pop("sources", None):
        raise FolderRolesError(f"{path.name}: sources: it is missing. Name where the names are from.")
    found: dict[str, str] = {}
    places: dict[str, str] = {}
    for role, languages in table.items():
        if role not in ROLES or not isinstance(languages, dict):
            raise FolderRolesError(f"{path.name}: {role}: it is not a role. Use one of {', '.join(ROLES)}.")
        for language, names in languages.items():
            key = f"{role}.{language}"
            for name in _names(path, key, names):
                folded = _folded(name)
                if found.setdefault(folded, role) != role:
                    raise FolderRolesError(
                        f'{path.name}: {key}: "{name}" already stands in {places[folded]}. '
                        "Keep it in one of the two, or in neither."
                    )
                places.setdefault(folded, key)
    return found


@functools.cache
def _shipped_roles() -> Mapping[str, str]:
    return read_folder_roles(SHIPPED)


def _names(path: Path, key: str, names: object) -> list[str]:
    if not isinstance(names, list) or not all(isinstance(name, str) and _folded(name) for name in names):
        raise FolderRolesError(f"{path.name}: {key}: it is not a list of names.")
    return names


def _folded(name: str) -> str:
    """The name as it is compared: case, hyphens, composed letters, direction marks and apostrophes do not matter."""
    plain = unicodedata.normalize("NFKC", name).casefold().translate(_APOSTROPHES)
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", plain.translate(_UNSEEN))).strip()
