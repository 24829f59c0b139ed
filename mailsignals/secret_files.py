"""The registry of secret files in a store: what depends on each, and what a backup and a restore do with it."""

import contextlib
import dataclasses
import enum
import os
import secrets
from pathlib import Path

from connectors.private_file import write_private

BYTES = 32


@dataclasses.dataclass(frozen=True, slots=True)
class SecretRule:
    """What a secret file is for."""

    name: str
    """The name of its file in the store's folder."""
    depends: str
    """What depends on it, in words."""
    in_backup: bool
    """Whether a backup has it; a restored store makes the others anew, or people sign in again."""
    random: bool = True
    """Whether the program draws it on first use; else a provider issues it at a sign-in."""


class SecretFile(enum.Enum):
    """Every secret file that the program writes into a store; no other can be created."""

    SUBJECTS = SecretRule("subjects.key", "hashes of stored subjects", in_backup=True)
    FORGOTTEN = SecretRule("forgotten.key", "hashes by which erased people are recognised", in_backup=True)
    HOLDOUT = SecretRule("hold-back", "the draw of flags that are held out", in_backup=True)
    LABELS = SecretRule("labels.key", "names of mailboxes in metrics", in_backup=True)
    LINKS = SecretRule("links.key", "feedback links in digests already sent", in_backup=False)
    SESSIONS = SecretRule("sessions.key", "sessions of the dashboard", in_backup=False)
    GMAIL_SIGN_IN = SecretRule(
        "gmail-permission.json", "the sign-in of a person at Google", in_backup=False, random=False
    )
    MICROSOFT_SIGN_IN = SecretRule(
        "microsoft365-tokens.json", "the sign-in of a person at Microsoft", in_backup=False, random=False
    )

    @property
    def file_name(self) -> str:
        """The name of its file in the store's folder."""
        return self.value.name


BACKED_UP = tuple(each for each in SecretFile if each.value.in_backup)
"""The secrets that stored data depends on: a backup has them, and a restored store needs them."""


def secret(folder: Path, which: SecretFile) -> bytes:
    """Return a random secret of the store in a folder, whose file is created atomically on first use.

    Raises:
        OSError: the file can neither be read nor created.
    """
    assert which.value.random, which
    path = folder / which.file_name
    if not path.exists():
        mine = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        write_private(mine, secrets.token_bytes(BYTES))
        with contextlib.suppress(FileExistsError):  # another process was faster, and its secret counts
            os.link(mine, path)
        mine.unlink()
    return path.read_bytes()
