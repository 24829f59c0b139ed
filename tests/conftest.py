"""What all tests share: where the real data is."""

import os
from pathlib import Path

import pytest


def _data(name: str) -> Path:
    root = Path(os.environ.get("MAILSIGNALS_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not (root / name).is_dir():
        pytest.skip(f"no {name} data at {root}; set MAILSIGNALS_DATA to the folder that holds it")
    return root / name


@pytest.fixture(scope="session")
def openbmc() -> Path:
    """The folder of the real mailing list."""
    return _data("openbmc")


@pytest.fixture(scope="session")
def edges() -> Path:
    """The folder of the small company full of edge cases."""
    return _data("edges")
