"""Normalises typed domains and addresses to their form in messages."""

import re
import unicodedata

from connectors.mail import fold_gmail, mailbox_address, normalise_address

_NOT_IN_A_NAME = re.compile(r"""[\s<>()\[\],;:"\\@]""")
"""Characters that a local part may contain only in quotes (RFC 5322, 3.2.3); colleagues' addresses don't."""


def domain_of(text: str) -> str:
    """Return a domain in the form of ``normalise_address``: lower case, in ASCII, without a final dot.

    Raises:
        ValueError: it isn't a domain; the text names the problem and the remedy.
    """
    text = text.strip()
    if "@" in text:
        raise ValueError(f"{text!r} is an address; use a domain such as example.com")
    if "/" in text:
        raise ValueError(f"{text!r} is a web address; use the domain only, such as example.com")
    address = normalise_address(f"x@{text}")
    domain = address.removeprefix("x@") if address else ""
    if "." not in domain or domain.startswith("["):
        raise ValueError(
            f"{text!r} is not a domain; use one such as example.com, which includes its subdomains"
        )
    return domain


def address_of(text: str) -> str:
    """Return an address in the form of ``normalise_address``: lower case, without a ``+tag``, its domain in ASCII.

    Raises:
        ValueError: it isn't an address; the text names the problem and the remedy.
    """
    address = normalise_address(text.strip())
    if address is None:
        raise ValueError(f"{text.strip()!r} is not an address; use one such as ana@example.com")
    return address


def mailbox_of(text: str) -> str:
    """Return the name of a mailbox in its stored messages: as ``address_of``, but with the dots of Gmail addresses.

    Raises:
        ValueError: it isn't an address; the text names the problem and the remedy.
    """
    address_of(text)
    return mailbox_address(text.strip()) or text


def spellings(*mailboxes: str) -> set[str]:
    """Return the names of mailboxes and their addresses in messages; the two differ for Gmail only."""
    return {spelled for mailbox in mailboxes for spelled in (mailbox, fold_gmail(mailbox))}


def plain_address(text: str) -> str | None:
    """Return an address that email can be sent to, its domain in ASCII; None if it isn't a single plain address."""
    try:
        domain = address_of(text).rpartition("@")[2]
    except ValueError:
        return None
    local = text.strip().rpartition("@")[0]
    if _NOT_IN_A_NAME.search(local) or any(unicodedata.category(sign)[0] == "C" for sign in local):
        return None
    return f"{local}@{domain}".lower()


def address_in(text: str) -> str | None:
    """Return a verified address in lower case; None if the text is not an address.

    Only ASCII is accepted, because some letters of other alphabets become plain letters in lower case. The part before
    the @ stays whole: only the mail system knows if ``ana+x@`` and ``ana@`` are the same person.
    """
    address = text.strip()
    local, at, domain = address.rpartition("@")
    odd = not address.isascii() or any(
        letter <= " " or letter in '\x7f"<>(),:;@[\\]' for letter in local + domain
    )
    return None if odd or not (local and at and "." in domain) else address.lower()
