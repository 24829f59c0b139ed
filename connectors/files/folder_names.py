"""The folder of an email by its path: its display name, its role, and its label."""

import base64
import binascii
import dataclasses
import functools
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

from connectors.mail.folder_roles import WELL_KNOWN_LABELS, folder_role

ROOT = "(no folder)"
"""The folder name of emails that aren't in a folder."""

# Apple's Name.mbox and Name.imapmbox, Thunderbird's Name.sbd, KMail's .Name.directory; .gz comes last.
_SUFFIX = re.compile(r"\.(?:mbox|mbx|mbs|sbd|imapmbox|directory)$", re.IGNORECASE)
_APPLE = re.compile(r"\.(?:mbox|imapmbox)$", re.IGNORECASE)
# Apple Mail and readpst keep the emails of a folder in a file or folder of such a name.
_CONTAINERS = frozenset({"mbox", "cur", "new"})
_APPLE_PARTS = re.compile(r"Data|Messages|\d|V\d+|[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}", re.IGNORECASE)
_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")
_SENDS = frozenset({"inbox", "archive"})  # a folder below these keeps its own name as its label


@dataclasses.dataclass(frozen=True, slots=True)
class FolderName:
    """A folder of mail: its path within the mailbox, and its role."""

    path: str
    """The names from the outermost folder on, joined by slashes; ``ROOT`` if there are none."""
    role: str | None
    """The role of the nearest folder whose name has one, out of ``connectors.mail.folder_roles.ROLES``."""
    direct: bool = True
    """True if the role follows from the folder's own name."""

    @classmethod
    def of(cls, parts: Iterable[str]) -> Self:
        """Return the folder at this path, given from the outermost name on, as the file system or server spells it."""
        written = [decoded_name(part) for part in parts]
        names = _telling(written)
        for place, name in enumerate(reversed(names)):
            if role := folder_role(name):
                return cls("/".join(names), role, direct=place == 0)
        return cls("/".join(names) or ROOT, None)

    def label(self, *, otherwise: str) -> str:
        """Return the well-known label of its role, or ``otherwise`` if it has none."""
        if self.role is None or (not self.direct and self.role in _SENDS):
            return otherwise
        return WELL_KNOWN_LABELS.get(self.role, otherwise)


def file_folder(parts: Sequence[str]) -> FolderName:
    """Return the folder that a file such as an mbox stands for, given the path down to the file."""
    *above, name = parts
    stem = Path(name).stem
    told = stem_of(name) == name and folder_role(decoded_name(stem)) is not None  # such as Sent.txt
    return FolderName.of([*above, stem if told else name])


def stem_of(name: str) -> str:
    """Return the name of a folder without the suffixes of files and folders that contain one."""
    plain = name[:-3] if name.lower().endswith(".gz") else name
    return _SUFFIX.sub("", plain).lstrip(".") or name


@functools.lru_cache(maxsize=4096)
def decoded_name(name: str) -> str:
    """Return a name of the file system as text, decoded from other encodings and from the UTF-7 of IMAP servers."""
    try:
        name.encode()
    except UnicodeEncodeError:
        name = os.fsencode(name).decode("cp1252", "replace")
    return _SHIFTED.sub(_unshifted, name) if "&" in name else name


def _unshifted(shifted: re.Match[str]) -> str:
    """The text of one ``&...-`` (RFC 3501, 5.1.3); anything else stays as it is."""
    if not shifted[1]:
        return "&"
    packed = shifted[1].replace(",", "/")
    try:
        text = base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True).decode("utf-16-be")
    except (binascii.Error, UnicodeDecodeError):
        return shifted[0]
    return text if text.isprintable() else shifted[0]


def _telling(written: list[str]) -> list[str]:
    """The folder names that people chose, without those that mail programs insert."""
    apple = any(_APPLE.search(part) for part in written)
    return [
        stem_of(part)
        for part in written
        if part and part.lower() not in _CONTAINERS and not (apple and _APPLE_PARTS.fullmatch(part))
    ]
