"""From the claims of an issuer to an address that may be believed, and groups."""

from collections.abc import Mapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from mailsignals.config.dashboard import OidcSection
from mailsignals.web.access.proxy import ProxyIdentity
from mailsignals.web.access.roles import address_in

Claims: TypeAlias = Mapping[str, Any]

GOOGLE = "accounts.google.com"


def identity(claims: Claims, section: OidcSection) -> ProxyIdentity | str:
    """Return the identity in verified claims, or the reason why their address is not trusted.

    An address is only as reliable as whoever checked it. Microsoft lets every tenant write anything into ``email``, so
    there the address is ``preferred_username``, whose domain the tenant owns, and guests of the tenant are refused.
    Google vouches only for addresses of organisations, which have the claim ``hd``. Other issuers state that they
    verified an address.
    """
    claim = section.address_claim or ("preferred_username" if section.is_microsoft else "email")
    doubt = _doubt(claims, section, claim)
    if doubt:
        return doubt
    text = claims.get(claim)
    address = address_in(text) if isinstance(text, str) else None
    if address is None:
        return f"the claim {claim!r} holds no address"
    return ProxyIdentity(address, groups_in(claims, section.groups_claim))


def _doubt(claims: Claims, section: OidcSection, claim: str) -> str | None:
    if section.is_microsoft:
        if _is_guest(claims):
            return "this is a guest of the tenant, whose address another one vouches for"
        if claim == "email" and not _is_true(claims.get("xms_edov")):
            return "Microsoft does not say that the owner of the domain verified this address (xms_edov)"
        return None
    if claim == "email" and not _is_true(claims.get("email_verified")):
        return "the issuer does not say that this address was verified (email_verified)"
    if urlsplit(section.issuer).hostname == GOOGLE and not claims.get("hd"):
        return "this is a private Google account, and none of an organisation (hd)"
    return None


def _is_guest(claims: Claims) -> bool:
    name, home = str(claims.get("preferred_username", "")), claims.get("idp")
    return (
        str(claims.get("acct", 0)) == "1"
        or "#ext#" in name.lower()
        or (home is not None and home != claims.get("iss"))
    )


def _is_true(value: object) -> bool:
    """Some issuers write texts and numbers."""
    return value is True or str(value).lower() in {"true", "1"}


def groups_in(claims: Claims, claim: str) -> tuple[str, ...]:
    """The groups in a claim, which may lie within another one: ``realm_access.roles``."""
    found: object = claims.get(claim)
    if found is None:
        found = claims
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    listed = [found] if isinstance(found, str) else found
    return tuple(each for each in listed if isinstance(each, str)) if isinstance(listed, list) else ()
