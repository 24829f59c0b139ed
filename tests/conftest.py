"""What all tests share: real data, fixed seeds, and markers that hold."""

import logging
import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import is_hypothesis_test, settings

from tests.support.processes import GUARD

settings.register_profile("test", derandomize=True, database=None, deadline=None, print_blob=True)
settings.register_profile("explore", settings.get_profile("test"), derandomize=False, max_examples=300)
settings.load_profile("test")

STARTS_PROCESSES = frozenset({"subprocess", "browser"})
"""The markers of tests that may."""


AS_BEFORE = pytest.StashKey[tuple[list[logging.Handler], int, int, int]]()

BY_FIXTURE = {
    "browser": "browser",
    "edges": "slow",
    "openbmc": "slow",
    "openbmc_mbox": "slow",
    "trained_warehouse": "slow",
}
"""The marker that comes with a fixture: Chromium, real data, which is not everywhere, and a company with a model."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer to run each property test several times, with new random seeds."""
    parser.addoption(
        "--rounds",
        type=int,
        default=0,
        help="run each property test so often, with new random examples each time",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Draw at random where rounds are asked for."""
    if _rounds(config):
        settings.load_profile("explore")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one test of each round."""
    rounds = _rounds(metafunc.config)
    if rounds and is_hypothesis_test(metafunc.function):
        metafunc.fixturenames.append("exploration")
        metafunc.parametrize(
            "exploration", range(rounds), ids=lambda number: f"round {number + 1}", indirect=True
        )


@pytest.hookimpl(tryfirst=True)  # before -m chooses by markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whoever asks for such a fixture, directly or by way of another one."""
    for item in items:
        for fixture in BY_FIXTURE.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(BY_FIXTURE[fixture])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let nothing start a process for a test without the marker, its fixtures included."""
    with GUARD.watching(None if _markers(item) & STARTS_PROCESSES else item.nodeid):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Note what a program in this process may change for good: the log's handlers and levels, and the umask."""
    root, ours = logging.getLogger(), logging.getLogger("mailsignals")
    umask = os.umask(0o022)
    os.umask(umask)
    item.stash[AS_BEFORE] = (list(root.handlers), root.level, ours.level, umask)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Put that back, so that no test depends on those before it."""
    try:
        return (yield)
    finally:
        handlers, level, own_level, umask = item.stash[AS_BEFORE]
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(level)
        logging.getLogger("mailsignals").setLevel(own_level)
        os.umask(umask)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Fail a test that lacks a marker: a process was refused, even if the program got over it."""
    yield
    if GUARD.refused:
        pytest.fail(GUARD.refused[0])


def _markers(item: pytest.Item) -> set[str]:
    return {mark.name for mark in item.iter_markers()}


def _rounds(config: pytest.Config) -> int:
    return int(config.getoption("--rounds"))


@pytest.fixture
def exploration(request: pytest.FixtureRequest) -> int:
    """The number of the round."""
    return int(request.param)


def _data(name: str) -> Path:
    root = Path(os.environ.get("MAILSIGNALS_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not (root / name).is_dir():
        pytest.skip(f"no {name} data at {root}; set MAILSIGNALS_DATA to the folder that holds it")
    return root / name


@pytest.fixture(scope="session")
def openbmc() -> Path:
    """The folder of the real mailing list, with what is expected of it."""
    return _data("second/openbmc")


@pytest.fixture(scope="session")
def openbmc_mbox() -> Path:
    """The mails of the real mailing list, as it keeps them."""
    return _data("openbmc") / "openbmc.mbox.gz"


@pytest.fixture(scope="session")
def edges() -> Path:
    """The folder of the small company full of edge cases."""
    return _data("second/edges")
