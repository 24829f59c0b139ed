"""Batches: several requests in one (multipart/mixed; developers.google.com/workspace/gmail/api/guides/batch)."""

import functools
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import NamedTuple

from tests.support.loopback import Answer, Request

PATHS = frozenset({"/batch", "/batch/gmail/v1"})

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?')


class Part(NamedTuple):
    """A request in a batch."""

    content_id: str | None
    request: Request


def read_batch(request: Request) -> list[Part]:
    """The parts of a batch; they inherit the headers of the batch, except those of its content.

    Raises:
        ValueError: it is no batch.
    """
    content_type = request.headers.get("content-type", "")
    boundary = _BOUNDARY.search(content_type)
    if boundary is None or not content_type.lower().startswith("multipart/mixed"):
        raise ValueError(content_type)
    inherited = {
        name: value
        for name, value in request.headers.items()
        if not name.startswith(("content-", "transfer-"))
    }
    text = request.body.replace(b"\r\n", b"\n").decode()
    chunks = text.split(f"--{boundary[1]}")
    if len(chunks) < 3 or not chunks[-1].startswith("--"):
        raise ValueError("no parts, or no end")
    return [_part(chunk, inherited) for chunk in chunks[1:-1]]


def _part(chunk: str, inherited: dict[str, str]) -> Part:
    head, _, inner = chunk.lstrip("\n").partition("\n\n")
    first, _, rest = inner.partition("\n")
    method, target, *_ = first.split(" ")
    inner_head, _, body = rest.partition("\n\n")
    headers = {**inherited, **_headers(inner_head)}
    request = Request.of(method, target, headers, body.strip().encode(), inner=True)
    return Part(_headers(head).get("content-id"), request)


@functools.lru_cache(maxsize=256)
def _headers(text: str) -> Mapping[str, str]:
    pairs = (line.partition(":") for line in text.split("\n") if line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def write_batch(answers: Iterable[tuple[str | None, Answer]]) -> Answer:
    """The answers to the parts, as one."""
    return join_parts([_written(content_id, answer) for content_id, answer in answers])


def _written(content_id: str | None, answer: Answer) -> bytes:
    shown = f"Content-ID: {_answering(content_id)}\r\n" if content_id else ""
    headers = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
    body = answer.body if answer.cut_at is None else answer.body[: answer.cut_at]
    status = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"
    head = f"Content-Type: application/http\r\n{shown}\r\n{status}\r\n{headers}Vary: Origin\r\n\r\n"
    return head.encode() + body


def _answering(content_id: str) -> str:
    """``<a>`` becomes ``<response-a>``."""
    return f"<response-{content_id[1:]}" if content_id.startswith("<") else f"response-{content_id}"


def split_parts(answer: Answer) -> list[bytes]:
    """The parts of an answer to a batch, each with its headers."""
    boundary = _BOUNDARY.search(answer.headers["Content-Type"])
    assert boundary is not None
    chunks = answer.body.split(f"--{boundary[1]}".encode())
    return [chunk.removeprefix(b"\r\n").removesuffix(b"\r\n") for chunk in chunks[1:-1]]


def join_parts(parts: Sequence[bytes]) -> Answer:
    """Parts as an answer to a batch."""
    boundary = f"batch_{secrets.token_urlsafe(24)}"
    line = f"--{boundary}".encode()
    body = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"
    return Answer(headers={"Content-Type": f"multipart/mixed; boundary={boundary}"}, body=body)
