import itertools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from mailsignals.store import Store
from mailsignals.store.messages import compaction
from tests.mailsignals.store.pages import AT, INBOX, a_message, a_page, keep, rows, stream_page

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
@pytest.mark.subprocess
def test_readers_go_on_while_a_writer_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    """A reader in another process never fails, sees ever more rows, and each time one moment of the store."""
    monkeypatch.setattr(compaction, "FOLD_ROWS", 200)
    keep(tmp_path, stream_page(0))
    command = [sys.executable, "-m", "tests.mailsignals.store.reader", str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as reader:
        for start in itertools.count(1, 40):
            # Every reopening sweeps what the one before has replaced.
            with Store.open(tmp_path, mode="write") as store:
                for number in range(start, start + 40):
                    store.commit(INBOX, stream_page(number), at=AT)
                store.compact()
            if reader.poll() is not None:
                break
        output, errors = reader.communicate()
    assert (reader.returncode, errors) == (0, "")
    looks = [line.split() for line in output.splitlines()]
    counts = [int(look[0]) for look in looks]
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]
    assert all(count == distinct == claimed for count, distinct, claimed, _, _ in looks)
    record_property(
        "median_milliseconds_to_open_and_count", sorted(float(look[4]) for look in looks)[len(looks) // 2]
    )


def test_a_reader_keeps_its_moment(tmp_path: Path) -> None:
    """What is committed, compacted and swept after a reader opened changes nothing that it sees."""
    keep(tmp_path, a_page(a_message("1")))
    with Store.open(tmp_path, mode="write") as store:
        store.compact()
    with Store.open(tmp_path, mode="read") as reader:
        moment, frame = (rows(reader), reader.revision), reader.messages()
        for subject in ("other", "third"):
            with Store.open(tmp_path, mode="write") as store:
                store.commit(INBOX, a_page(a_message("1", subject=subject), a_message("2")), at=AT)
                store.compact()
        assert_frame_equal(rows(reader), moment[0])
        assert_frame_equal(frame.collect(), moment[0])
        assert reader.revision == moment[1]


def test_replaced_files_go_once_nobody_reads(tmp_path: Path) -> None:
    """The next writer that finds no reader removes what the manifest does not name, and nothing else."""
    keep(tmp_path, a_page(a_message("1")))
    for subject in ("other", "third"):
        with Store.open(tmp_path, mode="write") as store:
            store.commit(INBOX, a_page(a_message("1", subject=subject)), at=AT)
            store.compact()
    orphan = tmp_path / "segments" / "00000099.parquet"
    orphan.write_bytes(b"left by a crash")
    with Store.open(tmp_path, mode="write") as store:
        assert len(list((tmp_path / "segments").iterdir())) == 1
        assert rows(store)["subject"].to_list() == ["third"]
