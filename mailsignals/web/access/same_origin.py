"""Whether a request that changes something comes from our own pages, which browsers say in headers of their own."""

from collections.abc import Collection

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""


def is_ours(method: str, *, site: str | None, origin: str | None, own: Collection[str]) -> bool:
    """Whether a request may change something, by ``Sec-Fetch-Site`` and ``Origin``; what proves nothing may not.

    Browsers send the first to whatever is encrypted or on this machine, and the second with every form that is
    posted; no page can forge either.
    """
    if method in SAFE:
        return True
    if site is not None and site not in {"same-origin", "none"}:
        return False
    return site is not None if origin is None else origin in own
