"""The contract between a mailbox and whoever reads it.

message   the metadata of one copy of an email in one mailbox; never its body
page      some messages, what could not be read, and the cursor that follows them
cursor    an opaque bookmark; whoever commits a page commits its cursor in the same transaction
source    one stream of a mailbox with a cursor of its own: a file, a folder, the mailbox itself
connector reads one source, page by page, from a cursor to the end

Reading again from an old cursor, or from none, is always harmless: a message is known by
(provider, mailbox, provider_id), and the same message read twice is the same row.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import NewType, Protocol, Self, runtime_checkable

import polars as pl

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
"""Why a mail counts as not written by a person; of several copies the first of these that one has."""

IMPORTANCE = ("high", "normal", "low")

Cursor = NewType("Cursor", str)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One copy of an email in one mailbox."""

    mailbox: str
    """Address of the mailbox that holds this copy."""
    provider: str
    provider_id: str
    """Unique within (provider, mailbox), and never changing."""
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
    """A mail that was set aside, and why; it is reported, never dropped in silence."""

    place: str
    """Where it is: its provider id, or its position in a file."""
    reason: str
    """A short phrase out of a small fixed set, so that skips can be counted by reason."""


UNREADABLE = "the provider cannot give it out"
DEADLY = "reading it ended the program"
TRIED_AGAIN = frozenset({UNREADABLE, DEADLY})
"""Reasons that may pass: such mails are asked for again in later runs; the others stay set aside."""


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a connector: how much of the source it has read, in bytes or messages."""

    done: int
    total: int | None
    unit: str
    """``bytes`` or ``messages``."""
    seconds_left: float | None = None
    """How long the rest takes at least by the provider's limits; None: no limit is known."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some messages and the cursor that follows them."""

    messages: pl.DataFrame
    """In ``MESSAGE_SCHEMA``."""
    cursor: Cursor
    progress: Progress
    skipped: tuple[Skipped, ...] = ()
    defects: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """What could not be read of messages that were kept, counted by kind (``unreadable_date``)."""
    signs: Mapping[tuple[str, str], int] = dataclasses.field(default_factory=dict)
    """Messages of the page that are automated, counted by kind and by the sign that decided (``Precedence: bulk``)."""
    removed: tuple[str, ...] = ()
    """Provider ids that the mailbox no longer holds, or holds as spam or a draft; none is among ``messages``."""
    folders: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """Mails in each folder, also those set aside for the folder's sake; empty where the source has no folders."""
    unwanted: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Ids of mails set aside for the sake of their folder, with the only label that an import which did not know the
    folder's role would have given them (empty: none). A message that is stored like that should go."""

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
        """A page of these messages."""
        return cls(
            messages=frame_of(messages),
            cursor=cursor,
            progress=progress,
            skipped=tuple(skipped),
            defects=defects or {},
            removed=tuple(removed),
        )


def frame_of(messages: Iterable[Message]) -> pl.DataFrame:
    """The messages as a frame in ``MESSAGE_SCHEMA``."""
    rows = list(messages)
    return pl.DataFrame(
        [
            _lists(name, [getattr(row, name) for row in rows])
            if isinstance(dtype, pl.List)
            else pl.Series(name, [getattr(row, name) for row in rows], dtype=dtype)
            for name, dtype in MESSAGE_SCHEMA.items()
        ]
    )


def _lists(name: str, values: list[tuple[str, ...]]) -> pl.Series:
    """A column of lists of texts; splitting joined texts is several times faster than converting each tuple."""
    joined = pl.col("joined")
    return (
        pl.DataFrame({"joined": ["\0".join(value) for value in values]}, schema={"joined": pl.String})
        .select(
            pl.when(joined == "").then(pl.lit([], dtype=pl.List(pl.String))).otherwise(joined.str.split("\0"))
        )
        .to_series()
        .alias(name)
    )


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
        """The name of this stream within the mailbox; its cursor is kept under it."""

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """Everything after ``cursor``, or everything there is.

        Raises:
            ConnectorError: with what the caller should do next as its type. Pages that were yielded stand.
        """


class StoppedError(Exception):
    """Somebody wants the reading to stop; pages that were yielded stand."""


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
        """What to call it in two or three words, such as ``suspended`` or ``not authorised``."""
        self.everywhere = everywhere
        """Whether no other mailbox of this provider can be read either."""


class RetryLaterError(ConnectorError):
    """The source is busy or out of reach; the same call may succeed after ``after``."""

    def __init__(
        self,
        mailbox: str,
        problem: str,
        remedy: str,
        *,
        after: dt.timedelta | None = None,
        state: str = "out of reach",
        everywhere: bool = False,
    ) -> None:
        super().__init__(mailbox, problem, remedy, state=state, everywhere=everywhere)
        self.after = after


class SignInError(ConnectorError):
    """The credentials are missing, expired or refused; somebody has to sign in again."""


class ResyncError(ConnectorError):
    """The cursor is no longer accepted; start again without one."""


class GiveUpError(ConnectorError):
    """This source cannot be read at all until somebody changes something."""
