"""Starts writers that may be killed: for each line on standard input a process that commits the endless stream.

The writers are forked from one process that has imported everything, so that a kill meets a writer at work and
not at its imports. Run as ``python -m tests.mailsignals.store.writer FOLDER``; prints the id of each writer.
"""

import os
import sys
from pathlib import Path

from mailsignals.store import Store
from mailsignals.store.messages import compaction
from tests.mailsignals.store.pages import AT, INBOX


def write_on(folder: Path) -> None:
    """Commit page after page from where the cursor stands, and compact now and then."""
    compaction.FOLD_ROWS = 100
    compaction.FULL_ROWS = 1_000
    with Store.open(folder, mode="write") as store:
        for page in INBOX.pages(store.cursor(INBOX.provider, INBOX.mailbox, INBOX.source)):
            store.commit(INBOX, page, at=AT)
            if int(page.cursor) % 25 == 0:
                store.compact()


def main() -> None:
    """Fork a writer for every line, and reap it before the next."""
    for _ in sys.stdin:
        writer = os.fork()
        if not writer:
            write_on(Path(sys.argv[1]))
        sys.stdout.write(f"{writer}\n")
        sys.stdout.flush()
        os.waitpid(writer, 0)


if __name__ == "__main__":
    main()
