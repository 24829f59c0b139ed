"""Judges messages stored by an older version by the current rules, as far as the stored columns suffice.

Rules about other headers need a new reading: a migration resets all cursors.
"""

import polars as pl

from connectors.base import INSTANT
from connectors.mail import Headers, Own, fold_gmail
from connectors.mail.automated import MailFacts, judge_stored
from connectors.mail.labels import among_sent

RULES = 1
"""The version of these rules, increased with each change; the catalogue records the version of its rows."""

_GMAIL = r"@(?:gmail|googlemail)\.com$"
_NOBODY = Own(lambda _: False)


def with_dated_at(page: bytes) -> bytes:
    """Return the messages of a page without ``dated_at``, with that column added as null."""
    rows = pl.read_ipc(page)
    dates = pl.Series("dated_at", [None] * rows.height, INSTANT)
    rows.insert_column(rows.columns.index("sent_at") + 1, dates)
    return rows.write_ipc(None, compression="lz4").getvalue()


def mailbox_of(page: bytes) -> tuple[str | None, str | None]:
    """Return the provider and the mailbox of a page's messages; None where it only removes messages."""
    rows = pl.read_ipc(page, columns=["provider", "mailbox"]).drop_nulls()
    return rows.row(0) if rows.height else (None, None)


def judge_anew(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with normalised Gmail addresses, and ``automated`` by the current rules.

    Args:
        rows: ``STORED_SCHEMA``; records of removed messages stay unchanged.
    """
    spelled = _spelled(rows)
    told = spelled.select("sender", "subject", "labels", "automated", ids=pl.col("references").list.len())
    judged = [_judged(*row) for row in told.iter_rows()]
    return spelled.with_columns(automated=pl.Series(judged, dtype=pl.String))


def _judged(
    sender: str | None,
    subject: str | None,
    labels: list[str] | None,
    automated: str | None,
    ids: int | None,
) -> str | None:
    if sender is None:  # the record of a removed message
        return automated
    values = {"from": [sender], "subject": [subject or ""], **({"references": ["<x>"]} if ids else {})}
    facts = MailFacts(Headers(values), sender, subject or "", among_sent(labels or ()), _NOBODY)
    return judge_stored(facts, automated)


def _spelled(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with normalised Gmail addresses, except names of mailboxes."""
    lists = ("to", "cc", "bcc")
    written = pl.concat([rows["sender"], *(rows[name].explode() for name in lists)]).unique().drop_nulls()
    folded = {
        address: fold_gmail(address) for address in written.filter(written.str.contains(_GMAIL)).to_list()
    }
    other = {address: one for address, one in folded.items() if address != one}
    if not other:
        return rows
    return rows.with_columns(
        pl.col("sender").replace(other),
        pl.col(*lists).list.eval(pl.element().replace(other)).list.unique(maintain_order=True),
    )
