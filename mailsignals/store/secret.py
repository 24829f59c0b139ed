"""A random secret in a file of its own."""

import os
import secrets
from pathlib import Path

BYTES = 32


def secret(path: Path) -> bytes:
    """The secret in the file; made when it is first asked for, whole or not at all.

    Raises:
        OSError: it can be neither read nor made.
    """
    if not path.exists():
        draft = path.with_name(f"{path.name}.draft")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(BYTES))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    return path.read_bytes()
