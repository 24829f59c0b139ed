"""A server that behaves like Microsoft Graph (v1.0) where mail is concerned, on this machine."""

import dataclasses
import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from mailsignals import clock
from tests.support.graph import errors
from tests.support.graph.delta import Links, State, bulk_item, partial
from tests.support.graph.entra import Entra
from tests.support.graph.items import BASIC, Item
from tests.support.graph.mailbox import Folder, Mailbox
from tests.support.graph.requests import page_size, selected, usual_path, wants_immutable_ids
from tests.support.loopback import Answer, Loopback, Request

_PATH = re.compile(r"/v1\.0/users/([^/]+)/(.+)")
_FILTER = re.compile(r"receivedDateTime (ge|gt|le|lt) (\S+)")
_COMPARE: Mapping[str, Callable[[str, str], bool]] = {
    "ge": lambda a, b: a >= b,
    "gt": lambda a, b: a > b,
    "le": lambda a, b: a <= b,
    "lt": lambda a, b: a < b,
}


class GraphServer(Loopback):
    """The server; what it does is set by its attributes, at any time."""

    def __init__(
        self, *, now: Callable[[], dt.datetime] = clock.now, port: int = 0, keeps_log: bool = True
    ) -> None:
        super().__init__(port=port, keeps_log=keeps_log)
        self.now = now
        self.mailboxes: dict[str, Mailbox] = {}
        self.links = Links()
        self.entra = Entra()
        self.violations: list[str] = []
        """Requests that asked for more than metadata, or by ids that change."""
        self.concurrent = 4
        self.window = 10_000
        self.at_once: Counter[str] = Counter()
        self.most_at_once = 0
        self.throttled = 0
        self.requests: Counter[str] = Counter()
        """By kind: ``tree``, ``delta``, ``list``, ``get``, ``folder``."""
        self.latency = 0.0
        """Seconds that a request takes at least."""
        self.headers_are_refused = False
        self.knows_tree = True
        self.counts_messages = True
        """Whether ``$count=true`` is answered."""
        self.written: Callable[[str], str] = str
        """How links of rounds are written, from the usual form."""
        self.groups: dict[str, list[Mailbox]] = {}
        self._used: dict[str, list[dt.datetime]] = {}

    def mailbox(self, address: str) -> Mailbox:
        """The mailbox of this address; a new one, if there is none yet."""
        if address not in self.mailboxes:
            self.mailboxes[address] = Mailbox(address, now=self.now)
        return self.mailboxes[address]

    # --- answering ---------------------------------------------------------------------------

    def route(self, request: Request) -> Answer:
        """The server's own answer."""
        if request.path.startswith(("/tenant/", "/common/")):
            return self.entra.answer(request, root=self.root)
        if not self.entra.accepts(request.headers.get("authorization", "")):
            return errors.invalid_token()
        if request.path.startswith("/v1.0/groups"):
            return self._group(request)
        found = _PATH.fullmatch(usual_path(unquote(request.path)))
        mailbox = found and self._find(found[1])
        if found is None:
            return errors.bad_request("Resource not found for the segment.")
        if mailbox is None:
            return errors.invalid_user(found[1])
        return self._limited(mailbox, request, found[2])

    def _find(self, user: str) -> Mailbox | None:
        by_id = (box for box in self.mailboxes.values() if user in {box.object_id, box.address})
        return next(by_id, None)

    def _limited(self, mailbox: Mailbox, request: Request, path: str) -> Answer:
        """Four at once and so many in ten minutes, for each mailbox."""
        key = mailbox.object_id
        with self.lock:
            self.at_once[key] += 1
            self.most_at_once = max(self.most_at_once, self.at_once[key])
            crowded = self.at_once[key] > self.concurrent
            since = self.now() - dt.timedelta(minutes=10)
            used = self._used[key] = [at for at in self._used.get(key, []) if at > since]
            over = len(used) >= self.window
            if not over:
                used.append(self.now())
        try:
            if crowded or over:
                self.throttled += 1
                return errors.throttled("30" if over else "1")
            self.stopped.wait(self.latency)
            if mailbox.trouble is not None:
                trouble: Answer = mailbox.trouble()
                return trouble
            with mailbox.lock:
                return self._of(mailbox, request, path)
        finally:
            with self.lock:
                self.at_once[key] -= 1

    def _of(self, mailbox: Mailbox, request: Request, path: str) -> Answer:
        if 'IdType="ImmutableId"' not in request.headers.get("prefer", ""):
            self.violations.append(f"no immutable ids: {path}")
        parts = path.split("/")
        if parts[0] == "messages":
            return self._message(mailbox, request, parts[1])
        if parts == ["mailFolders", "delta"]:
            return self._tree(mailbox, request)
        if len(parts) == 1:
            return self._level(mailbox, "root")
        folder = self._folder(mailbox, parts[1])
        if folder is None:
            return errors.item_not_found()
        match parts[2:]:
            case []:
                self.requests["folder"] += 1
                return Answer.of(self._shown(mailbox, folder))
            case ["childFolders"]:
                return self._level(mailbox, folder.id)
            case ["messages"]:
                return self._list(mailbox, request, folder)
            case ["messages", "delta"]:
                return self._delta(mailbox, request, folder)
            case _:
                return errors.bad_request("Unknown segment.")

    def _folder(self, mailbox: Mailbox, name: str) -> Folder | None:
        named = (folder for folder in mailbox.folders.values() if name in {folder.id, folder.well_known})
        return next(named, None)

    def _shown(self, mailbox: Mailbox, folder: Folder) -> dict[str, Any]:
        bulk = mailbox.count if folder.well_known == "inbox" else 0
        children = sum(other.parent == folder.id for other in mailbox.folders.values())
        kind = {"@odata.type": "#microsoft.graph.mailSearchFolder"} if folder.is_search else {}
        return kind | {
            "id": folder.id,
            "displayName": folder.name,
            "parentFolderId": folder.parent,
            "childFolderCount": children,
            "totalItemCount": len(mailbox.inside(folder.id)) + bulk + folder.others,
        }

    def _tree(self, mailbox: Mailbox, request: Request) -> Answer:
        self.requests["tree"] += 1
        if not self.knows_tree:
            return errors.bad_request("Change tracking is not supported.")
        every = [self._shown(mailbox, folder) for folder in mailbox.folders.values() if not folder.is_hidden]
        start, size = int(request.one("$skip", "0")), page_size(request)
        document: dict[str, Any] = {"value": every[start : start + size]}
        here = f"{self.root}{request.path.removeprefix('/')}"
        if start + size < len(every):
            document["@odata.nextLink"] = f"{here}?$skip={start + size}"
        else:
            document["@odata.deltaLink"] = f"{here}?$deltatoken=x"
        return Answer.of(document)

    def _level(self, mailbox: Mailbox, parent: str) -> Answer:
        self.requests["folder"] += 1
        found = [folder for folder in mailbox.folders.values() if folder.parent == parent]
        return Answer.of({"value": [self._shown(mailbox, folder) for folder in found]})

    def _wrong_select(self, request: Request) -> Answer | None:
        """Only what Mail.ReadBasic covers may be selected, and something must be."""
        select = selected(request)
        if not select:
            self.violations.append(f"selects nothing: {request.path}")
            return None
        beyond = [name for name in select if name not in BASIC]
        if beyond:
            self.violations.append(f"selects {beyond}")
            return errors.not_allowed(beyond[0])
        if self.headers_are_refused and "internetMessageHeaders" in select:
            return errors.bad_request("Could not find a property named 'internetMessageHeaders'.")
        return None

    def _message(self, mailbox: Mailbox, request: Request, name: str) -> Answer:
        self.requests["get"] += 1
        problem = self._wrong_select(request)
        if problem:
            return problem
        immutable = wants_immutable_ids(request)
        found = [item for item in mailbox.items.values() if item.name(immutable=immutable) == name]
        if not found:
            return errors.item_not_found()
        shown = found[0].document(selected(request), immutable=immutable, shows_headers=mailbox.shows_headers)
        return Answer.of(shown)

    def _list(self, mailbox: Mailbox, request: Request, folder: Folder) -> Answer:
        self.requests["list"] += 1
        problem = self._wrong_select(request)
        if problem:
            return problem
        wanted = _FILTER.findall(request.one("$filter"))
        items = [
            item
            for item in self._messages(mailbox, folder)
            if all(_COMPARE[sign](str(item.fields["receivedDateTime"]), value) for sign, value in wanted)
        ]
        start, size = int(request.one("$skip", "0")), int(request.one("$top", "10"))
        immutable, select = wants_immutable_ids(request), selected(request)
        value = [
            item.document(select, immutable=immutable, shows_headers=mailbox.shows_headers)
            for item in items[start : start + size]
        ]
        document: dict[str, Any] = {"value": value}
        if self.counts_messages and request.one("$count") == "true":
            document["@odata.count"] = len(items)
        if start + size < len(items):
            query = "&".join(
                f"{name}={values[-1]}" for name, values in request.query.items() if name != "$skip"
            )
            document["@odata.nextLink"] = (
                f"{self.root}{request.path[1:]}?{query}&$skip={start + size}".replace(" ", "%20")
            )
        return Answer.of(document)

    def _messages(self, mailbox: Mailbox, folder: Folder) -> list[Item]:
        """All messages of a folder, newest first."""
        bulk = range(mailbox.count if folder.well_known == "inbox" else 0)
        return [*mailbox.inside(folder.id), *(bulk_item(mailbox, folder.id, number) for number in bulk)]

    def _delta(self, mailbox: Mailbox, request: Request, folder: Folder) -> Answer:
        self.requests["delta"] += 1
        token = request.one("$token")
        if token:
            found = self.links.find(token)
            if found is None or found.immutable != wants_immutable_ids(request):
                return errors.stale("SyncStateNotFound", 410, Location=f"{self.root}{request.path[1:]}")
            state = self.links.resume(mailbox, found)
        else:
            problem = self._wrong_select(request)
            if problem:
                return problem
            state = self.links.begin(
                mailbox, folder.id, selected(request), immutable=wants_immutable_ids(request)
            )
        return self._page(mailbox, request, state, page_size(request))

    def _page(self, mailbox: Mailbox, request: Request, state: State, size: int) -> Answer:
        entries = state.entries or ()
        value = [shown for what, key in entries[:size] if (shown := self._entry(mailbox, state, what, key))]
        entries = entries[size:]
        taken = min(state.bulk, size - len(value)) if not entries else 0
        for number in range(mailbox.count - state.bulk, mailbox.count - state.bulk + taken):
            item = bulk_item(mailbox, state.folder, number)
            value.append(item.document([*state.select], immutable=True, shows_headers=True))
        left = dataclasses.replace(state, entries=entries, bulk=state.bulk - taken)
        here = self.written(f"{self.root}{usual_path(unquote(request.path))[1:]}")
        if entries or left.bulk:
            return Answer.of({"value": value, "@odata.nextLink": f"{here}?$token={self.links.link(left)}"})
        ended = dataclasses.replace(left, entries=None, since=state.until)
        return Answer.of({"value": value, "@odata.deltaLink": f"{here}?$token={self.links.link(ended)}"})

    def _entry(self, mailbox: Mailbox, state: State, what: str, key: str) -> dict[str, Any] | None:
        item = mailbox.items.get(key)
        if what == "left" or item is None or item.folder != state.folder:
            name = key if state.immutable else f"{key}-1-mutable"
            return {"id": name, "@removed": {"reason": "deleted"}}
        if what == "partial":
            return partial(item, immutable=state.immutable)
        return item.document(
            list(state.select), immutable=state.immutable, shows_headers=mailbox.shows_headers
        )

    def _group(self, request: Request) -> Answer:
        """Members, and groups by their address."""
        if "transitiveMembers" not in request.path:
            address = request.one("$filter").partition("'")[2].rstrip("'")
            return Answer.of({"value": [{"id": address.partition("@")[0]}] if address in self.groups else []})
        name = request.path.split("/")[3]
        found = next((boxes for address, boxes in self.groups.items() if address.startswith(name)), [])
        return Answer.of(
            {
                "value": [
                    {"id": box.object_id, "mail": box.address, "userPrincipalName": box.address}
                    for box in found
                ]
            }
        )
