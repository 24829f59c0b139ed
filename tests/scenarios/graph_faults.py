"""What goes wrong with Graph's answers, one small function each."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

from tests.support.loopback import Answer, Fault, Request

Matches = Callable[[Request], bool]
FOR_EVER = None


def deltas(request: Request) -> bool:
    """A page of a walk."""
    return request.path.endswith("/messages/delta")


def first_deltas(request: Request) -> bool:
    """The first page of a walk."""
    return deltas(request) and not request.one("$token")


def later_deltas(request: Request) -> bool:
    """A page of a walk, or a round, that a link led to."""
    return deltas(request) and bool(request.one("$token"))


def gets(key: str = "") -> Matches:
    """A single message."""
    return lambda request: f"/messages/{key}" in request.path and not deltas(request)


def answering(matches: Matches, answer: Answer, *, times: int | None = 1, skip: int = 0) -> Fault:
    """This answer in the place of the server's own."""
    return Fault(matches=matches, answer=answer, times=times, skip=skip)


def after(matches: Matches, action: Callable[[], object], *, skip: int = 0) -> Fault:
    """Something happens after an answer was made."""

    def answer(_: Request, make: Callable[[], Answer]) -> Answer:
        made = make()
        action()
        return made

    return Fault(matches=matches, answer=answer, skip=skip)


def spoiling(
    matches: Matches, spoil: Callable[[Answer], Answer], *, times: int | None = 1, skip: int = 0
) -> Fault:
    """The server's own answer, spoilt."""
    return Fault(matches=matches, answer=lambda _, make: spoil(make()), times=times, skip=skip)


def editing(
    matches: Matches, edit: Callable[[dict[str, Any]], object], *, times: int | None = 1, skip: int = 0
) -> Fault:
    """The server's own answer, with its document changed."""

    def spoil(answer: Answer) -> Answer:
        document = json.loads(answer.body)
        edit(document)
        return Answer.of(document, answer.status)

    return spoiling(matches, spoil, times=times, skip=skip)


def cut(answer: Answer) -> Answer:
    """200 with the JSON cut off, as if it were whole."""
    return dataclasses.replace(answer, body=answer.body[: len(answer.body) // 2])


def cut_where(key: str, *, holds: str = "", size: int = 0) -> Fault:
    """Pages that hold a message come cut off: always, only with a field, or only above a size."""

    def answer(request: Request, make: Callable[[], Answer]) -> Answer:
        made = make()
        asked = request.headers.get("prefer", "").rpartition("maxpagesize=")[2]
        struck = key.encode() in made.body and holds.encode() in made.body and int(asked or 0) >= size
        return cut(made) if struck else made

    return Fault(matches=deltas, answer=answer, times=FOR_EVER)
