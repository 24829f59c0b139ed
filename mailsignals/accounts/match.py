"""Matches addresses to accounts, and recognises internal ones."""

from collections.abc import Iterable, Mapping

import polars as pl

from mailsignals.accounts.book import Book
from mailsignals.accounts.company import Company
from mailsignals.schema import Role

_NOBODY = -1
"""The account number of free-mail domains: the search ends there without an account."""


def match(addresses: pl.Series, *, company: Company, book: Book, free_mail: frozenset[str]) -> pl.DataFrame:
    """Return the side, role and account of each distinct normalised address, in the order of first appearance.

    Nulls are left out.

    Internal addresses come first. Else it is the account that lists the address as a contact, else the one with the
    longest domain at or above the address's. Free-mail domains, and domains above them, never match.

    Returns:
        ``address`` (str), ``internal`` (bool), ``role`` (``schema.Role``, null if external) and ``account``
        (u32, the row in the account list, null if internal or unmatched).
    """
    # The list's own mapping comes first, so that a listed free-mail domain is overwritten.
    claims = {**book.domains, **dict.fromkeys(free_mail, _NOBODY)}
    frame = pl.DataFrame({"address": addresses.cast(pl.String)}).drop_nulls().unique(maintain_order=True)
    frame = frame.with_columns(domain=pl.col("address").str.extract(r"@([^@]*)$"))
    domains = frame.select(pl.col("domain").drop_nulls().unique()).select(
        "domain",
        own=_nearest(dict.fromkeys(company.domains, 0)).is_not_null(),
        claimed=_nearest(claims),
    )
    address, internal = pl.col("address"), pl.col("internal")
    listed = address.is_in([*company.addresses, *company.roles])
    role = address.replace_strict(dict(company.roles), default="other", return_dtype=Role)
    contact = address.replace_strict(dict(book.contacts), default=None, return_dtype=pl.Int64)
    claimed = pl.col("claimed").replace(_NOBODY, None)
    return (
        frame.join(domains, on="domain", how="left", maintain_order="left")
        .with_columns(internal=listed | pl.col("own").fill_null(value=False))
        .select(
            "address",
            "internal",
            role=pl.when(internal).then(role),
            account=pl.when(~internal).then(pl.coalesce(contact, claimed)).cast(pl.UInt32),
        )
    )


def unclaimed_domains(
    senders: pl.Series, *, company: Company, book: Book, free_mail: frozenset[str]
) -> pl.DataFrame:
    """Return the external domains without an account, except free mail, with their number of emails in ``senders``.

    Returns:
        ``domain`` (str) and ``messages`` (u32), the most frequent first.
    """
    known = match(senders, company=company, book=book, free_mail=free_mail)
    strangers = known.filter(~pl.col("internal") & pl.col("account").is_null()).select("address")
    domain = pl.col("address").str.extract(r"@([^@]*)$")
    return (
        pl.DataFrame({"address": senders.cast(pl.String)})
        .join(strangers, on="address", how="semi")
        .select(domain=domain)
        .filter(_nearest(dict.fromkeys(free_mail, 0)).is_null() & (pl.col("domain") != ""))
        .group_by("domain")
        .agg(messages=pl.len())
        .sort("messages", "domain", descending=[True, False])
    )


def _nearest(numbers: Mapping[str, int]) -> pl.Expr:
    """The account number of the longest of these domains at or above ``domain``; null without one."""
    labels = pl.col("domain").str.split(".")
    suffixes = (labels.list.tail(depth).list.join(".") for depth in _depths(numbers))
    found = [suffix.replace_strict(dict(numbers), default=None, return_dtype=pl.Int64) for suffix in suffixes]
    return pl.coalesce(*found, pl.lit(None, dtype=pl.Int64))


def _depths(domains: Iterable[str]) -> list[int]:
    """The numbers of labels in domains, largest first."""
    return sorted({domain.count(".") + 1 for domain in domains}, reverse=True)
