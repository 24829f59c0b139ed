"""A mailbox, and what happens in it; every folder keeps a list of its changes."""

import dataclasses
import datetime as dt
import itertools
import threading
from collections.abc import Callable
from typing import Any

from tests.support.graph.items import Item, mail

WELL_KNOWN = {
    "inbox": "Posteingang",
    "sentitems": "Gesendete Elemente",
    "drafts": "Entwürfe",
    "deleteditems": "Gelöschte Elemente",
    "junkemail": "Junk-E-Mail",
    "outbox": "Postausgang",
    "archive": "Archiv",
    "conversationhistory": "Aufgezeichnete Unterhaltungen",
}
NEVER_STORED = ("drafts", "junkemail", "outbox", "conversationhistory")


@dataclasses.dataclass
class Folder:
    """A folder; its changes are kept as ids, the latest state is what a round shows."""

    id: str
    name: str
    parent: str
    well_known: str | None = None
    is_search: bool = False
    is_hidden: bool = False
    """Hidden folders are not in the tree."""
    others: int = 0
    """How many appointments, contacts and notes lie in it: they count, and are no messages."""
    changes: list[tuple[int, str, str]] = dataclasses.field(default_factory=list)
    """Number, what happened (``here``, ``partial``, ``left``) and the id of the item."""


class Mailbox:
    """One user's mailbox."""

    def __init__(self, address: str, *, now: Callable[[], dt.datetime]) -> None:
        self.address = address
        self.object_id = f"00000000-0000-4000-8000-{abs(hash(address)) % 10**12:012}"
        self.lock = threading.RLock()
        self.folders: dict[str, Folder] = {}
        self.items: dict[str, Item] = {}
        self.trouble: Callable[[], Any] | None = None
        """What every request is answered; None: all is well."""
        self.shows_headers = True
        self.tells_arrivals = True
        """Whether a move is told in the target folder, too; Exchange was seen to tell only that something left."""
        self.count = 0
        """Messages that are made from their number, in the inbox, besides ``items``."""
        self.is_real = False
        """Whether these have all the headers of a real one, about 8 kB."""
        self._now = now
        self._numbers = itertools.count(1)
        self.clock = itertools.count(1)
        for name, shown in WELL_KNOWN.items():
            self.folder(shown, well_known=name)

    def folder(
        self, name: str, *, parent: str = "root", well_known: str | None = None, is_search: bool = False
    ) -> str:
        """A new folder; gives its id."""
        folder = Folder(f"AAF{next(self._numbers):04}=", name, parent, well_known, is_search)
        self.folders[folder.id] = folder
        return folder.id

    def id_of(self, well_known: str) -> str:
        """The id of a well-known folder."""
        return next(folder.id for folder in self.folders.values() if folder.well_known == well_known)

    def put(self, folder: str = "inbox", /, **fields: Any) -> str:
        """A message in a folder, with the fields of an ordinary mail but these; gives its immutable id."""
        with self.lock:
            number = next(self._numbers)
            sender = (
                self.address if folder in {"sentitems", "drafts", "outbox"} else f"c{number}@customer.test"
            )
            to = f"c{number}@customer.test" if sender == self.address else self.address
            kind = fields.pop("kind", "#microsoft.graph.message")
            headers = fields.pop("headers", None)
            item = Item(
                key=f"AAkImmutable{number:06}=",
                folder=self.folders[folder].id if folder in self.folders else self.id_of(folder),
                fields=mail(number, sender, [to], at=self._now()) | fields,
                kind=kind,
                headers=headers,
            )
            self.items[item.key] = item
            self._note(item.folder, "here", item.key)
            return item.key

    def move(self, key: str, folder: str) -> None:
        """To another folder; the immutable id stays."""
        with self.lock:
            item = self.items[key]
            target = folder if folder in self.folders else self.id_of(folder)
            self._note(item.folder, "left", key)
            item.folder, item.version = target, item.version + 1
            if self.tells_arrivals:
                self._note(target, "here", key)

    def send(self, key: str) -> None:
        """A draft is sent: it moves to the sent items."""
        self.items[key].fields["isDraft"] = False
        self.move(key, "sentitems")

    def draft(self) -> str:
        """The owner begins to write."""
        return self.put("drafts", isDraft=True)

    def change(self, key: str, **fields: Any) -> None:
        """Some fields change; rounds show them only in part."""
        with self.lock:
            self.items[key].fields |= fields
            self._note(self.items[key].folder, "partial", key)

    def purge(self, key: str) -> None:
        """Delete for ever."""
        with self.lock:
            item = self.items.pop(key)
            self._note(item.folder, "left", key)

    def to_in_place_archive(self, key: str) -> None:
        """To the archive mailbox, where nobody of ours can see it."""
        self.purge(key)

    def drop_folder(self, folder: str) -> None:
        """Delete a folder with what is in it."""
        for item in [item for item in self.items.values() if item.folder == folder]:
            del self.items[item.key]
        del self.folders[folder]

    def inside(self, folder: str) -> list[Item]:
        """The items of a folder, newest first."""
        found = [item for item in self.items.values() if item.folder == folder]
        return sorted(found, key=lambda item: str(item.fields.get("receivedDateTime") or ""), reverse=True)

    def _note(self, folder: str, what: str, key: str) -> None:
        self.folders[folder].changes.append((next(self.clock), what, key))

    def begun_at(self, number: int) -> dt.datetime:
        """When a message that is made from its number came; the first is the newest."""
        return dt.datetime(2026, 11, 1, tzinfo=dt.UTC) - dt.timedelta(minutes=number)

    def left_out(self, folder: str) -> bool:
        """Whether a correct client does not store what lies there."""
        while folder in self.folders:
            if self.folders[folder].well_known in NEVER_STORED or self.folders[folder].is_hidden:
                return True
            folder = self.folders[folder].parent
        return False

    def truth(self) -> dict[str, Item]:
        """What a correct client holds, by immutable id."""
        with self.lock:
            return {
                key: item
                for key, item in self.items.items()
                if not item.fields["isDraft"] and not self.left_out(item.folder)
            }
