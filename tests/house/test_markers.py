"""Markers say what a test needs, so that ``dev.py test --fast`` can leave out what takes long."""

import contextlib
import os
import subprocess
import sys

import pytest

from tests.support.processes import GUARD, UnmarkedProcessError


def test_without_the_marker_no_process_can_be_started() -> None:
    """A test that starts one, by whatever way, is told which marker it lacks."""
    with pytest.raises(UnmarkedProcessError, match=r"mark it @pytest\.mark\.subprocess"):
        subprocess.run([sys.executable, "-c", ""], check=False)
    with pytest.raises(UnmarkedProcessError):
        os.system("true")  # it is refused
    with pytest.raises(UnmarkedProcessError):
        os.posix_spawn("/bin/true", ["true"], {})
    assert len(GUARD.refused) == 3
    GUARD.refused.clear()


def test_a_refusal_that_the_program_got_over_is_kept() -> None:
    """What swallows every error hides no process: the refusal is kept, and fails the test in the end."""
    with contextlib.suppress(AssertionError):
        subprocess.run([sys.executable, "-c", ""], check=False)
    assert [__file__.rpartition(os.sep)[2] in each for each in GUARD.refused] == [True]
    GUARD.refused.clear()


@pytest.mark.subprocess
def test_with_the_marker_processes_start() -> None:
    """The marker is all that it takes."""
    assert subprocess.run([sys.executable, "-c", ""], check=False).returncode == 0


@pytest.mark.parametrize(
    ("fixture", "marker"), [("browser", "browser"), ("openbmc", "slow"), ("edges", "slow")]
)
def test_a_marker_comes_with_a_fixture(request: pytest.FixtureRequest, fixture: str, marker: str) -> None:
    """Whoever asks for Chromium or for real data is marked, so that nobody forgets it."""
    asking = [item for item in request.session.items if fixture in getattr(item, "fixturenames", ())]
    assert [item.nodeid for item in asking if item.get_closest_marker(marker) is None] == []
