"""Judges the answers of OAuth token endpoints, for every provider, before a vendor's library reads them."""

import json
import logging
from collections.abc import Mapping
from typing import Any

LONGEST_LIFETIME = 10**9
"""Seconds; a token that is valid for longer can't be meant."""

for _name in (
    *("msal", "google", "google_auth_httplib2", "googleapiclient"),
    *("oauthlib", "requests_oauthlib", "authlib", "urllib3"),
):
    # These log whole answers of token endpoints, with the tokens in them. Our errors say the same without.
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class UnwellEndpointError(Exception):
    """A token endpoint neither granted nor rejected a sign-in, so that the same request may succeed later."""

    def __init__(self, text: str, headers: Mapping[str, str]) -> None:
        super().__init__(text)
        self.headers = headers
        """The headers of the answer by lower-case name, for ``Retry-After``."""


def json_answer(status: int, headers: Mapping[str, str], body: bytes | str) -> Mapping[str, Any]:
    """Return the JSON object that a sign-in service sent: a grant, a rejection or a description (RFC 6749, 5).

    Args:
        status: the HTTP status.
        headers: the headers by lower-case name.
        body: the whole body, as it was received.

    Raises:
        UnwellEndpointError: the server is busy or fails, the body isn't a JSON object (a proxy's page, or cut off), or
            a grant makes no sense. Its text has nothing from the answer, which may contain a token.
    """
    if status in {408, 425, 429} or status >= 500:
        raise UnwellEndpointError(f"the sign-in service answered {status}", headers)
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise UnwellEndpointError("the answer of the sign-in service is not a JSON object", headers)
    if "access_token" in document and not _is_grant(document):
        raise UnwellEndpointError("the answer of the sign-in service is incomplete", headers)
    return document


def token_answer(status: int, headers: Mapping[str, str], body: bytes | str) -> Mapping[str, Any]:
    """Return the grant or the rejection of a token endpoint; for the arguments see ``json_answer``.

    Raises:
        UnwellEndpointError: as for ``json_answer``, and if an answer of success has no token.
    """
    document = json_answer(status, headers, body)
    if status == 200 and "access_token" not in document:
        raise UnwellEndpointError("the answer of the sign-in service has no token", headers)
    return document


def _is_grant(document: Mapping[str, Any]) -> bool:
    """Return whether the token can be sent in a header, and its lifetime in seconds is a plausible number."""
    token, seconds = document["access_token"], document.get("expires_in", 0)
    if not isinstance(token, str) or not token.strip() or not token.isascii() or not token.isprintable():
        return False
    try:
        return not isinstance(seconds, bool) and 0 <= int(seconds) <= LONGEST_LIFETIME
    except (ValueError, TypeError, OverflowError):
        return False
