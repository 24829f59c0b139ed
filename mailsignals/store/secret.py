"""A random secret in a file of its own."""

import secrets
from pathlib import Path

from connectors.private import write_private

BYTES = 32


def secret(path: Path) -> bytes:
    """The secret in the file; made when it is first asked for, whole or not at all.

    Raises:
        OSError: it can be neither read nor made.
    """
    if not path.exists():
        write_private(path, secrets.token_bytes(BYTES))
    return path.read_bytes()
