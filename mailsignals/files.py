"""Files that are written whole or not at all."""

import contextlib
import glob
import os
import shutil
import sys
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

    The content is on the disk before the name is. An existing file keeps its permissions.

    Raises:
        UserError: the file can't be written.
    """
    draft = new_draft(path)
    try:
        try:
            yield draft
            if path.exists():
                shutil.copymode(path, draft)  # a file that others may read stays so
            flush_content(draft)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from None
    except pl.exceptions.ComputeError as error:  # polars' form of an OSError
        raise _unwritable(path, str(error)) from None


def new_draft(path: Path) -> Path:
    """Return this process's temporary path beside ``path``, after removing those that killed programs left."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*"):
        number = left.name.rpartition(".")[2]
        if number.isascii() and number.isdigit() and not _runs(int(number)):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    left.unlink()
    return path.with_name(f".{path.name}.{os.getpid()}")


def _runs(process: int) -> bool:
    """Return whether a process of this machine runs; True on Windows, where asking would end it."""
    if os.name != "posix" or process == os.getpid():
        return os.name != "posix"
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def flush_content(path: Path) -> None:
    """Wait until the content of a file, or of all files in a folder, is on the disk."""
    for each in path.rglob("*") if path.is_dir() else [path]:
        if each.is_file():
            with each.open("r+b") as file:
                os.fsync(file.fileno())


def flush_folder(folder: Path, *, below: bool = False) -> None:
    """Wait until the names in a folder are on the disk, and those in folders below it; Windows does so by itself."""
    if sys.platform == "win32":
        return
    for each in (folder, *(path for path in (folder.rglob("*") if below else ()) if path.is_dir())):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unwritable(path: Path, reason: str) -> UserError:
    return UserError(
        f"{path} can't be written: {reason}. Check the folder, its permissions and its free space."
    )
