"""What a request to Graph wants, from its path, its options and its ``Prefer``."""

import re

from tests.support.loopback import Request

_KEY = re.compile(r"\('([^']+)'\)(?=/)")
_NAMES = {name.lower(): name for name in ("users", "mailFolders", "childFolders", "messages", "delta")}


def usual_path(path: str) -> str:
    """A path with its names in their usual letters, and keys as segments."""
    return "/".join(_NAMES.get(part.lower(), part) for part in _KEY.sub(r"/\1", path).split("/"))


def selected(request: Request) -> list[str]:
    """The fields of ``$select``."""
    return [name for name in request.one("$select").split(",") if name]


def wants_immutable_ids(request: Request) -> bool:
    """Whether a request asks for ids that stay."""
    return 'IdType="ImmutableId"' in request.headers.get("prefer", "")


def page_size(request: Request) -> int:
    """The largest number of items that a request wants."""
    found = re.search(r"odata\.maxpagesize=(\d+)", request.headers.get("prefer", ""))
    return int(found[1]) if found else 10
