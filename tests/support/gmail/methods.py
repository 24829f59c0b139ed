"""The methods of the API that a reader of metadata uses."""

import dataclasses
import itertools
from collections.abc import Callable, Iterator

from tests.support.gmail import errors
from tests.support.gmail.history import TYPES
from tests.support.gmail.mailbox import Mailbox
from tests.support.gmail.message import Message, as_document
from tests.support.gmail.store import Ref
from tests.support.loopback import Answer, Request

Document = dict[str, object]

BIGGEST_PAGE = 500


class RefusedError(Exception):
    """The method answers with an error."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


@dataclasses.dataclass(frozen=True, kw_only=True)
class Call:
    """A call of a method."""

    mailbox: Mailbox
    request: Request
    item: str
    """The id in the path; empty if there is none."""
    restricted: bool
    """Whether the token has the scope gmail.metadata, whatever else it has."""
    pages_by_offset: bool
    """Whether page tokens count messages, so that pages shift when some come or go meanwhile."""
    history_shows_labels: bool
    """Whether messages in history come with their labels."""

    @property
    def page_size(self) -> int:
        """``maxResults``, of which Gmail gives at most 500."""
        return min(int(self.request.one("maxResults", "0")) or 100, BIGGEST_PAGE)

    def resume(self) -> tuple[object, ...] | None:
        """What the page token stands for."""
        token = self.request.one("pageToken")
        if not token:
            return None
        found = self.mailbox.page_tokens.get(token)
        if found is None or found[0] != self.request.path.rpartition("/")[2]:
            raise RefusedError(errors.invalid_argument("Invalid pageToken"))
        return found[1:]

    def page_token(self, *position: object) -> str:
        """A token for what follows a position."""
        token = f"{self.mailbox.random.getrandbits(64):020d}"
        self.mailbox.page_tokens[token] = (self.request.path.rpartition("/")[2], *position)
        return token


def get_profile(call: Call) -> Document:
    """``users.getProfile``."""
    return {
        "emailAddress": call.mailbox.address,
        "messagesTotal": len(call.mailbox.store),
        "threadsTotal": call.mailbox.store.threads,
        "historyId": str(call.mailbox.history.newest),
    }


def list_labels(call: Call) -> Document:
    """``users.labels.list``."""
    return {
        "labels": [
            {"id": key, "name": name, "type": "user" if key.startswith("Label_") else "system"}
            for key, name in call.mailbox.label_names.items()
        ]
    }


def list_messages(call: Call) -> Document:
    """``users.messages.list``."""
    refs, position = _page(call, _wanted(call))
    entries = [{"id": ref.id, "threadId": ref.thread_id} for ref in refs]
    return _listing(call, "messages", entries, position)


def list_threads(call: Call) -> Document:
    """``users.threads.list``: each where its newest message stands."""

    def is_newest(ref: Ref) -> bool:
        visible = [one for one in call.mailbox.store.thread(ref.thread_id) if shown(one)]
        return visible[-1].id == ref.id

    shown = _wanted(call)
    refs, position = _page(call, lambda ref: shown(ref) and is_newest(ref))
    entries: list[Document] = []
    for ref in refs:
        newest = max(message.history_id for message in call.mailbox.store.thread(ref.thread_id))
        snippet = {} if call.restricted else {"snippet": "The beginning of the body"}
        entries.append({"id": ref.thread_id, "historyId": str(newest), **snippet})
    return _listing(call, "threads", entries, position)


def _wanted(call: Call) -> Callable[[Ref | Message], bool]:
    """Whether a message is listed."""
    if "q" in call.request.query and call.restricted:
        raise RefusedError(errors.forbidden("Metadata scope does not support 'q' parameter"))
    labels = frozenset(call.request.query.get("labelIds", ()))
    for label in labels - call.mailbox.label_names.keys():
        raise RefusedError(errors.invalid_argument(f"Invalid label: {label}"))
    everything = call.request.one("includeSpamTrash") == "true"
    hidden = frozenset() if everything else frozenset({"SPAM", "TRASH"}) - labels
    return lambda ref: labels.issubset(ref.labels) and hidden.isdisjoint(ref.labels)


def _page(call: Call, wanted: Callable[[Ref], bool]) -> tuple[list[Ref], tuple[object, ...] | None]:
    """The messages of a page, and where the next one begins; None: this is the last."""
    position = call.resume()
    refs, offset = _from(call, position, wanted)
    page = list(itertools.islice(refs, call.page_size + 1))
    if len(page) <= call.page_size:
        return page, None
    page.pop()
    last = page[-1]
    return page, (offset + len(page),) if call.pages_by_offset else (last.internal_date, last.id)


def _from(
    call: Call, position: tuple[object, ...] | None, wanted: Callable[[Ref], bool]
) -> tuple[Iterator[Ref], int]:
    """The messages from a position on, and how many are skipped to get there."""
    match position:
        case (int(date), str(message_id)):
            return filter(wanted, call.mailbox.store.newest_first((date, message_id))), 0
        case (int(offset),):
            return itertools.islice(filter(wanted, call.mailbox.store.newest_first()), offset, None), offset
        case _:
            return filter(wanted, call.mailbox.store.newest_first()), 0


def _listing(
    call: Call, name: str, entries: list[Document] | list[dict[str, str]], position: tuple[object, ...] | None
) -> Document:
    """A page of a listing: without entries there is no key, and the estimate means nothing."""
    document: Document = {name: entries} if entries else {}
    if position is not None:
        document["nextPageToken"] = call.page_token(*position)
    document["resultSizeEstimate"] = 201 if position is not None else len(entries)
    return document


def get_message(call: Call) -> Document:
    """``users.messages.get``."""
    message = call.mailbox.store.get(_hexadecimal(call.item))
    if message is None:
        raise RefusedError(errors.not_found())
    return _shown(call, message, _form(call))


def get_thread(call: Call) -> Document:
    """``users.threads.get``: all messages of the thread, those in spam and trash as well."""
    messages = call.mailbox.store.thread(_hexadecimal(call.item))
    if not messages:
        raise RefusedError(errors.not_found())
    form = _form(call)
    return {
        "id": call.item,
        "historyId": str(max(message.history_id for message in messages)),
        "messages": [_shown(call, message, form) for message in messages],
    }


def _hexadecimal(item: str) -> str:
    if len(item) > 16 or not set(item) <= set("0123456789abcdef"):
        raise RefusedError(errors.invalid_argument("Invalid id value"))
    return item


def _form(call: Call) -> str:
    """``format``, of which gmail.metadata allows two."""
    form = call.request.one("format", "full").lower()
    if call.restricted and form not in {"metadata", "minimal"}:
        raise RefusedError(errors.forbidden(f"Metadata scope doesn't allow format {form.upper()}"))
    return form


def _shown(call: Call, message: Message, form: str) -> Document:
    names = frozenset(name.lower() for name in call.request.query.get("metadataHeaders", ()))
    return as_document(message, form=form, names=names, restricted=call.restricted)


def list_history(call: Call) -> Document:
    """``users.history.list``."""
    text = call.request.one("startHistoryId")
    if not text:
        raise RefusedError(errors.invalid_argument("Missing/invalid parameter: startHistoryId"))
    history = call.mailbox.history
    if not history.knows(int(text)):
        raise RefusedError(errors.not_found())
    match call.resume():
        case (int(last),):
            start = last
        case _:
            start = int(text)
    kinds = frozenset(TYPES[one] for one in call.request.query.get("historyTypes", ()))
    label = call.request.one("labelId")
    records = (record.only(kinds, label) for record in history.after(start))
    page = list(itertools.islice((record for record in records if record.changes), call.page_size + 1))
    document: Document = {}
    if len(page) > call.page_size:
        page.pop()
        document["nextPageToken"] = call.page_token(page[-1].id)
    if page:
        document["history"] = [record.document(shows_labels=call.history_shows_labels) for record in page]
    return {**document, "historyId": str(history.newest)}


METHODS: dict[str, Callable[[Call], Document]] = {
    "users.getProfile": get_profile,
    "users.labels.list": list_labels,
    "users.messages.list": list_messages,
    "users.messages.get": get_message,
    "users.threads.list": list_threads,
    "users.threads.get": get_thread,
    "users.history.list": list_history,
}
