"""Waiting for what takes as long as the machine is busy."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 600.0
"""How long to wait for what takes seconds while nothing else runs: only what never comes takes longer."""


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until something holds.

    Raises:
        AssertionError: it does not hold within ``PATIENCE_SECONDS``.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.01)
