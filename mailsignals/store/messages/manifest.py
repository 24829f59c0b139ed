"""The manifest in the catalogue: every segment of messages, with its size, its digest and its mailboxes."""

import json
import sqlite3
from collections.abc import Sequence

import numpy as np

from mailsignals.store.messages.fingerprints import NO_KEYS, Hashes
from mailsignals.store.messages.segments import Mailboxes, Segment


class Manifest:
    """The table of segments in an open catalogue; changes belong inside a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.sql = connection

    def segments(self) -> list[Segment]:
        """Return the manifest: all segments, oldest first."""
        rows = self.sql.execute(
            "SELECT segment, rows, bytes, rewritten, digest, mailboxes FROM segment ORDER BY segment"
        )
        return [
            Segment(
                number,
                rows=count,
                bytes=size,
                rewritten=as_keys(keys),
                digest=content,
                mailboxes=tuple(
                    (provider, mailbox, emails) for provider, mailbox, emails in json.loads(boxes)
                ),
            )
            for number, count, size, keys, content, boxes in rows
        ]

    def next_segment(self) -> int:
        """Return a number that no segment of any manifest ever had."""
        row = self.sql.execute("SELECT seq FROM sqlite_sequence WHERE name = 'segment'").fetchone()
        return 1 if row is None else int(row[0]) + 1

    def fold_pages(self, segment: Segment) -> None:
        """Replace all pages by a segment."""
        self.sql.execute("DELETE FROM page")
        self._insert([segment])

    def replace_segments(self, old: Sequence[Segment], new: Sequence[Segment]) -> None:
        """Replace old segments by new ones."""
        self.sql.executemany("DELETE FROM segment WHERE segment = ?", [(segment.number,) for segment in old])
        self._insert(new)

    def add_digest(self, number: int, content: bytes, mailboxes: Mailboxes) -> None:
        """Record the digest of a segment's file, and the number of its emails by mailbox."""
        self.sql.execute(
            "UPDATE segment SET digest = ?, mailboxes = ? WHERE segment = ?",
            (content, json.dumps(mailboxes), number),
        )

    def forget_rewritten(self) -> None:
        """Record that no segment contains outdated rows."""
        self.sql.execute("UPDATE segment SET rewritten = x''")

    def _insert(self, segments: Sequence[Segment]) -> None:
        self.sql.executemany(
            "INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    one.number,
                    one.rows,
                    one.bytes,
                    one.rewritten.tobytes(),
                    one.digest,
                    json.dumps(one.mailboxes),
                )
                for one in segments
            ],
        )


def as_keys(blob: bytes) -> Hashes:
    """Return the key hashes in a column of the catalogue."""
    return np.frombuffer(blob, "<u8").astype(np.uint64, copy=False) if blob else NO_KEYS
