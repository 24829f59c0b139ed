"""Single-threaded numerics for small problems, which several threads can slow to minutes on a busy machine."""

import contextlib
from collections.abc import Iterator

from threadpoolctl import threadpool_limits


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Limit numeric libraries to one thread within the context."""
    with threadpool_limits(limits=1):
        yield
