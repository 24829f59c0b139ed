"""One thread for what is small: on a busy machine, threads that wait for each other take minutes for it."""

import contextlib
from collections.abc import Iterator

from threadpoolctl import threadpool_limits


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Numeric libraries use one thread inside."""
    with threadpool_limits(limits=1):
        yield
