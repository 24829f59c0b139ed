"""The interchange format: checks the columns of a frame of messages, and converts its rows."""

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from connectors.base import AUTOMATED, IMPORTANCE, MESSAGE_SCHEMA, Skipped
from connectors.mail import mailbox_address, normalise_address
from connectors.mail.labels import skip_reason

_TEXTS = (pl.String, pl.Categorical, pl.Enum, pl.Null)
_NOTHING = pl.lit([], dtype=pl.List(pl.String))
_ADDRESS_LISTS = ("to", "cc", "bcc")
ADDED = ("dated_at",)
"""Columns that older files lack; they are read as null."""

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


def clean_rows(rows: pl.DataFrame, *, mailbox: str, first_row: int) -> CleanRows:
    """Return the rows of a file as messages; ``mailbox`` is the mailbox of rows that name none."""
    missing = (pl.lit(None, MESSAGE_SCHEMA[name]).alias(name) for name in ADDED if name not in rows.columns)
    frame = rows.with_columns(*missing).select(
        _converted(name, wanted) for name, wanted in MESSAGE_SCHEMA.items()
    )
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
    counts = (
        kept.select("unreadable_address", "unknown_importance", "unknown_automated").sum().row(0, named=True)
    )
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


def _forms(frame: pl.DataFrame) -> dict[str, str | None]:
    """The normalised form of each address that isn't normalised yet; None if it isn't an address."""
    columns = [frame["sender"], *(frame[name].explode() for name in _ADDRESS_LISTS)]
    addresses = pl.concat([column.drop_nulls().alias("address") for column in columns]).unique()
    careful = ~addresses.str.contains(_IN_ORDER) | addresses.str.contains(_GMAIL_SPELLING)
    return {
        address: normalise_address(address)
        for address in addresses.filter(careful & (addresses != "")).sort()
    }


def _mailboxes(frame: pl.DataFrame) -> dict[str, str | None]:
    """The key of each mailbox that isn't normalised yet; None if it isn't an address. Gmail's keep their dots."""
    mailboxes = frame["mailbox"].drop_nulls().unique()
    return {
        text: mailbox_address(text) for text in mailboxes.filter(~mailboxes.str.contains(_IN_ORDER)).sort()
    }


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
        pl.when(pl.col("mailbox").is_in(unreadable)).then(pl.lit("unreadable mailbox")),
    )
    labels = frame["labels"].explode().unique().drop_nulls()
    never_kept = {label: why for label in labels if (why := skip_reason([label]))}
    if not never_kept:
        return reason
    whys = pl.col("labels").list.eval(pl.element().replace_strict(never_kept, default=None).drop_nulls())
    return pl.coalesce(reason, whys.list.first())
