from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connectors.base import frame_of
from mailsignals.store import Store
from mailsignals.store.messages import compaction
from mailsignals.store.messages.fingerprints import fingerprinted
from mailsignals.store.messages.segments import ORDER
from tests.mailsignals.store.pages import AT, INBOX, a_message, a_page, keep, rows, stream_page


def files(folder: Path) -> set[str]:
    """The names of the segments that lie in a store."""
    return {path.name for path in (folder / "segments").iterdir()}


def test_the_newest_pages_become_segments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once there are enough rows, or pages, they are folded before the next page is committed."""
    monkeypatch.setattr(compaction, "FOLD_ROWS", 4)
    monkeypatch.setattr(compaction, "FOLD_PAGES", 3)
    with Store.open(tmp_path, mode="write") as store:
        for number, segments in enumerate([0, 0, 0, 1, 1, 1, 2]):
            store.commit(INBOX, a_page(a_message(f"{number}")), at=AT)
            assert len(files(tmp_path)) == segments
        store.commit(INBOX, a_page(*(a_message(f"many {number}") for number in range(4))), at=AT)
        store.commit(INBOX, a_page(), at=AT)
        assert len(files(tmp_path)) == 3
        assert rows(store).height == 11


def test_compaction_leaves_sorted_files_that_hold_each_message_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After compaction all files together are the messages, and each is sorted."""
    monkeypatch.setattr(compaction, "FOLD_ROWS", 30)
    monkeypatch.setattr(compaction, "FULL_ROWS", 100)
    keep(tmp_path, *(stream_page(number) for number in range(30)))
    with Store.open(tmp_path, mode="write") as store:
        before = rows(store)
        store.compact()
        assert_frame_equal(rows(store), before)
    with Store.open(tmp_path, mode="write"):
        parts = [pl.read_parquet(tmp_path / "segments" / name) for name in files(tmp_path)]
    assert all(part.equals(part.sort(ORDER)) for part in parts)
    assert sum(part.height for part in parts) == before.height
    assert len(parts) < 7


def test_compaction_leaves_full_files_without_outdated_rows_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only small files, and files with outdated rows, are written anew."""
    monkeypatch.setattr(compaction, "FULL_ROWS", 4)
    with Store.open(tmp_path, mode="write") as store:
        for first in (0, 4, 8):
            store.commit(INBOX, a_page(*(a_message(f"{first + each}") for each in range(4))), at=AT)
            store.compact()
        assert files(tmp_path) == {"00000001.parquet", "00000002.parquet", "00000003.parquet"}
        store.commit(INBOX, a_page(a_message("5", subject="other")), at=AT)
        store.compact()
        store.compact()
    with Store.open(tmp_path, mode="write") as store:
        # 4 is the page folded; 5 is what is left of 2, together with 4.
        assert files(tmp_path) == {"00000001.parquet", "00000003.parquet", "00000005.parquet"}
        assert rows(store).height == 12


def test_a_key_has_the_same_hash_for_ever() -> None:
    """A stored message must be known again by every later version, on every machine."""
    messages = frame_of([a_message("1"), a_message("ä")])
    assert fingerprinted(messages)["key_hash"].to_list() == [17869881520032815067, 17371686540297286996]
