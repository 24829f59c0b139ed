"""Files that are written whole or not at all."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from mailsignals.errors import UserError


def write_text(folder: Path, name: str, text: str, *, option: str) -> Path:
    """Write a text into a file in a folder, which is created if it is missing, and return the file's path.

    Raises:
        UserError: the folder or the file can't be written; names it and the option for the folder.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"{folder} can't be created: {error.strerror or error}. Use another {option}."
        ) from None
    with written_whole(folder / name) as draft:
        draft.write_text(text, encoding="utf-8")
    return folder / name


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Provide a temporary path beside ``path``, which is renamed to it at the end of the block.

    An existing file keeps its permissions.

    Raises:
        UserError: the file can't be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        try:
            yield draft
            if path.exists():
                shutil.copymode(path, draft)  # a file that others may read stays so
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from None
    except pl.exceptions.ComputeError as error:  # polars' form of an OSError
        raise _unwritable(path, str(error)) from None


def _unwritable(path: Path, reason: str) -> UserError:
    return UserError(
        f"{path} can't be written: {reason}. Check the folder, its permissions and its free space."
    )
