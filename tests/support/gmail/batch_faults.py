"""What goes wrong with batches as a whole; faults of single parts are in ``faults``."""

import dataclasses
import random
from collections.abc import Callable

from tests.support.gmail import batch
from tests.support.gmail.faults import answering, spoiling
from tests.support.gmail.matching import batches
from tests.support.loopback import Answer, Fault


def _parts(change: Callable[[list[bytes]], list[bytes]], times: int | None) -> Fault:
    """The parts of a good answer, changed."""

    def spoil(answer: Answer) -> Answer:
        if answer.status != 200:
            return answer
        return batch.join_parts(change(batch.split_parts(answer)))

    return spoiling(batches, spoil, times=times)


def parts_missing(count: int = 1, *, times: int | None = 1) -> Fault:
    """The last parts are not there."""
    return _parts(lambda parts: parts[:-count], times)


def part_twice(*, times: int | None = 1) -> Fault:
    """One part comes twice, under one Content-ID."""
    return _parts(lambda parts: [*parts, parts[0]], times)


def content_id_of_another(*, times: int | None = 1) -> Fault:
    """Two parts have the Content-ID of the first, and so the second one's is missing."""

    def change(parts: list[bytes]) -> list[bytes]:
        return [parts[0], _renamed(parts[1], _content_id(parts[0])), *parts[2:]]

    return _parts(change, times)


def unknown_content_id(*, times: int | None = 1) -> Fault:
    """One part more, which answers nothing that was asked."""
    stranger = b"<response-7d9e1d2c-0000-4000-8000-000000000000 + 999999>"
    return _parts(lambda parts: [_renamed(parts[0], stranger), *parts], times)


def parts_in_another_order(seed: int = 0, *, times: int | None = 1) -> Fault:
    """The parts in an order of their own."""
    return _parts(lambda parts: random.Random(seed).sample(parts, len(parts)), times)


def truncated(share: float = 0.5, *, times: int | None = 1) -> Fault:
    """The answer ends after this share of its bytes, as if it were whole."""

    def spoil(answer: Answer) -> Answer:
        return dataclasses.replace(answer, body=answer.body[: int(len(answer.body) * share)])

    return spoiling(batches, spoil, times=times)


def not_multipart(*, times: int | None = 1) -> Fault:
    """200 with JSON that is no batch."""
    return answering(batches, Answer.of({"kind": "something else"}), times=times)


def _content_id(part: bytes) -> bytes:
    line = next(line for line in part.split(b"\r\n") if line.lower().startswith(b"content-id:"))
    return line.partition(b": ")[2]


def _renamed(part: bytes, content_id: bytes) -> bytes:
    return part.replace(_content_id(part), content_id, 1)
