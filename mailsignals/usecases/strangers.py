"""Addresses outside the account list inside customers' conversations, with what to add to the list."""

import itertools
import re

import polars as pl

from connectors.mail import is_no_reply
from mailsignals.accounts import Book, Company, spellings, unclaimed_domains
from mailsignals.accounts.book import numbered_accounts
from mailsignals.accounts.shared import is_public_suffix
from mailsignals.workspace import Snapshot

SHOWN = 20
"""The most addresses that are listed."""

STRANGER_ROWS_SCHEMA = pl.Schema(
    {
        "address": pl.String(),
        "mails": pl.UInt32(),
        "account_id": pl.String(),
        "name": pl.String(),
        "accounts": pl.UInt32(),
        "column": pl.String(),
        "entry": pl.String(),
    }
)
"""One row per address outside the account list, with the account whose conversations name it most often.

``mails`` counts the emails in conversations of all ``accounts`` that name the address. ``entry`` is the text to add to
the account's ``column`` of the account list; both are null where several accounts name the address.
"""

# Words of a local part and labels of a domain that belong to programs and mailing lists.
_LIST_NAME = re.compile(
    r"(?:^|[._-])(?:lists?|listserv|mailing-?list|mailman|majordomo|announce(?:ments?)?|newsletters?|discuss"
    r"|(?:un)?subscribe|bounces?|notifications?|mailer(?:-daemon)?|postmaster)(?:$|[._-])"
    r"|^(?:owner-|repl(?:y|ies)$)|-(?:l|dev|users|request|owner)$|=",
)
_LIST_DOMAIN = re.compile(
    r"(?:^|\.)(?:lists?|listserv|mailman|groups?|googlegroups|yahoogroups|freelists|bounces?|repl(?:y|ies))\."
)
_FORGOTTEN = re.compile(r"^forgotten-[0-9a-f]{16}@")


def strangers_to_list(snapshot: Snapshot) -> pl.DataFrame:
    """Return the addresses in customers' conversations that no account has, in ``STRANGER_ROWS_SCHEMA``.

    The most frequent come first. Addresses of lists and programs, erased people, and the mailboxes themselves are
    omitted.
    """
    workspace = snapshot.workspace
    people = snapshot.people.select("person", "address")
    named = snapshot.strangers.join(people, on="person").select("address", "account", "mails")
    mailboxes = snapshot.messages.select(pl.col("mailbox").unique()).collect()["mailbox"]
    company = workspace.settings.our_company
    known = spellings(*mailboxes) | company.forms
    rows = suggested_entries(
        named.filter(~pl.col("address").is_in(list(known))),
        company=company,
        book=workspace.book,
        free_mail=workspace.settings.free_mail,
    )
    names = numbered_accounts(workspace.book.accounts, ["account_id", "name"])
    return rows.join(names, on="account", maintain_order="left").select(STRANGER_ROWS_SCHEMA.names())


def suggested_entries(
    named: pl.DataFrame, *, company: Company, book: Book, free_mail: frozenset[str]
) -> pl.DataFrame:
    """Return at most ``SHOWN`` addresses, the most frequent ones, with the text to add to the account list.

    An address of free mail or of a public suffix is suggested as a contact. Any other address suggests its domain,
    unless several accounts have conversations with that domain: then it is suggested as a contact, too.

    Args:
        named: ``address``, ``account`` and ``mails``, one row per address and account.
        company: the company.
        book: the account list.
        free_mail: domains of free-mail services.

    Returns:
        ``STRANGER_ROWS_SCHEMA`` with ``account`` in place of account id and name.
    """
    ranked = (
        named.sort("mails", "account", descending=[True, False])
        .group_by("address", maintain_order=True)
        .agg(pl.col("account").first(), pl.col("mails").sum(), accounts=pl.col("account").n_unique())
        .sort("mails", "address", descending=[True, False])
    )
    shown = list(itertools.islice(filter(is_persons, ranked["address"]), SHOWN))
    domain = pl.col("address").str.extract(r"@([^@]*)$")
    by_domain = named.group_by(domain=domain).agg(accounts_of_domain=pl.col("account").n_unique())
    strange = unclaimed_domains(
        pl.Series(shown, dtype=pl.String), company=company, book=book, free_mail=free_mail
    )
    companies = [name for name in strange["domain"] if not is_public_suffix(name)]
    is_domain = domain.is_in(companies) & (pl.col("accounts_of_domain") == 1)
    return (
        ranked.filter(pl.col("address").is_in(shown))
        .with_columns(domain=domain)
        .join(by_domain, on="domain", how="left", maintain_order="left")
        .with_columns(
            column=pl.when(is_domain).then(pl.lit("domains")).otherwise(pl.lit("contacts")),
            entry=pl.when(is_domain).then("domain").otherwise("address"),
        )
        .with_columns(pl.when(pl.col("accounts") == 1).then(pl.col("column", "entry")))
        .select("account", "address", "mails", pl.col("accounts").cast(pl.UInt32), "column", "entry")
    )


def is_persons(address: str) -> bool:
    """Return whether a normalised address may be a person's or a team's, rather than a list's or a program's."""
    name, at, domain = address.rpartition("@")
    return bool(at and name) and not (
        is_no_reply(address)
        or _LIST_NAME.search(name)
        or _LIST_DOMAIN.search(domain)
        or _FORGOTTEN.match(address)
    )
