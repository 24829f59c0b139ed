"""Domains and addresses that people typed, in the form in which they stand in messages."""

import re
import unicodedata

from connectors.mail import fold_gmail, mailbox_address, normalise_address

_NOT_IN_A_NAME = re.compile(r"""[\s<>()\[\],;:"\\@]""")
"""What stands in the local part of an address only between quotes (RFC 5322, 3.2.3), which no colleague's needs."""


def domain_of(text: str) -> str:
    """A domain as ``normalise_address`` writes it: lower case, in ASCII, without a final dot.

    Raises:
        ValueError: saying what is wrong and what to write instead.
    """
    text = text.strip()
    if "@" in text:
        raise ValueError(f"{text!r} is an address; a domain is wanted, such as example.com")
    if "/" in text:
        raise ValueError(f"{text!r} is a web address; write the domain alone, such as example.com")
    address = normalise_address(f"x@{text}")
    domain = address.removeprefix("x@") if address else ""
    if "." not in domain or domain.startswith("["):
        raise ValueError(f"{text!r} is not a domain such as example.com (what lies below one is included)")
    return domain


def address_of(text: str) -> str:
    """An address as ``normalise_address`` writes it: lower case, without a ``+tag``, its domain in ASCII, folded.

    Raises:
        ValueError: saying what is wrong and what to write instead.
    """
    address = normalise_address(text.strip())
    if address is None:
        raise ValueError(f"{text.strip()!r} is not an address such as ana@example.com")
    return address


def mailbox_of(text: str) -> str:
    """A mailbox as its stored messages name it: as ``address_of``, but with the dots that Gmail does not see.

    Raises:
        ValueError: saying what is wrong and what to write instead.
    """
    address_of(text)
    return mailbox_address(text.strip()) or text


def spellings(*mailboxes: str) -> set[str]:
    """Return the names of mailboxes and their addresses as messages spell them, which differ at Gmail alone."""
    return {spelled for mailbox in mailboxes for spelled in (mailbox, fold_gmail(mailbox))}


def plain_address(text: str) -> str | None:
    """An address that mail can be sent to, its domain in ASCII; None if this is no single plain address."""
    try:
        domain = address_of(text).rpartition("@")[2]
    except ValueError:
        return None
    local = text.strip().rpartition("@")[0]
    if _NOT_IN_A_NAME.search(local) or any(unicodedata.category(sign)[0] == "C" for sign in local):
        return None
    return f"{local}@{domain}".lower()
