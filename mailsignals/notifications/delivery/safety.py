"""Whom mail may go to; decisions only."""

from collections.abc import Collection

from mailsignals.accounts.addresses import plain_address


def delivery_problem(csm: str | None, allowed_domains: Collection[str]) -> str | None:
    """Return the reason why nothing may be sent to a CSM, with advice; None if mail may be sent.

    An allowed domain allows its subdomains too.
    """
    if csm is None:
        return "These accounts have no CSM. Name one in the csm column of the accounts file."
    recipient = plain_address(csm)
    if recipient is None:
        return "This is no address. Put the CSM's address into the csm column of the accounts file."
    domain = recipient.rpartition("@")[2]
    if any(domain == allowed or domain.endswith(f".{allowed}") for allowed in allowed_domains):
        return None
    return f"Mail may not go to {domain}. If it should, add it to digest.allowed_domains."
