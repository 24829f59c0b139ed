"""The interchange format: checks the columns of a frame of messages, and converts its rows."""

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from connectors.base import AUTOMATED, IMPORTANCE, MESSAGE_SCHEMA, Skipped
from connectors.mail import mailbox_address, normalise_address
from connectors.mail.addresses import MAX_ADDRESS, MAX_RECIPIENTS
from connectors.mail.header_text import MAX_TEXT
from connectors.mail.ids import FIRST_REFERENCES, MAX_ID, MAX_REFERENCES
from connectors.mail.labels import MAX_LABEL, MAX_LABELS, skip_reason

_TEXTS = (pl.String, pl.Categorical, pl.Enum, pl.Null)
_NOTHING = pl.lit([], dtype=pl.List(pl.String))
_ADDRESS_LISTS = ("to", "cc", "bcc")
ADDED = ("dated_at",)
"""Columns that older files lack; they are read as null."""

_MAX_WORD = 64
_LONG_ADDRESS = 2 * MAX_ADDRESS + 1  # never an address, whatever it is cut from
_MOST_CHARACTERS = {
    "mailbox": _LONG_ADDRESS,
    "provider": MAX_ID + 1,
    "provider_id": MAX_ID + 1,
    "provider_thread_id": MAX_ID,
    "message_id": MAX_ID,
    "references": MAX_ID,
    "sender": _LONG_ADDRESS,
    "to": _LONG_ADDRESS,
    "cc": _LONG_ADDRESS,
    "bcc": _LONG_ADDRESS,
    "subject": MAX_TEXT,
    "automated": _MAX_WORD,
    "importance": _MAX_WORD,
    "labels": MAX_LABEL,
}
"""Largest number of characters of a text, in a list of each: those of headers."""
_MOST_ITEMS = {
    "references": MAX_REFERENCES,
    "to": MAX_RECIPIENTS,
    "cc": MAX_RECIPIENTS,
    "bcc": MAX_RECIPIENTS,
    "labels": MAX_LABELS,
}
_CUTS = {
    "cut_subject": ("subject",),
    "cut_id": ("provider_thread_id", "message_id"),
    "cut_references": ("references",),
    "cut_recipients": _ADDRESS_LISTS,
    "cut_labels": ("labels",),
}
"""Kinds of defects, as of headers, with the columns that they count."""

_REQUIRED = ("mailbox", "provider", "provider_id", "sent_at", "sender")
# A normalised address looks like this, Gmail's dots apart; any other is parsed with care.
_IN_ORDER = r"^[a-z0-9!#$%&'*/=?^_`{|}~.-]+@(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}$"
_GMAIL_SPELLING = r"\.[^@]*@gmail\.com$|@googlemail\.com$"


class CleanRows(NamedTuple):
    """The rows of a file, converted: messages, and the rows that were skipped."""

    messages: pl.DataFrame
    """The messages, in ``MESSAGE_SCHEMA``."""
    skipped: list[Skipped]
    defects: Mapping[str, int]


def misfits(schema: pl.Schema) -> list[str]:
    """Return one phrase per column that is missing or has the wrong type; more columns are allowed."""
    found = []
    for name, wanted in MESSAGE_SCHEMA.items():
        if name not in schema and name not in ADDED:
            found.append(f"column {name} ({wanted}) is missing")
        elif name in schema and not _fits(schema[name], wanted):
            found.append(f"column {name} is {schema[name]}, expected {wanted}")
    return found


