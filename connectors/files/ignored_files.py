"""What lies in a folder and is no mail: nothing of it is read, all of it is reported."""

import dataclasses
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from connectors.base import Cursor, Page, Progress, Skipped
from connectors.files.stream import source_name

REASON = "not a mailbox file"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Leftovers:
    """The files in a folder that no other connector reads."""

    path: Path
    mailbox: str
    files: tuple[Path, ...]

    @property
    def provider(self) -> str:
        """Always ``files``; it has no messages."""
        return "files"

    @property
    def source(self) -> str:
        """The path of the folder."""
        return source_name(self.path)

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """One page that sets each file aside, unless ``cursor`` follows that page."""
        places = [os.fsencode(file.relative_to(self.path)).decode("utf-8", "replace") for file in self.files]
        here = Cursor(hashlib.blake2b("\n".join(places).encode(), digest_size=16).hexdigest())
        if cursor != here:
            skipped = [Skipped(place, REASON) for place in places]
            yield Page.of([], here, Progress(len(places), len(places), "messages"), skipped=skipped)
