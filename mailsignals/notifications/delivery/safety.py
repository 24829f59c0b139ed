"""The rules for recipients of email; decisions only."""

from collections.abc import Collection

from mailsignals.accounts.addresses import plain_address


def delivery_problem(csm: str | None, allowed_domains: Collection[str]) -> str | None:
    """Return the reason why nothing may be sent to a CSM, with advice; None if mail may be sent.

    An allowed domain allows its subdomains too.
    """
    if csm is None:
        return "These accounts have no CSM. Enter one in column csm of the account list."
    recipient = plain_address(csm)
    if recipient is None:
        return "The CSM is not an email address. Enter the address in column csm of the account list."
    domain = recipient.rpartition("@")[2]
    if any(domain == allowed or domain.endswith(f".{allowed}") for allowed in allowed_domains):
        return None
    return f"Email to {domain} is not allowed. To allow it, add it to digest.allowed_domains."
