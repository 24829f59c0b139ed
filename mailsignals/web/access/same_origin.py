"""Protection against forged requests, by the headers that browsers add."""

from collections.abc import Collection

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""


def is_ours(method: str, *, site: str | None, origin: str | None, own: Collection[str]) -> bool:
    """Return whether a request may change something, by its ``Sec-Fetch-Site`` and ``Origin`` headers.

    Browsers send the first to every encrypted or local address, and the second with every posted form. No page can
    forge either. A request without either header may change nothing; GET, HEAD and OPTIONS always pass.
    """
    if method in SAFE:
        return True
    if site is not None and site not in {"same-origin", "none"}:
        return False
    return site is not None if origin is None else origin in own
