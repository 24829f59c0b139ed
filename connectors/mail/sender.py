"""Finds the sender of an email, also if a group, a list or a contact form put another address into ``From``."""

import dataclasses
import re
from collections.abc import Callable

from connectors.mail.addresses import normalise_address, read_addresses, read_mailbox
from connectors.mail.header_text import MAX_TEXT, decode_words
from connectors.mail.headers import Headers
from connectors.mail.mailboxes import split_mailboxes

_ORIGINALS = ("x-original-from", "x-original-sender")
_VIA = re.compile(r"\S\s+via\s+\S", re.IGNORECASE)
_DAEMON_NAME = re.compile(r"\bmailer-daemon\b", re.IGNORECASE)


@dataclasses.dataclass(frozen=True, slots=True)
class Own:
    """The internal addresses; a call with a normalised address returns whether it is one of them."""

    is_own: Callable[[str], bool]
    """Return whether a normalised address is internal."""
    forms: frozenset[str] = frozenset()
    """Normalised addresses of contact forms; the address of the person who filled one in is in ``Reply-To``."""

    def __call__(self, address: str) -> bool:
        """Return whether a normalised address is internal."""
        return self.is_own(address)


def is_daemon(headers: Headers, sender: str) -> bool:
    """Return whether a mailer daemon sent an email; some have a name but no address."""
    return sender.startswith("mailer-daemon@") or (
        not sender and _DAEMON_NAME.search(headers.first("from")) is not None
    )


def read_sender(headers: Headers, own: Own, defects: set[str], *, sent_by: str | None = None) -> str:
    """Return the address of the sender; empty if there is none.

    It is the address in ``From``, with three exceptions. For a contact form, it is the first of ``Reply-To``. If an
    internal list rewrote ``From``, it is the author: the address is internal, and the name is like "… via …", or
    ``X-Original-From`` or ``X-Original-Sender`` is an external address. ``Reply-To`` counts only with "… via …",
    because colleagues set one, too. ``sent_by`` is the mailbox of a copy in its sent mail, for a ``From`` that is
    unreadable or a mailer daemon (readpst writes that for addresses of Exchange).
    """
    name, sender = read_mailbox(headers.all("from"), defects)
    if sent_by is not None and (sender is None or is_daemon(headers, sender)):
        return sent_by
    if sender is None:
        defects.add("no_sender")
        return ""
    if sender in own.forms:
        return next(iter(read_addresses(headers.all("reply-to"), defects)), sender)
    may_be_via = "via" in name.lower() or "=?" in name
    if (may_be_via or any(header in headers.values for header in _ORIGINALS)) and own(sender):
        return _author(headers, name, sender, own, defects)
    return sender


def _author(headers: Headers, name: str, sender: str, own: Own, defects: set[str]) -> str:
    """The author of an email that an internal address may have forwarded under its own name."""
    via = _VIA.search(decode_words(name[:MAX_TEXT], defects)) is not None
    others = _others(headers, (*_ORIGINALS, "reply-to") if via else _ORIGINALS, sender)
    strangers = [address for address in others if not own(address)]
    if strangers:
        return strangers[0]
    return others[0] if via and others else sender


def _others(headers: Headers, names: tuple[str, ...], sender: str) -> list[str]:
    """The addresses in these headers that aren't the sender's."""
    return [
        address
        for name in names
        for value in headers.all(name)
        for _, text in split_mailboxes(value)
        if (address := normalise_address(text)) not in {None, sender}
    ]
