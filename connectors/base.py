"""The contract between a mailbox connector and its caller.

message   the metadata of one copy of an email in one mailbox; never its body
page      messages, skipped emails, and the cursor that follows them
cursor    an opaque bookmark; the caller commits a page and its cursor in one transaction
source    one stream of a mailbox with a cursor of its own: a file, a folder, the mailbox itself
connector reads one source, page by page, from a cursor to the end

Reading again from an old cursor, or from the start, is always safe: a message is identified by
(provider, mailbox, provider_id), so a message that is read twice is stored once.
"""

import dataclasses
import datetime as dt
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NewType, Protocol, Self, runtime_checkable

import polars as pl

from connectors.unexpected import log_unexpected

INSTANT: pl.DataType = pl.Datetime("us", "UTC")

MESSAGE_SCHEMA = pl.Schema(
    {
        "mailbox": pl.String(),
        "provider": pl.String(),
        "provider_id": pl.String(),
        "provider_thread_id": pl.String(),
        "message_id": pl.String(),
        "references": pl.List(pl.String()),
        "sent_at": INSTANT,
        "dated_at": INSTANT,
        "sender": pl.String(),
        "to": pl.List(pl.String()),
        "cc": pl.List(pl.String()),
        "bcc": pl.List(pl.String()),
        "subject": pl.String(),
        "automated": pl.String(),
        "importance": pl.String(),
        "labels": pl.List(pl.String()),
    }
)
"""The interchange format: the columns of a frame of messages, in order."""

AUTOMATED = ("bounce", "calendar", "auto_reply", "notification", "bulk")
"""Kinds of automated email. Where copies of an email differ, the kind listed first here wins."""

IMPORTANCE = ("high", "normal", "low")

