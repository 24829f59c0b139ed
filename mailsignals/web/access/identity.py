"""From the claims of an issuer to a trusted address and groups."""

from collections.abc import Mapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from mailsignals.accounts.addresses import address_in
from mailsignals.config.dashboard import OidcSection
from mailsignals.web.access.proxy import ProxyIdentity

Claims: TypeAlias = Mapping[str, Any]

GOOGLE = "accounts.google.com"


def identity(claims: Claims, section: OidcSection) -> ProxyIdentity | str:
    """Return the identity in verified claims, or the reason why their address is not trusted.

    Microsoft lets every tenant write anything into ``email``, so there the address is ``preferred_username``, whose
    domain the tenant owns, and guests of the tenant are refused. Google only verifies addresses of organisations, which
    have the claim ``hd``. Other issuers must state that they verified the address.
    """
    claim = section.address_claim or ("preferred_username" if section.is_microsoft else "email")
    doubt = _doubt(claims, section, claim)
    if doubt:
        return doubt
    text = claims.get(claim)
    address = address_in(text) if isinstance(text, str) else None
    if address is None:
        return f"the claim {claim!r} has no address"
    return ProxyIdentity(address, groups_in(claims, section.groups_claim))


def _doubt(claims: Claims, section: OidcSection, claim: str) -> str | None:
    if section.is_microsoft:
        if _is_guest(claims):
            return "this is a guest account of the tenant"
        if claim == "email" and not _is_true(claims.get("xms_edov")):
            return "Microsoft has not verified the domain of this address (xms_edov)"
        return None
    if claim == "email" and not _is_true(claims.get("email_verified")):
        return "the issuer has not verified this address (email_verified)"
    if urlsplit(section.issuer).hostname == GOOGLE and not claims.get("hd"):
        return "this is a private Google account, not one of an organisation (hd)"
    return None


def _is_guest(claims: Claims) -> bool:
    name, home = str(claims.get("preferred_username", "")), claims.get("idp")
    return (
        str(claims.get("acct", 0)) == "1"
        or "#ext#" in name.lower()
        or (home is not None and home != claims.get("iss"))
    )


def _is_true(value: object) -> bool:
    """Return true for a true claim, which some issuers write as a text or number."""
    return value is True or str(value).lower() in {"true", "1"}


def groups_in(claims: Claims, claim: str) -> tuple[str, ...]:
    """Return the groups in a claim; a dot means a nested claim, as in ``realm_access.roles``."""
    found: object = claims.get(claim)
    if found is None:
        found = claims
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    listed = [found] if isinstance(found, str) else found
    return tuple(each for each in listed if isinstance(each, str)) if isinstance(listed, list) else ()
