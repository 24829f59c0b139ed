"""Limits the number of simultaneous requests to a server."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from connectors.transport.waits import Pause

_LOOK_AGAIN = 0.2
"""Seconds after which a waiting thread checks whether it must stop."""


class Concurrency:
    """A limit on the number of simultaneous requests."""

    def __init__(self, most: int, *, pause: Pause) -> None:
        self._places = threading.Semaphore(most)
        self._pause = pause

    @contextmanager
    def place(self) -> Iterator[None]:
        """Wait for one of the places, and hold it for the duration of the block.

        Raises:
            StoppedError: the run was interrupted.
        """
        while not self._places.acquire(timeout=_LOOK_AGAIN):
            self._pause(0)
        try:
            yield
        finally:
            self._places.release()
