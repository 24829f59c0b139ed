"""A disk that loses what was not flushed: the state of a folder after a power cut, from the calls of a program.

Only ``fsync`` makes content permanent, and only the ``fsync`` of a folder its names. Real file systems are kinder, so
there are two states: ``content`` loses unflushed content and keeps every name; ``names`` loses unflushed names too.
"""

import itertools
import os
import stat
from pathlib import Path
from typing import Literal

from tests.faults.system_calls import Call

Loss = Literal["content", "names"]
_SHARED_MEMORY = "-shm"
"""SQLite's index of its log lives in memory, and is made anew."""

_Names = dict[str, int]


class Disk:
    """The permanent state of a folder; files that are removed stay in ``attic`` until the end."""

    def __init__(self, folder: Path, attic: Path) -> None:
        self._folder, self._attic = folder, attic
        self._numbers = itertools.count(1)
        self._known: dict[int, int] = {}
        """The number of each inode; a number is never used again, an inode is."""
        self._content: dict[int, bytes] = {}
        self._names: dict[int, _Names] = {}
        self._modes: dict[int, int] = {}
        self._root = self._number(str(folder))
        for place, _, _ in os.walk(folder):
            self._keep_names(place)
        for place, _, files in os.walk(folder):
            for name in files:
                self._keep_content(f"{place}/{name}")

    def note(self, call: Call) -> None:
        """Take notice of a call that is about to run."""
        match call.name:
            case "fsync" | "fdatasync":
                keep = self._keep_names if Path(call.path).is_dir() else self._keep_content
                keep(call.path)
            case "unlink" | "rmdir":
                self._put_away(call.path)
            case "rename":
                self._put_away(call.target)
            case _:
                pass

    def cut_power(self, loss: Loss) -> None:
        """Leave in the folder what the disk still has."""
        now = {number: self._names_in(path) for number, path in self._present().items()}
        names = {**self._names, **now} if loss == "content" else self._names
        old = self._folder.with_name(f"{self._folder.name}.before")
        self._folder.rename(old)
        self._make(self._root, self._folder, names)

    def _make(self, number: int, place: Path, names: dict[int, _Names]) -> None:
        mode = self._modes[number]
        if not stat.S_ISDIR(mode):
            place.write_bytes(self._content.get(number, b""))
        else:
            place.mkdir()
            for name, inner in names.get(number, {}).items():
                if not name.endswith(_SHARED_MEMORY):
                    self._make(inner, place / name, names)
        place.chmod(stat.S_IMODE(mode))

    def _present(self) -> dict[int, str]:
        return {self._number(place): place for place, _, _ in os.walk(self._folder)}

    def _number(self, path: str) -> int:
        found = os.lstat(path)
        number = self._known.get(found.st_ino)
        if number is None:
            number = self._known[found.st_ino] = next(self._numbers)
        self._modes[number] = found.st_mode
        return number

    def _names_in(self, path: str) -> _Names:
        return {name: self._number(f"{path}/{name}") for name in os.listdir(path)}  # noqa: PTH208  # names alone

    def _keep_names(self, path: str) -> None:
        self._names[self._number(path)] = self._names_in(path)

    def _keep_content(self, path: str) -> None:
        try:
            self._content[self._number(path)] = Path(path).read_bytes()
        except FileNotFoundError:  # it was removed while it was open
            return

    def _put_away(self, path: str) -> None:
        """Keep the inode of a file, so that no other file gets it; a folder's may be used again."""
        try:
            number, found = self._number(path), os.lstat(path)
        except FileNotFoundError:
            return
        if stat.S_ISDIR(found.st_mode):
            self._known.pop(found.st_ino)
            return
        kept = self._attic / str(number)
        if not kept.exists():
            os.link(path, kept)
