"""Keeps requests that are under way at once within what a server permits."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from connectors.transport.waits import Pause

_LOOK_AGAIN = 0.2
"""Seconds after which a waiting thread looks whether it is to stop."""


class Concurrency:
    """At most so many at once."""

    def __init__(self, most: int, *, pause: Pause) -> None:
        self._places = threading.Semaphore(most)
        self._pause = pause

    @contextmanager
    def place(self) -> Iterator[None]:
        """One of the places, for as long as the block lasts; waits for it.

        Raises:
            StoppedError: somebody wants to stop.
        """
        while not self._places.acquire(timeout=_LOOK_AGAIN):
            self._pause(0)
        try:
            yield
        finally:
            self._places.release()
