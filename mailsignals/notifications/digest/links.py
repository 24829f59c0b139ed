"""Links into the dashboard; links to the feedback form are signed and expire."""

import dataclasses
import datetime as dt
import hashlib
import hmac
import json
from urllib.parse import quote, urlencode

import itsdangerous
from itsdangerous.encoding import base64_decode, base64_encode

LAST = dt.timedelta(days=30)
"""The time for which a link works, from the date of its email."""
_LAST_SECONDS = int(LAST.total_seconds())

BY_LINK = "The status links on a card work for 30 days and take effect after you confirm."
"""How to give feedback where cards have links."""

_PURPOSE = "feedback on a flag"
"""The purpose of a signature, which keeps other signatures by the same secret from passing for it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Permit:
    """The right of a link's holder to give feedback on one flag in the name of its CSM."""

    account_id: str
    csm: str
    opened_on: dt.date
    """The day on which the flag opened."""


class ForgedError(Exception):
    """The token was not made by this store: cut short, altered, or forged."""


class ExpiredError(Exception):
    """The token is valid, and its time is over."""

    def __init__(self, permit: Permit) -> None:
        super().__init__("expired")
        self.permit = permit


@dataclasses.dataclass(frozen=True, kw_only=True)
class Links:
    """The dashboard's addresses for emails of one point in time."""

    url: str
    """The address of the dashboard, without a slash at its end."""
    secret: bytes = dataclasses.field(repr=False)
    at: dt.datetime

    def ticket(self, ticket: str) -> str:
        """Return the address of a ticket's page."""
        return f"{self.url}/sla/tickets/{quote(ticket, safe='')}"

    def account(self, account_id: str) -> str:
        """Return the address of an account's page."""
        return f"{self.url}/accounts/{quote(account_id, safe='')}"

    def accounts(self, csm: str | None) -> str:
        """Return the address of a CSM's account list; of all accounts without a CSM."""
        return f"{self.url}/accounts" + (f"?{urlencode({'csm': csm})}" if csm else "")

    def feedback(self, permit: Permit) -> str:
        """Return the address of the feedback form of a flag."""
        return f"{self.url}/feedback?token={token(permit, secret=self.secret, at=self.at)}"


def token(permit: Permit, *, secret: bytes, at: dt.datetime) -> str:
    """Return the signed text that stands for a permit in a link.

    It is not secret, and is equal for equal permits and times.
    """
    parts = json.dumps([permit.account_id, permit.csm, permit.opened_on.isoformat()])
    return _At(secret, at).sign(base64_encode(parts)).decode()


def permit_of(text: str, *, secret: bytes, at: dt.datetime) -> Permit:
    """Return the permit in a token.

    Raises:
        ForgedError: this store did not make the token.
        ExpiredError: the token is older than 30 days.
    """
    if not text.isascii():
        raise ForgedError
    try:
        parts, signed_at = _At(secret, at).unsign(text, _LAST_SECONDS, return_timestamp=True)
        expired = False
    except itsdangerous.SignatureExpired as error:
        parts, signed_at, expired = error.payload or b"", error.date_signed or at, True
    except itsdangerous.BadData:
        raise ForgedError from None
    permit = _permit(parts)
    # Base64 has several spellings of the same bytes; only ours counts.
    if not hmac.compare_digest(token(permit, secret=secret, at=signed_at), text):
        raise ForgedError
    if expired:
        raise ExpiredError(permit)
    return permit


def _permit(parts: bytes) -> Permit:
    """Return the permit of signed parts, which need no further check."""
    account_id, csm, opened_on = json.loads(base64_decode(parts))
    return Permit(account_id=account_id, csm=csm, opened_on=dt.date.fromisoformat(opened_on))


class _At(itsdangerous.TimestampSigner):
    """A signer whose current time is given."""

    def __init__(self, secret: bytes, at: dt.datetime) -> None:
        super().__init__(secret, salt=_PURPOSE, key_derivation="hmac", digest_method=hashlib.sha256)
        self._at = at

    def get_timestamp(self) -> int:
        """Return the given time in seconds since 1970."""
        return int(self._at.timestamp())
