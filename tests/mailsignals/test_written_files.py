"""Files that are written whole or not at all, also after a kill or a power cut."""

import os
from pathlib import Path

import pytest

from mailsignals.files import new_draft, written_whole

NO_PROCESS = 2**22 + 1
"""Above the largest number of a process."""


@pytest.mark.scenario("disk-errors-in-words")
@pytest.mark.skipif(os.name != "posix", reason="nobody can ask for a process there")
def test_drafts_of_killed_programs_are_removed(tmp_path: Path) -> None:
    """The next program that writes the file removes them; those of running programs and other files stay."""
    (tmp_path / f".out.csv.{NO_PROCESS}").write_text("half")
    (tmp_path / f".folder.{NO_PROCESS}").mkdir()
    kept = [f".out.csv.{os.getppid()}", f".other.csv.{NO_PROCESS}", ".out.csv.bak"]
    for name in kept:
        (tmp_path / name).write_text("kept")
    with written_whole(tmp_path / "out.csv") as draft:
        draft.write_text("whole")
    new_draft(tmp_path / "folder")
    assert {path.name for path in tmp_path.iterdir()} == {*kept, "out.csv"}


def test_content_is_on_the_disk_before_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a power cut could leave an empty file in the place of the old one."""
    seen: list[str] = []

    def flush(number: int) -> None:
        seen.append((tmp_path / "out.csv").read_text())

    monkeypatch.setattr(os, "fsync", flush)
    (tmp_path / "out.csv").write_text("old")
    with written_whole(tmp_path / "out.csv") as draft:
        draft.write_text("new")
    assert (seen, (tmp_path / "out.csv").read_text()) == (["old"], "new")
