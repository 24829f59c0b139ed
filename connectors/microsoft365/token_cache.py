"""A person's tokens in a file: locked, written whole or not at all, and nobody else's to read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock
import msal

from connectors.private_file import write_private

LOCK_SECONDS = 60.0


@contextmanager
def kept_cache(path: Path) -> Iterator[msal.SerializableTokenCache]:
    """The cache in a file, which no other process uses meanwhile; what changed is written at the end.

    A file that cannot be read counts as empty: somebody signs in again.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(f"{path}.lock", timeout=LOCK_SECONDS, mode=0o600):
        cache = msal.SerializableTokenCache()
        try:
            cache.deserialize(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            cache = msal.SerializableTokenCache()
        try:
            yield cache
        finally:
            if cache.has_state_changed:
                write_private(path, cache.serialize().encode())
