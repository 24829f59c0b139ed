"""Compares the links in Graph's answers by server, path segments and options, however they are written."""

import dataclasses
import re
from urllib.parse import parse_qsl, unquote, urlsplit

LONGEST = 60_000
"""Largest number of characters of a link that is followed."""

_PORTS = {"https": 443, "http": 80}
_OWNER = re.compile(r"users\((?:'(.*)'|([^']*))\)", re.IGNORECASE | re.DOTALL)


@dataclasses.dataclass(frozen=True, slots=True)
class Link:
    """The parts of a link in a form that can be compared: without case, percent signs and key brackets."""

    server: tuple[str, str, int | None]
    """The scheme, the host and the port."""
    path: tuple[str, ...]
    """The segments; ``users('a')`` is two of them."""
    options: tuple[tuple[str, str], ...] = ()
    """The names and values of the query; values keep their case, because they hold tokens."""


def read_link(text: str) -> Link | None:
    """Return the parts of a link; None if it isn't a valid one."""
    if not text.isascii() or not text.isprintable() or " " in text or len(text) > LONGEST:
        return None
    try:
        url = urlsplit(text)
        port = url.port
        options = parse_qsl(url.query, keep_blank_values=True)
    except ValueError:  # such as http://[::1
        return None
    if url.scheme not in _PORTS or not url.hostname or url.username is not None or "\\" in url.netloc:
        return None
    segments = [part for raw in url.path.split("/")[1:] for part in _parts(unquote(raw))]
    if any(part in {".", ".."} for part in segments):
        return None
    return Link(
        (url.scheme, url.hostname, port or _PORTS[url.scheme]),
        tuple(part.lower() for part in segments),
        tuple((name.lower(), value) for name, value in options),
    )


def _parts(segment: str) -> tuple[str, ...]:
    """A segment, or both of a key in brackets."""
    owner = _OWNER.fullmatch(segment)
    return (segment,) if owner is None else ("users", owner[1] or owner[2] or "")


def below(link: str, root: str) -> tuple[str, ...] | None:
    """Return the segments of a link below a root on the same server; None if it leads elsewhere."""
    found, base = read_link(link), read_link(root)
    if found is None or base is None or found.server != base.server:
        return None
    top = tuple(part for part in base.path if part)
    return found.path[len(top) :] if found.path[: len(top)] == top else None


def leads_to_mailbox(link: str, root: str) -> bool:
    """Return whether a link leads to somebody's mailbox below a root; Graph sometimes leaves the owner out."""
    match below(link, root):
        case ("users", owner, _, *_):
            return bool(owner.strip())
        case ("me", _, *_):
            return True
        case _:
            return False
