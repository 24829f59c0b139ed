"""Whom mail may go to; decisions only."""

import re
import unicodedata
from collections.abc import Collection

from mailsignals.accounts import address_of

_NOT_IN_A_NAME = re.compile(r"""[\s<>()\[\],;:"\\@]""")
"""What stands in the local part of an address only between quotes (RFC 5322, 3.2.3), which no colleague's needs."""


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


def why_not(csm: str | None, allowed_domains: Collection[str]) -> str | None:
    """Why nothing may be sent to a CSM; None if it may. A domain stands for what lies below it, too."""
    if csm is None:
        return "These accounts have no CSM. Name one in the csm column of the accounts file."
    recipient = plain_address(csm)
    if recipient is None:
        return "This is no address. Put the CSM's address into the csm column of the accounts file."
    domain = recipient.rpartition("@")[2]
    if any(domain == allowed or domain.endswith(f".{allowed}") for allowed in allowed_domains):
        return None
    return f"Mail may not go to {domain}. If it should, add it to digest.allowed_domains."
