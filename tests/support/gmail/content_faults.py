"""Answers of Gmail that are whole but odd: pages, history, messages with parts missing."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

from tests.support.gmail import errors
from tests.support.gmail.faults import FOR_EVER, answering
from tests.support.gmail.matching import Matches, histories, lists, methods
from tests.support.gmail.server import GmailServer
from tests.support.loopback import Answer, Fault, Request


def editing(
    matches: Matches,
    edit: Callable[[Request, dict[str, Any]], object],
    *,
    times: int | None = FOR_EVER,
    skip: int = 0,
) -> Fault:
    """The server's own answer, with its document changed; errors stay as they are."""

    def answer(request: Request, make: Callable[[], Answer]) -> Answer:
        made = make()
        if made.status != 200:
            return made
        document = json.loads(made.body)
        edit(request, document)
        return Answer.of(document)

    return Fault(matches=matches, answer=answer, times=times, skip=skip)


# --- pages ---------------------------------------------------------------------------------------


def page_token_refused(matches: Matches = lists, *, times: int | None = 1) -> Fault:
    """400 Invalid pageToken for a token that was given out."""
    return answering(
        lambda request: matches(request) and "pageToken" in request.query,
        errors.invalid_argument("Invalid pageToken"),
        times=times,
    )


def same_page_for_ever(matches: Matches = lists) -> Fault:
    """From the second page on, the next page is the one that was asked for."""

    def edit(request: Request, document: dict[str, Any]) -> None:
        if request.one("pageToken"):
            document["nextPageToken"] = request.one("pageToken")

    return editing(matches, edit)


def page_repeats_ids(count: int) -> Fault:
    """Each page of the listing begins with the last ids of the one before."""
    last: list[dict[str, str]] = []

    def edit(request: Request, document: dict[str, Any]) -> None:
        own = document.get("messages", [])
        document["messages"] = (last if request.one("pageToken") else []) + own
        last[:] = own[-count:]

    return editing(lists, edit)


# --- history -------------------------------------------------------------------------------------


def history_expired(*, times: int | None = 1) -> Fault:
    """404, whatever the start."""
    return answering(histories, errors.not_found(), times=times)


def page_without_history(server: GmailServer, *, pages: int = 1) -> Fault:
    """Before the first page with records there are pages with a token only."""

    def answer(request: Request, make: Callable[[], Answer]) -> Answer:
        token = request.one("pageToken", "empty-0")
        if not token.startswith("empty-"):
            return make()
        number = int(token.removeprefix("empty-"))
        plain = {name: values for name, values in request.query.items() if name != "pageToken"}
        real = server.route(dataclasses.replace(request, query=plain))
        if number >= pages or real.status != 200:
            return real
        document = {"nextPageToken": f"empty-{number + 1}", "historyId": json.loads(real.body)["historyId"]}
        return Answer.of(document)

    return Fault(matches=histories, answer=answer, times=FOR_EVER)


def history_replayed() -> Fault:
    """Each answer begins with all the records that were given out before."""
    given: dict[str, Any] = {}

    def edit(request: Request, document: dict[str, Any]) -> None:
        del request
        records = {record["id"]: record for record in document.get("history", [])}
        if given or records:
            document["history"] = list((given | records).values())
        given.update(records)

    return editing(histories, edit)


def history_with_messages_only(message_id: str) -> Fault:
    """The first page ends with a record that names a message, and no change."""

    def edit(request: Request, document: dict[str, Any]) -> None:
        del request
        record = {"id": document["historyId"], "messages": [{"id": message_id, "threadId": message_id}]}
        document.setdefault("history", []).append(record)

    return editing(histories, edit, times=1)


def history_ids_as_numbers() -> Fault:
    """``historyId`` is a JSON number wherever it stands, and so is the id of a record."""

    def edit(request: Request, document: dict[str, Any]) -> None:
        del request
        for holder in (document, *document.get("messages", ())):
            if "historyId" in holder:
                holder["historyId"] = int(holder["historyId"])
        for record in document.get("history", ()):
            record["id"] = int(record["id"])

    return editing(methods, edit)


# --- messages ------------------------------------------------------------------------------------


def without(matches: Matches, *paths: str, times: int | None = FOR_EVER) -> Fault:
    """Without these keys, such as ``internalDate`` or ``payload/headers``."""

    def edit(request: Request, document: dict[str, Any]) -> None:
        del request
        for path in paths:
            *above, name = path.split("/")
            holder = document
            for key in above:
                holder = holder.get(key, {})
            holder.pop(name, None)

    return editing(matches, edit, times=times)


def with_snippet(matches: Matches, text: str) -> Fault:
    """With the beginning of the body, although nobody asked for it."""
    return editing(matches, lambda _, document: document.update(snippet=text))
