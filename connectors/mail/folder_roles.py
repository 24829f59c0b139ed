"""The role of a mail folder or label, by its name in any of the languages of ``words/folder_roles.toml``."""

import functools
import re
import unicodedata
from collections.abc import Mapping

from connectors.mail.word_lists import WordListError, read_word_list, shipped_list

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
"""The label of each role; an archive has none, because its folders keep their own names."""

_SPACES = re.compile(r"[\s_\-\u2010-\u2015]+")
_UNSEEN = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF, 0x0307])
_APOSTROPHES = str.maketrans("\u2018\u2019\u02bc\u0060\u00b4\u0131", "'''''i")
_COUNTER = re.compile(r" (?:\d{1,4}|\(\d{1,4}\))$")
_NAMESPACE = re.compile(r"^\[[^\]/]{1,30}\][/.]")


@functools.lru_cache(maxsize=4096)
def folder_role(name: str) -> str | None:
    """Return the role of a folder or label by its name, one of ``ROLES``; None if the name has no role.

    A prefix by an IMAP client (``[Gmail]/``) and a number at the end (``Drafts 2``) don't count.
    """
    names = _shipped_roles()
    folded = _folded(_NAMESPACE.sub("", name))
    return names.get(folded) or names.get(_COUNTER.sub("", folded))


def read_folder_roles(text: str, *, name: str) -> Mapping[str, str]:
    """Return the role of each name in a list of folder roles; names are folded for comparison.

    Raises:
        WordListError: it isn't a list of folder roles, or gives one name two roles.
    """
    found = read_word_list(text, name=name, fold=_folded)
    for role in found:
        if role not in ROLES:
            raise WordListError(f"{name}: {role} is not a role. Use one of {', '.join(ROLES)}.")
    return {_folded(word): role for role, words in found.items() for word in words}


@functools.cache
def _shipped_roles() -> Mapping[str, str]:
    return read_folder_roles(shipped_list("folder_roles"), name="folder_roles.toml")


def _folded(name: str) -> str:
    """The name as it is compared: case, hyphens, composed letters, direction marks and apostrophes don't matter."""
    plain = unicodedata.normalize("NFKC", name).casefold().translate(_APOSTROPHES)
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", plain.translate(_UNSEEN))).strip()
