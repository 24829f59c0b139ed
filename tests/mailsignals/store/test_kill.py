import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from connectors.base import Message, frame_of
from mailsignals.store import Store
from mailsignals.store.messages import compaction
from tests.mailsignals.store.pages import AT, INBOX, in_order, keep, rows, stream_messages, stream_page

ROOT = Path(__file__).parents[3]
KILLS = 50


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
@pytest.mark.subprocess
def test_a_store_survives_a_kill_at_any_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each of 50 kills the messages are those of the pages before the cursor, no more and no less."""
    dice = random.Random(2)
    folder = tmp_path / "killed"
    model: dict[str, Message] = {}
    pages = 0
    patience = 0.1
    keep(folder)
    command = [sys.executable, "-m", "tests.mailsignals.store.writer", str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdin
        assert starter.stdout
        for _ in range(KILLS):
            starter.stdin.write("\n")
            starter.stdin.flush()
            writer = int(starter.stdout.readline())
            # One in five may be killed while it opens the store, the others are at work.
            at_work = dice.random() < 0.8
            while at_work and f"process {writer} " not in holder(folder):
                time.sleep(0.001)
            time.sleep(dice.uniform(0, patience))
            os.kill(writer, signal.SIGKILL)
            before, pages = pages, check_rows_match_cursor(folder, model, pages)
            # On a busy machine a writer needs longer to come to something worth interrupting.
            patience *= 0.8 if pages > before + 3 else 1.2
    assert pages > KILLS, "the writers hardly got to write"

    monkeypatch.setattr(compaction, "FOLD_ROWS", 100)
    with Store.open(folder, mode="write") as killed, Store.open(tmp_path / "calm", mode="write") as calm:
        killed.commit(INBOX, stream_page(pages), at=AT)
        killed.compact()
        for number in range(pages + 1):
            calm.commit(INBOX, stream_page(number), at=AT)
        assert_frame_equal(rows(killed), rows(calm))
        assert killed.revision == calm.revision
        assert killed.sources().equals(calm.sources())


def holder(folder: Path) -> str:
    """Who holds the store."""
    return (folder / "writer.lock").read_text()


def check_rows_match_cursor(folder: Path, model: dict[str, Message], pages: int) -> int:
    """Compare the store with the pages up to its cursor, and give how many those are."""
    with Store.open(folder, mode="read") as store:
        cursor = int(store.cursor(INBOX.provider, INBOX.mailbox, INBOX.source) or 0)
        for number in range(pages, cursor):
            model.update({message.provider_id: message for message in stream_messages(number)})
        assert cursor >= pages
        assert_frame_equal(rows(store), in_order(frame_of(model.values())))
        assert store.sources()["messages"].sum() == len(model)
    return cursor
