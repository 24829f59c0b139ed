"""Who wrote a mail, also where a group or a list put its own address into ``From``."""

import re
from collections.abc import Callable

from connectors.mail.addresses import normalise_address, read_mailbox
from connectors.mail.header_text import MAX_TEXT, decode_words
from connectors.mail.headers import Headers
from connectors.mail.mailboxes import split_mailboxes

Own = Callable[[str], bool]
"""Whether a normalised address is one of our own."""

_ORIGINALS = ("x-original-from", "x-original-sender")
_VIA = re.compile(r"\S\s+via\s+\S", re.IGNORECASE)


def read_sender(headers: Headers, own: Own, defects: set[str]) -> str:
    """The address in ``From``, or the author's where one of our own lists rewrote it; empty if there is none.

    A list has rewritten ``From`` where the address is our own and the name says "… via …", or
    ``X-Original-From`` or ``X-Original-Sender`` names a stranger. ``Reply-To`` is believed in the first case
    only: people of ours set one, too.
    """
    name, sender = read_mailbox(headers.all("from"), defects)
    if sender is None:
        defects.add("no_sender")
        return ""
    via = "via" in name.lower() or "=?" in name
    if not via and not any(header in headers.values for header in _ORIGINALS):
        return sender
    if not own(sender):
        return sender
    via = _VIA.search(decode_words(name[:MAX_TEXT], defects)) is not None
    others = _others(headers, (*_ORIGINALS, "reply-to") if via else _ORIGINALS, sender)
    strangers = [address for address in others if not own(address)]
    if strangers:
        return strangers[0]
    return others[0] if via and others else sender


def _others(headers: Headers, names: tuple[str, ...], sender: str) -> list[str]:
    """The addresses in these headers that are not the sender's."""
    return [
        address
        for name in names
        for value in headers.all(name)
        for _, text in split_mailboxes(value)
        if (address := normalise_address(text)) not in {None, sender}
    ]
