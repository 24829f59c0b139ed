"""Files that appear whole or not at all, and random secrets in files of their own."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from connectors.private_file import write_private
from mailsignals.errors import UserError

BYTES = 32


def secret(path: Path) -> bytes:
    """The secret in the file; made when it is first asked for, whole or not at all, and by one of those who ask.

    Raises:
        OSError: it can be neither read nor made.
    """
    if not path.exists():
        mine = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        write_private(mine, secrets.token_bytes(BYTES))
        with contextlib.suppress(FileExistsError):  # somebody was quicker, and theirs is the secret
            os.link(mine, path)
        mine.unlink()
    return path.read_bytes()


def write_text(folder: Path, name: str, text: str, *, option: str) -> Path:
    """Write a text into a folder, which is made where there is none, and return its place.

    Raises:
        UserError: naming the folder and the option that chose it, or the file.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"{folder}: cannot be made: {error.strerror or error}. Name another {option}."
        ) from None
    with written_whole(folder / name) as draft:
        draft.write_text(text, encoding="utf-8")
    return folder / name


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A path beside ``path`` to write to, which takes its name once all is written.

    Raises:
        UserError: naming the file.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        try:
            yield draft
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from None
    except pl.exceptions.ComputeError as error:  # what polars makes of an OSError
        raise _unwritable(path, str(error)) from None


def _unwritable(path: Path, reason: str) -> UserError:
    return UserError(f"{path}: cannot be written: {reason}. Check the folder, its permissions and its space.")
