"""Selects the folders of a mailbox to walk, and their order."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from connectors.microsoft365.api import GraphAnswerError, GraphApi
from connectors.microsoft365.errors import GraphErrorKind

WALKED = ("inbox", "sentitems", "archive", "deleteditems")
"""Well-known folders that are read, with the labels of their messages."""

LEFT_OUT = {
    "drafts": "draft",
    "outbox": "draft",
    "junkemail": "spam",
    "conversationhistory": "chat",
    "syncissues": "chat",
    "conflicts": "chat",
    "localfailures": "chat",
    "serverfailures": "chat",
    "recoverableitemsdeletions": "draft",
}
"""Well-known folders that aren't read, with their subfolders and the reason: their mail was never exchanged."""

_FIRST = {"inbox": 0, "sentitems": 1, "archive": 2, "deleteditems": 9}
_PAGE = 200
_ODATA_SEARCH = "mailSearchFolder"


@dataclasses.dataclass(frozen=True, slots=True)
class MailFolder:
    """A folder of the mailbox."""

    id: str
    parent: str
    messages: int
    is_search: bool


def folders(api: GraphApi) -> dict[str, MailFolder]:
    """Return all folders of the mailbox by id; names aren't requested.

    Raises:
        GraphAnswerError: no folder of the mailbox is readable.
    """
    try:
        found = list(_pages(api, api.url("mailFolders/delta", select=_FIELDS)))
    except GraphAnswerError as error:
        if error.verdict.kind not in {GraphErrorKind.REFUSED, GraphErrorKind.MISSING, GraphErrorKind.STALE}:
            raise
        found = list(_level(api, "mailFolders"))
    return {folder.id: folder for folder in found}


_FIELDS = "id,parentFolderId,totalItemCount,childFolderCount"


def _level(api: GraphApi, path: str) -> Iterator[MailFolder]:
    """One level of the tree and all below it, for a server that doesn't return the whole tree."""
    url = f"{api.url(path, select=_FIELDS, top=str(_PAGE))}&includeHiddenFolders=true"
    for raw in _entries(api, url):
        yield _folder(raw)
        if raw.get("childFolderCount"):
            yield from _level(api, f"mailFolders/{raw['id']}/childFolders")


def _pages(api: GraphApi, url: str) -> Iterator[MailFolder]:
    for raw in _entries(api, url):
        yield _folder(raw)


def _entries(api: GraphApi, url: str) -> Iterator[dict[str, Any]]:
    link: str | None = url
    seen: set[str] = set()
    while link is not None and link not in seen:
        seen.add(link)
        answer = api.get(link, page_size=_PAGE)
        value = answer.get("value")
        for raw in value if isinstance(value, list) else []:
            if isinstance(raw, dict) and isinstance(raw.get("id"), str) and "@removed" not in raw:
                yield raw
        following = answer.get("@odata.nextLink")
        link = following if isinstance(following, str) and api.is_ours(following) else None


def _folder(raw: Mapping[str, Any]) -> MailFolder:
    total = raw.get("totalItemCount")
    return MailFolder(
        raw["id"],
        str(raw.get("parentFolderId") or ""),
        total if isinstance(total, int) else 0,
        _ODATA_SEARCH in str(raw.get("@odata.type", "")),
    )


def well_known(api: GraphApi, tree: Mapping[str, MailFolder], known: Mapping[str, str]) -> dict[str, str]:
    """Return the well-known names of folders by id; each is requested, because folders have localised names.

    Names in ``known`` aren't requested again while their folder exists.
    """
    names = {folder: name for folder, name in known.items() if folder in tree}
    missing = [name for name in (*WALKED, *LEFT_OUT) if name not in names.values()]
    answers = api.get_all(api.url(f"mailFolders/{name}", select="id") for name in missing)
    for name, answer in zip(missing, answers, strict=True):
        if not isinstance(answer, GraphAnswerError) and isinstance(answer.get("id"), str):
            names[answer["id"]] = name
    return names


def to_walk(tree: Mapping[str, MailFolder], names: Mapping[str, str]) -> list[str]:
    """Return the ids of the folders to walk, the most important first."""
    wanted = [
        folder.id
        for folder in tree.values()
        if not folder.is_search and reason_left_out(folder.id, tree, names) is None
    ]
    return sorted(wanted, key=lambda folder: _FIRST.get(names.get(folder, ""), 5))


def reason_left_out(folder: str, tree: Mapping[str, MailFolder], names: Mapping[str, str]) -> str | None:
    """Return the reason why messages in a folder are skipped (``draft``, ``spam`` or ``chat``); None if they aren't."""
    for above in _with_parents(folder, tree):
        if reason := LEFT_OUT.get(names.get(above, "")):
            return reason
    return None


def label(folder: str, names: Mapping[str, str]) -> str | None:
    """Return the label of messages in a folder: its well-known name if that is in ``WALKED``, else None."""
    name = names.get(folder)
    return name if name in WALKED else None


def _with_parents(folder: str, tree: Mapping[str, MailFolder]) -> Iterable[str]:
    """The folder and all above it; a cyclic tree is walked once."""
    seen: set[str] = set()
    while folder and folder not in seen:
        seen.add(folder)
        yield folder
        folder = tree[folder].parent if folder in tree else ""
