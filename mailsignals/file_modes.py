"""Files and folders that are for their owner alone; on Windows, folders inherit who may read them."""

import functools
import logging
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

log = logging.getLogger(__name__)

OTHERS = stat.S_IRWXG | stat.S_IRWXO
_ENTER = stat.S_IXGRP | stat.S_IXOTH


def keep_private() -> None:
    """Have every file and folder that this process creates from now on be for its owner alone."""
    if os.name == "posix":
        os.umask(OTHERS)


def close_to_others(folder: Path) -> list[Path]:
    """Take the permissions of others from a folder and everything in it, and return the paths where that failed.

    Links are not followed. A failure is logged once per process.
    """
    if os.name != "posix" or not folder.is_dir():
        return []
    failed = [path for path in _open_paths(folder) if not _close(path)]
    if failed:
        _log_open(folder, len(failed))
    return failed


def readers(path: Path, *, group: bool) -> str | None:
    """Return who else can read or change a file or folder, in words; None if nobody can, or it doesn't exist.

    Args:
        path: the file or folder.
        group: whether the group counts too. It never does where root is the owner: root's files are handed to a
            service by its group.
    """
    if os.name != "posix":
        return None
    try:
        own, above = path.stat(), [parent.stat().st_mode for parent in path.resolve().parents]
    except OSError:
        return None
    if any(not mode & _ENTER for mode in above):  # nobody else gets there
        return None
    if own.st_mode & stat.S_IRWXO:
        return "every user of this machine"
    return "its group" if group and own.st_uid and own.st_mode & stat.S_IRWXG else None


def open_to_others(paths: Sequence[tuple[str, Path]], *, group: bool) -> list[str]:
    """Return a sentence with the remedy for each file or folder that others can read.

    Args:
        paths: what each file or folder is, such as its key of the configuration, and where it is.
        group: as in ``readers``.
    """
    found = ((what, path, readers(path, group=group)) for what, path in paths)
    return [
        f"{what}: {who} can read {path}. Run `chmod {'700' if path.is_dir() else '600'} {path}`."
        for what, path, who in found
        if who
    ]


def _open_paths(folder: Path) -> Iterator[Path]:
    """Yield a folder and everything below it that others have permissions on."""
    waiting = [folder]
    if _is_open(folder.stat().st_mode):
        yield folder
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        continue
                    if _is_open(entry.stat(follow_symlinks=False).st_mode):
                        yield Path(entry.path)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
        except OSError:  # removed meanwhile, or not ours to read
            continue


def _is_open(mode: int) -> bool:
    return bool(mode & OTHERS)


def _close(path: Path) -> bool:
    """Take the permissions of others from a path, and return whether it has none now."""
    try:
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~OTHERS)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


@functools.cache
def _log_open(folder: Path, paths: int) -> None:
    log.warning("open_to_others", extra={"folder": str(folder), "paths": paths})
