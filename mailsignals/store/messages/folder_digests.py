"""Digests of the files of a folder that is written once, in a file beside them."""

import json
from pathlib import Path

from mailsignals.store.messages.digests import MEMO, CheckedFiles, file_digest

FILE = "digests.json"


def write_digests(folder: Path) -> None:
    """Write size and digest of every file of a complete folder, before it gets its name.

    Raises:
        OSError: a file can't be read or written.
    """
    found = {
        path.name: (path.stat().st_size, file_digest(path).hex())
        for path in sorted(folder.iterdir())
        if path.is_file()
    }
    (folder / MEMO).touch(mode=0o600)
    (folder / FILE).write_text(json.dumps(found), encoding="utf-8")


def fault_of_folder(folder: Path, *, read: bool) -> tuple[Path, str] | None:
    """Return the first damaged file of a folder, with its fault in words; None if all are as they were written.

    ``read`` is False to read only files in another state than when they were last checked.

    Raises:
        OSError: a file can't be read.
    """
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
        files = [(folder / name, int(size), bytes.fromhex(digest)) for name, (size, digest) in found.items()]
    except (ValueError, TypeError, AttributeError):
        return folder / FILE, "is damaged"
    except (FileNotFoundError, IsADirectoryError):
        return folder / FILE, "is missing"
    return CheckedFiles(folder).first_fault(files, read=read)
