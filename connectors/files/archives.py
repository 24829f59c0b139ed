"""Packed files and files of other programs that contain mail, with the command that unpacks or converts them."""

import dataclasses
import itertools
import shlex
from collections.abc import Callable
from pathlib import Path


@dataclasses.dataclass(frozen=True, slots=True)
class PackedFile:
    """A file that has to be unpacked or converted before its mail can be read."""

    what: str
    """The kind of file with an article, such as ``a zip archive``."""
    remedy: str
    """One or two sentences with the command."""

    @property
    def reason(self) -> str:
        """The reason for skipping the file when a folder that contains it is imported."""
        return f"{self.what}, not unpacked"


_Named = Callable[[Path], PackedFile]


def packed_file(path: Path, beginning: bytes) -> PackedFile | None:
    """Return the kind of a file that must be unpacked or converted first; None for any other file.

    ``beginning`` is the first kilobyte or more, decompressed if the file is compressed with gzip.
    """
    name = path.name.lower()
    if name.endswith(".olm") and beginning.startswith(b"PK"):
        return PackedFile(
            "an Outlook for Mac archive (.olm)",
            "Open it in Outlook for Mac, drag each folder to the desktop (which saves it as .mbox), and import these.",
        )
    by_mark = (named for place, mark, named in _MARKS if beginning.startswith(mark, place))
    by_name = (named for suffixes, named in _SUFFIXES if name.endswith(suffixes))
    by_packing = (named for mark, named in _COMPRESSED if beginning.startswith(mark))
    named = next(itertools.chain(by_mark, by_name, by_packing), None)
    return named(path) if named else None


def _archive(what: str, command: str) -> _Named:
    """An archive of files, unpacked into a folder beside it."""

    def named(path: Path) -> PackedFile:
        folder = shlex.quote(f"{path.name.partition('.')[0] or 'mail'}-unpacked")
        line = command.format(file=shlex.quote(path.name), folder=folder)
        return PackedFile(what, f"Unpack it with `{line}` and import the folder {folder}.")

    return named


def _compressed(what: str, command: str) -> _Named:
    def named(path: Path) -> PackedFile:
        return PackedFile(what, f"Unpack it with `{command.format(file=shlex.quote(path.name))}`.")

    return named


def _outlook(path: Path) -> PackedFile:
    what = "an Outlook data file (.ost)" if path.suffix.lower() == ".ost" else "an Outlook data file (.pst)"
    file, folder = shlex.quote(path.name), shlex.quote(f"{path.stem or 'mail'}-mail")
    return PackedFile(
        what,
        f"Convert it with `mkdir {folder} && readpst -r -o {folder} {file}` (package pst-utils or libpst) "
        f"and import the folder {folder}.",
    )


def _message(path: Path) -> PackedFile:
    return PackedFile(
        "an Outlook message (.msg)",
        f"Convert it with `msgconvert {shlex.quote(path.name)}` (package libemail-outlook-message-perl), "
        "which writes an .eml file.",
    )


def _outlook_express(path: Path) -> PackedFile:
    file = shlex.quote(path.name)
    return PackedFile(
        "an Outlook Express folder (.dbx)", f"Convert it with `undbx {file}` and import the folder."
    )


_TAR = _archive("a tar archive", "mkdir {folder} && tar -xf {file} -C {folder}")
_ZIP = _archive("a zip archive", "unzip {file} -d {folder}")
_MARKS: tuple[tuple[int, bytes, _Named], ...] = (
    (257, b"ustar", _TAR),
    (0, b"PK\x03\x04", _ZIP),
    (0, b"PK\x05\x06", _ZIP),
    (0, b"PK\x07\x08", _ZIP),
    (0, b"7z\xbc\xaf\x27\x1c", _archive("a 7z archive", "7z x {file} -o{folder}")),
    (0, b"Rar!\x1a\x07", _archive("a rar archive", "unrar x {file} {folder}/")),
    (0, b"!BDN", _outlook),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _message),
    (0, b"\xcf\xad\x12\xfe", _outlook_express),
)
"""Kinds of files by a position in the file and the bytes there."""

_SUFFIXES: tuple[tuple[tuple[str, ...], _Named], ...] = (
    ((".tar", ".tgz", ".tar.gz", ".tbz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz", ".tar.zst"), _TAR),
    ((".zip",), _ZIP),
    ((".7z",), _archive("a 7z archive", "7z x {file} -o{folder}")),
    ((".rar",), _archive("a rar archive", "unrar x {file} {folder}/")),
    ((".pst", ".ost"), _outlook),
)
"""Kinds of files by the ending of their name, for files whose content isn't recognised."""

_COMPRESSED: tuple[tuple[bytes, _Named], ...] = (
    (b"BZh", _compressed("compressed with bzip2", "bunzip2 --keep {file}")),
    (b"\xfd7zXZ", _compressed("compressed with xz", "unxz --keep {file}")),
    (b"\x28\xb5\x2f\xfd", _compressed("compressed with zstd", "unzstd {file}")),
)
"""Kinds of compression by the first bytes of a single file; archives are recognised by name before."""
