import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from connectors.base import Cursor, Message, Page, Progress, frame_of
from mailsignals.errors import UserError
from mailsignals.store import Store
from mailsignals.store.messages import compaction
from tests.mailsignals.store.pages import AT, INBOX, a_message, in_order, rows

ROOT = Path(__file__).parents[3]


def a_wide_page(number: int) -> Page:
    """A hundred messages that hardly compress."""
    messages = [a_message(f"{number}-{row}", subject=os.urandom(400).hex()) for row in range(100)]
    return Page.of(messages, Cursor(str(number + 1)), Progress(number, None, "messages"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    if sys.platform != "linux" or os.getuid() != 0:
        pytest.skip("only root on Linux can mount a small file system")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.mark.parametrize("fold_rows", [300, 100_000], ids=["segments fill it", "pages fill it"])
@pytest.mark.subprocess
def test_a_full_disk_leaves_the_store_as_it_was(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch, fold_rows: int
) -> None:
    """When the disk is full a page is not stored at all, the store can be read, and goes on once there is room."""
    monkeypatch.setattr(compaction, "FOLD_ROWS", fold_rows)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1_100_000))
    folder = small_disk / "store"
    stored: list[Message] = []

    def put(store: Store, page: Page) -> None:
        store.commit(INBOX, page, at=AT)
        named = page.messages.select("provider_id", "subject").iter_rows()
        stored.extend(a_message(name, subject=subject) for name, subject in named)

    def fill(store: Store) -> None:
        for number in range(100):
            put(store, a_wide_page(number))

    def all_is_there(store: Store) -> None:
        expected = in_order(frame_of(stored))
        assert_frame_equal(
            rows(store).select("provider_id", "subject"), expected.select("provider_id", "subject")
        )
        assert store.cursor("memory", INBOX.mailbox, "inbox") == str(len(stored) // 100)

    with Store.open(folder, mode="write") as store:
        with pytest.raises(UserError, match="disk is full"):
            fill(store)
        assert len(stored) >= 300
        all_is_there(store)
        following = a_wide_page(len(stored) // 100)
        with pytest.raises(UserError, match="disk is full"):
            put(store, following)
        with Store.open(folder, mode="read") as reader:
            all_is_there(reader)
        ballast.unlink()
        put(store, following)
        all_is_there(store)


UP_TO_A_LIMIT = """
import resource, sys
from pathlib import Path
from mailsignals.errors import UserError
from mailsignals.store import Store
from tests.mailsignals.store.pages import AT, INBOX
from tests.mailsignals.store.test_full_disk import a_wide_page
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
with Store.open(Path(sys.argv[1]), mode="write") as store:
    try:
        for number in range(100):
            store.commit(INBOX, a_wide_page(number), at=AT)
    except UserError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on the size of files")
@pytest.mark.subprocess
def test_a_file_that_may_not_grow_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    """Where a file may not grow, the rows are those of the cursor, and the message says what to do."""
    command = [sys.executable, "-c", UP_TO_A_LIMIT, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert "run the same command again" in done.stdout or "run the command again" in done.stdout
    with Store.open(tmp_path, mode="read") as store:
        cursor = int(store.cursor("memory", INBOX.mailbox, "inbox") or 0)
        assert cursor > 1
        assert rows(store).height == cursor * 100
