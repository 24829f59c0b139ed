"""A random secret in a file of its own."""

import contextlib
import os
import secrets
from pathlib import Path

from connectors.private import write_private

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