def cut_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a file in ``MESSAGE_SCHEMA``, their values cut to the limits of headers.

    A column for each kind of cut says in which rows there was one.
    """
    missing = (pl.lit(None, MESSAGE_SCHEMA[name]).alias(name) for name in ADDED if name not in rows.columns)
    frame = rows.with_columns(*missing).select(
        _converted(name, wanted) for name, wanted in MESSAGE_SCHEMA.items()
    )
    large = {name for name in _MOST_CHARACTERS if _exceeds(frame[name])}
    flags = [
        pl.any_horizontal(_is_cut(name) for name in columns if name in large).alias(kind)
        if large & {*columns}
        else pl.lit(value=False).alias(kind)
        for kind, columns in _CUTS.items()
    ]
    return frame.with_columns(*flags).with_columns(_cut(name) for name in sorted(large))


def clean_rows(frame: pl.DataFrame, *, mailbox: str, first_row: int) -> CleanRows:
    """Return the rows of ``cut_rows`` as messages; ``mailbox`` is the mailbox of rows that name none."""
    frame = frame.with_columns(pl.col("mailbox").fill_null(mailbox))
    forms, mailboxes = _forms(frame), _mailboxes(frame)
    unreadable = [address for address, form in forms.items() if form is None]
    marked = frame.with_columns(
        _reason(frame, [address for address, form in mailboxes.items() if form is None]).alias("reason"),
        _has_any(unreadable).alias("unreadable_address"),
        _unknown("importance", IMPORTANCE).alias("unknown_importance"),
        _unknown("automated", AUTOMATED).alias("unknown_automated"),
    )
    kept = marked.filter(pl.col("reason").is_null())
    kinds = ("unreadable_address", "unknown_importance", "unknown_automated", *_CUTS)
    counts = kept.select(kinds).sum().row(0, named=True)
    aside = marked.select("reason").with_row_index("row", first_row + 1).drop_nulls()
    return CleanRows(
        messages=kept.select(
            _in_order(name, mailboxes if name == "mailbox" else forms) for name in MESSAGE_SCHEMA
        ),
        skipped=[Skipped(f"row {row}", reason) for row, reason in aside.iter_rows()],
        defects={kind: count for kind, count in counts.items() if count},
    )


def _fits(have: pl.DataType, wanted: pl.DataType) -> bool:
    if isinstance(wanted, pl.Datetime):
        return isinstance(have, pl.Null) or (isinstance(have, pl.Datetime) and have.time_zone is not None)
    if isinstance(wanted, pl.List):
        inner = have.inner if isinstance(have, pl.List | pl.Array) else have
        return isinstance(have, pl.List | pl.Array | pl.Null) and isinstance(inner, _TEXTS)
    return isinstance(have, _TEXTS)


def _converted(name: str, wanted: pl.DataType) -> pl.Expr:
    """The column in the type of ``MESSAGE_SCHEMA``; an empty text becomes null."""
    column = pl.col(name).cast(wanted)
    if isinstance(wanted, pl.List):
        return column.list.drop_nulls().fill_null(_NOTHING)
    if name in {"importance", "automated"}:
        column = column.str.to_lowercase()
    if name in {"sender", "subject"} or not isinstance(wanted, pl.String):
        return column
    return pl.when(column != "").then(column).alias(name)


def _exceeds(values: pl.Series) -> bool:
    """Return whether a column has a text or a list that is over its limit."""
    texts, most = values, 0
    if isinstance(values.dtype, pl.List):
        most, texts = _largest(values.list.len()), values.explode(empty_as_null=False)
    longest = _largest(texts.str.len_chars())
    return longest > _MOST_CHARACTERS[values.name] or most > _MOST_ITEMS.get(values.name, most)


def _largest(counts: pl.Series) -> int:
    most = counts.max()
    return most if isinstance(most, int) else 0


def _is_cut(name: str) -> pl.Expr:
    """An expression: whether a value is over the limit that makes it a defect."""
    if name in _MOST_ITEMS:
        return pl.col(name).list.len() > _MOST_ITEMS[name]
    return pl.col(name).str.len_chars().fill_null(0) > _MOST_CHARACTERS[name]


def _cut(name: str) -> pl.Expr:
    """The column with its values cut as header reading cuts them."""
    column, most = pl.col(name), _MOST_CHARACTERS[name]
    if name not in _MOST_ITEMS:
        return (
            column.str.slice(0, most).str.strip_chars_end()
            if name == "subject"
            else column.str.slice(0, most)
        )
    if name == "references":
        first, newest = (
            column.list.head(FIRST_REFERENCES),
            column.list.tail(MAX_REFERENCES - FIRST_REFERENCES),
        )
        column = (
            pl.when(column.list.len() > MAX_REFERENCES).then(pl.concat_list(first, newest)).otherwise(column)
        )
    else:
        column = column.list.head(_MOST_ITEMS[name])
    return column.list.eval(pl.element().str.slice(0, most))


def _forms(frame: pl.DataFrame) -> dict[str, str | None]:
    """The normalised form of each address that isn't normalised yet; None if it isn't an address."""
    columns = [frame["sender"], *(frame[name].explode() for name in _ADDRESS_LISTS)]
    addresses = pl.concat([column.drop_nulls().alias("address") for column in columns]).unique()
    careful = (
        ~addresses.str.contains(_IN_ORDER)
        | addresses.str.contains(_GMAIL_SPELLING)
        | (addresses.str.len_chars() > MAX_ADDRESS)
    )
    return {
        address: normalise_address(address)
        for address in addresses.filter(careful & (addresses != "")).sort()
    }


def _mailboxes(frame: pl.DataFrame) -> dict[str, str | None]:
    """The key of each mailbox that isn't normalised yet; None if it isn't an address. Gmail's keep their dots."""
    mailboxes = frame["mailbox"].drop_nulls().unique()
    careful = ~mailboxes.str.contains(_IN_ORDER) | (mailboxes.str.len_chars() > MAX_ADDRESS)
    return {text: mailbox_address(text) for text in mailboxes.filter(careful).sort()}


