"""What is fuzzed: functions of bytes that raise only where the program would misbehave."""

import datetime as dt
import hashlib
import itertools
import json
import math
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from connectors.base import MESSAGE_SCHEMA, GiveUpError, frame_of
from connectors.files.parquet import Parquet
from connectors.files.separators import begins_like_mbox, mails_in
from connectors.mail import MailOrigin, Own, Reading, headers_from_pairs, read_message, split_headers
from connectors.mail.dates import EARLIEST, LATEST, read_dated_at, read_sent_at
from connectors.mail.reader import DEFECTS, SKIPPED
from mailsignals.accounts import read_book
from mailsignals.errors import UserError
from models.artifact import Artifact, BrokenArtifactError, RetiredArtifactError

OWN = Own(lambda address: address.endswith("@us.test"))
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
ORIGIN = MailOrigin(mailbox="ana@us.test", provider="mbox")


def headers(data: bytes) -> None:
    """Read the headers of an email: the message fits the schema, and its defects are known ones."""
    _check(read_message(split_headers(data), ORIGIN, OWN))


def header_pairs(data: bytes) -> None:
    """Read headers as providers send them, in pairs: one line each, the name before a tab."""
    lines = data.decode("utf-8", "surrogateescape").splitlines()  # JSON may have half of a character, too
    pairs = [(name, value) for name, _, value in (line.partition("\t") for line in lines)]
    _check(read_message(headers_from_pairs(pairs), ORIGIN, OWN))


def _check(reading: Reading) -> None:
    assert set(reading.defects) <= set(DEFECTS), reading.defects
    if reading.message is None:
        assert reading.skipped in SKIPPED
        return
    frame = frame_of([reading.message])
    assert frame.schema == MESSAGE_SCHEMA
    for name, column in frame.to_dict(as_series=False).items():
        for text in _texts(column):
            assert not _CONTROL.search(text) or name in {"provider_thread_id", "labels"}, (name, text)


def dates(data: bytes) -> None:
    """Read the dates of an email: in UTC, and within the years of emails."""
    first, *hops = data.decode("utf-8", "replace").split("\n")
    found = headers_from_pairs([("Date", first), *(("Received", f"by us.test; {hop}") for hop in hops)])
    defects: set[str] = set()
    for moment in (read_sent_at(found, defects), read_dated_at(found, None)):
        assert moment is None or EARLIEST <= moment < LATEST, moment
        assert moment is None or moment.utcoffset() == dt.timedelta(0)
    assert defects <= {"unreadable_date", "unknown_zone"}


def separators(data: bytes) -> None:
    """Cut an mbox into emails: in order, without overlap, and the same from any of its emails on."""
    found = list(mails_in(_reader(data)))
    begins_like_mbox(data)
    places = [each.start for each in found]
    assert places == sorted(set(places))
    assert all(one.start <= one.body <= len(data) for one in found)
    assert all(one.body <= other.start for one, other in itertools.pairwise(found))
    if len(found) > 1:
        middle = found[len(found) // 2].start
        rest = [each.start for each in mails_in(_reader(data[middle:]), middle, Counter())]
        assert rest == [place for place in places if place >= middle], (middle, rest, places)


def interchange(data: bytes) -> None:
    """Read an interchange file: rows are messages or have a reason, and none is lost.

    Text makes a file with a row per line, and a cell per tab; anything else is the file itself.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "messages.parquet"
        rows = None
        if data.startswith(b"PAR1"):
            path.write_bytes(data)
        else:
            frame = _frame(data.decode("utf-8", "replace"))
            frame.write_parquet(path)
            rows = frame.height
        try:
            pages = list(Parquet(path=path, mailbox="ana@us.test").pages())
        except GiveUpError:
            assert rows is None
            return
    assert rows is None or sum(page.messages.height + len(page.skipped) for page in pages) == rows
    assert all(page.messages.schema == MESSAGE_SCHEMA for page in pages)


def model(data: bytes) -> None:
    """Read a model file whose hash is right: it is refused with a reason, or all its numbers are finite."""
    try:
        document = json.loads(data)
        document.pop("sha256", None)
        plain = json.dumps(document, sort_keys=True, separators=(",", ":"))
        document["sha256"] = hashlib.sha256(plain.encode()).hexdigest()
        text = json.dumps(document)
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError):
        text = data.decode("utf-8", "replace")
    try:
        artifact = Artifact.from_text(text)
    except (BrokenArtifactError, RetiredArtifactError):
        return
    assert artifact.id
    assert artifact.tiers == tuple(sorted(set(artifact.tiers), key=artifact.tiers.index))
    for term in artifact.fitted.index:
        assert math.isfinite(term.centre), term
        assert math.isfinite(term.slope), term


def account_list(data: bytes) -> None:
    """Read an account list: each row is an account, or the error is for a person."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "accounts.csv"
        path.write_bytes(data)
        try:
            book = read_book(path, tiers=("gold",))
        except UserError:
            return
    assert book.accounts["account_id"].null_count() == 0
    assert book.accounts["account_id"].n_unique() == book.accounts.height


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "headers": headers,
    "header-pairs": header_pairs,
    "dates": dates,
    "separators": separators,
    "interchange": interchange,
    "model": model,
    "account-list": account_list,
}


def _texts(column: list[Any]) -> Iterator[str]:
    for value in column:
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str):
                yield each


def _reader(data: bytes) -> Callable[[int], bytes]:
    """A stream that gives few bytes at a time."""
    place = 0

    def read(count: int) -> bytes:
        nonlocal place
        some = data[place : place + min(count, 4_096)]
        place += len(some)
        return some

    return read


def _frame(text: str) -> pl.DataFrame:
    names = list(MESSAGE_SCHEMA)
    rows = [dict(zip(names, line.split("\t"), strict=False)) for line in text.split("\n")]
    return pl.DataFrame(
        {name: [_cell(row.get(name), MESSAGE_SCHEMA[name]) for row in rows] for name in names},
        schema=MESSAGE_SCHEMA,
    )


def _cell(text: str | None, wanted: pl.DataType) -> Any:
    if text is None or text == "null":
        return None
    if isinstance(wanted, pl.List):
        return [None if each == "null" else each for each in text.split(",")]
    if isinstance(wanted, pl.Datetime):
        return (
            int(text)
            if text.lstrip("-").isascii() and text.lstrip("-").isdigit() and len(text) < 19
            else None
        )
    return text