Cursor = NewType("Cursor", str)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One copy of an email in one mailbox."""

    mailbox: str
    """Address of the mailbox that holds this copy."""
    provider: str
    provider_id: str
    """An id that is unique within (provider, mailbox) and never changes."""
    provider_thread_id: str | None = None
    message_id: str | None = None
    """``Message-ID`` without angle brackets and white space."""
    references: tuple[str, ...] = ()
    """Ids of ``References``, then of ``In-Reply-To``, in order, without repeats."""
    sent_at: dt.datetime
    dated_at: dt.datetime | None = None
    """The ``Date`` header in whole seconds, the same in every copy; None without a readable one."""
    sender: str
    """The address in ``From``, or the person behind it where a list rewrote it; empty if there is none."""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    subject: str | None = None
    automated: str | None = None
    """Null: a person wrote it; else one of ``AUTOMATED``."""
    importance: str = "normal"
    labels: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Skipped:
    """A skipped email and the reason; skipped emails are always reported."""

    place: str
    """Its provider id, or its position in a file."""
    reason: str
    """A short phrase out of a small fixed set, so that skipped emails can be counted by reason."""


UNREADABLE = "the provider can't return it"
RAISED = "reading it failed unexpectedly"
DEADLY = "reading it crashed the program"
TRIED_AGAIN = frozenset(
    {UNREADABLE, DEADLY, RAISED, "the provider cannot give it out", "reading it ended the program"}
)
"""Temporary reasons, with those that earlier versions stored: later runs request such emails again."""


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a connector: how much of the source it has read, in bytes or messages."""

    done: int
    total: int | None
    unit: str
    """``bytes`` or ``messages``."""
    seconds_left: float | None = None
    """Seconds that the rest takes at least, by the provider's limits; None if no limit is known."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some messages and the cursor that follows them."""

    messages: pl.DataFrame
    """The messages, in ``MESSAGE_SCHEMA``."""
    cursor: Cursor
    progress: Progress
    skipped: tuple[Skipped, ...] = ()
    defects: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """Counts of unreadable parts of stored messages, by kind (such as ``unreadable_date``)."""
    signs: Mapping[tuple[str, str], int] = dataclasses.field(default_factory=dict)
    """Counts of automated messages, by kind and by the deciding sign (such as ``Precedence: bulk``)."""
    removed: tuple[str, ...] = ()
    """Provider ids that left the mailbox, or are spam or drafts now; none is among ``messages``."""
    folders: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """Counts of emails by folder, including skipped ones; empty if the source has no folders."""
    unwanted: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Labels by provider id, of emails that are skipped because of their folder.

    An import that did not recognise the folder's role stored such an email with this label (empty: with none). The
    caller removes a message that is stored like that.
    """

    @classmethod
    def of(
        cls,
        messages: Iterable[Message],
        cursor: Cursor,
        progress: Progress,
        *,
        skipped: Iterable[Skipped] = (),
        defects: Mapping[str, int] | None = None,
        removed: Iterable[str] = (),
    ) -> Self:
        """Return a page of these messages; one that makes no row is skipped as ``RAISED``."""
        frame, raised = _safe_frame(list(messages))
        return cls(
            messages=frame,
            cursor=cursor,
            progress=progress,
            skipped=(*skipped, *raised),
            defects=defects or {},
            removed=tuple(removed),
        )


def frame_of(messages: Iterable[Message]) -> pl.DataFrame:
    """Return the messages as a frame in ``MESSAGE_SCHEMA``."""
    columns = list(zip(*map(_FIELDS, messages), strict=True)) or [()] * len(MESSAGE_SCHEMA)
    return pl.DataFrame(
        [
            _KINDS.get(dtype, _plain)(name, values, dtype)
            for (name, dtype), values in zip(MESSAGE_SCHEMA.items(), columns, strict=True)
        ]
    )


def _safe_frame(messages: list[Message]) -> tuple[pl.DataFrame, list[Skipped]]:
    """The messages as a frame, and those that make no row, because a value is none that a text may hold."""
    try:
        return frame_of(messages), []
    except Exception as error:  # noqa: BLE001  # one message must not keep the others from being stored
        log_unexpected("connectors.base", "an email makes no row", error)
        if len(messages) <= 1:
            return frame_of(()), [Skipped(message.provider_id, RAISED) for message in messages]
    half = len(messages) // 2
    parts = [_safe_frame(messages[:half]), _safe_frame(messages[half:])]
    return pl.concat([frame for frame, _ in parts]), [each for _, raised in parts for each in raised]


def _plain(name: str, values: Sequence[Any], dtype: pl.DataType) -> pl.Series:
    return pl.Series(name, values, dtype=dtype)


def _times(name: str, values: Sequence[dt.datetime | None], dtype: pl.DataType) -> pl.Series:
    """A column of times; numbers are several times faster to convert."""
    since = (None if value is None else value - _EPOCH for value in values)
    micros = [
        None if each is None else (each.days * 86_400 + each.seconds) * 1_000_000 + each.microseconds
        for each in since
    ]
    return pl.Series(name, micros, dtype=pl.Int64()).cast(dtype)


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

_FIELDS = operator.attrgetter(*MESSAGE_SCHEMA)
"""A function that returns the fields of a message, in the order of the schema."""


def _lists(name: str, values: Sequence[tuple[str, ...]], dtype: pl.DataType) -> pl.Series:
    """A column of lists of texts; splitting joined texts is several times faster than converting each tuple."""
    joined = pl.col("joined")
    return (
        pl.DataFrame({"joined": ["\0".join(value) for value in values]}, schema={"joined": pl.String})
        .select(pl.when(joined == "").then(pl.lit([], dtype=dtype)).otherwise(joined.str.split("\0")))
        .to_series()
        .alias(name)
    )


_KINDS: Mapping[pl.DataType, Callable[[str, Sequence[Any], pl.DataType], pl.Series]] = {
    INSTANT: _times,
    pl.List(pl.String()): _lists,
}
"""The functions that make columns of some types."""


@runtime_checkable
class Connector(Protocol):
    """Reads one source of one mailbox."""

    @property
    def provider(self) -> str:
        """The kind of source: ``gmail``, ``microsoft365``, ``mbox`` and so on."""

    @property
    def mailbox(self) -> str:
        """The address of the mailbox."""

    @property
    def source(self) -> str:
        """The name of this stream within the mailbox, under which its cursor is stored."""

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """Yield pages of all messages after ``cursor``, or of all messages without one.

        Raises:
            ConnectorError: its type determines what the caller does next. Pages yielded before it stay valid.
        """


class StoppedError(Exception):
    """Reading was interrupted by the user; pages yielded before it stay valid."""


class ConnectorError(Exception):
    """The error of one mailbox: its name, the problem and the remedy.

    The text never holds a secret, an address list or a subject.
    """

    def __init__(
        self, mailbox: str, problem: str, remedy: str, *, state: str = "failed", everywhere: bool = False
    ) -> None:
        super().__init__(f"{mailbox}: {problem} {remedy}")
        self.mailbox = mailbox
        self.problem = problem
        self.remedy = remedy
        self.state = state
        """The state of the mailbox in two or three words, such as ``suspended`` or ``not authorised``."""
        self.everywhere = everywhere
        """True if the error affects all mailboxes of this provider."""


class RetryLaterError(ConnectorError):
    """The source is busy or unreachable; the same call may succeed after the time in ``after``."""

    def __init__(
        self,
        mailbox: str,
        problem: str,
        remedy: str,
        *,
        after: dt.timedelta | None = None,
        state: str = "unreachable",
        everywhere: bool = False,
    ) -> None:
        super().__init__(mailbox, problem, remedy, state=state, everywhere=everywhere)
        self.after = after


class SignInError(ConnectorError):
    """The credentials are missing, expired or rejected, so a person must sign in again."""


class ResyncError(ConnectorError):
    """The cursor is no longer accepted; the caller starts again without one."""


class GiveUpError(ConnectorError):
    """This source can't be read until a person changes something."""