def _in_order(name: str, forms: Mapping[str, str | None]) -> pl.Expr:
    """The column as it is stored."""
    column = pl.col(name)
    if name == "importance":
        return pl.when(column.is_in(IMPORTANCE)).then(column).otherwise(pl.lit("normal")).alias(name)
    if name == "automated":
        # Whatever the kind was called: a person did not write this.
        known = column.is_null() | column.is_in(AUTOMATED)
        return pl.when(known).then(column).otherwise(pl.lit("bulk")).alias(name)
    if forms and name in {"mailbox", "sender"}:
        return column.replace(forms).fill_null("")
    if forms and name in _ADDRESS_LISTS:
        return column.list.eval(pl.element().replace(forms).drop_nulls()).list.unique(maintain_order=True)
    return column


def _unknown(name: str, known: tuple[str, ...]) -> pl.Expr:
    return pl.col(name).is_not_null() & ~pl.col(name).is_in(known)


def _has_any(unreadable: list[str]) -> pl.Expr:
    """An expression: whether one of these is among a row's senders and recipients."""
    if not unreadable:
        return pl.lit(value=False)
    lists = [pl.col(name).list.eval(pl.element().is_in(unreadable)).list.any() for name in _ADDRESS_LISTS]
    return pl.any_horizontal(pl.col("sender").is_in(unreadable), *lists)


def _reason(frame: pl.DataFrame, unreadable: list[str]) -> pl.Expr:
    """An expression: the reason for skipping a row, or null."""
    reason = pl.coalesce(
        *(pl.when(pl.col(name).is_null()).then(pl.lit(f"no {name}")) for name in _REQUIRED),
        *(
            pl.when(pl.col(name).str.len_chars() > MAX_ID).then(pl.lit(f"{name} too long"))
            for name in ("provider", "provider_id")
        ),
        pl.when(pl.col("mailbox").is_in(unreadable)).then(pl.lit("unreadable mailbox")),
    )
    labels = frame["labels"].explode().unique().drop_nulls()
    never_kept = {label: why for label in labels if (why := skip_reason([label]))}
    if not never_kept:
        return reason
    whys = pl.col("labels").list.eval(pl.element().replace_strict(never_kept, default=None).drop_nulls())
    return pl.coalesce(reason, whys.list.first())
