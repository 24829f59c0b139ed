"""Links into the dashboard; those that say something of a flag are signed, and expire."""

import dataclasses
import datetime as dt
import hashlib
import hmac
import json
from urllib.parse import quote, urlencode

import itsdangerous
from itsdangerous.encoding import base64_decode, base64_encode

KEY = "links.key"
"""The file of the store's secret that signs them."""

LAST = dt.timedelta(days=30)
"""How long a link may be followed after the instant of the mail that it is in."""
_LAST_SECONDS = int(LAST.total_seconds())

BY_LINK = "Not at risk, not now, or saved? The links on a card say so for 30 days; nothing is kept before you confirm."
"""How to say it, where cards have links."""

_PURPOSE = "feedback on a flag"
"""What a signature is for: the same secret signs nothing else that would pass for it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Permit:
    """The right of whoever holds a link to give feedback on one flag in the name of its CSM."""

    account_id: str
    csm: str
    opened_on: dt.date
    """When the flag opened."""


class ForgedError(Exception):
    """The text is no link of ours: cut short, altered, or made up."""


class ExpiredError(Exception):
    """The link was ours, and its time is over."""

    def __init__(self, permit: Permit) -> None:
        super().__init__("expired")
        self.permit = permit


@dataclasses.dataclass(frozen=True, kw_only=True)
class Links:
    """The dashboard's addresses, as a mail of one instant has them."""

    url: str
    """The address under which people reach the dashboard, without a slash at its end."""
    secret: bytes = dataclasses.field(repr=False)
    at: dt.datetime

    def ticket(self, ticket: str) -> str:
        """The page of a ticket, by its id."""
        return f"{self.url}/sla/tickets/{quote(ticket, safe='')}"

    def account(self, account_id: str) -> str:
        """The page of an account."""
        return f"{self.url}/accounts/{quote(account_id, safe='')}"

    def accounts(self, csm: str | None) -> str:
        """The list of a CSM's accounts, the riskiest first."""
        return f"{self.url}/accounts" + (f"?{urlencode({'csm': csm})}" if csm else "")

    def feedback(self, permit: Permit) -> str:
        """The page on which something is said of a flag."""
        return f"{self.url}/feedback?token={token(permit, secret=self.secret, at=self.at)}"


def token(permit: Permit, *, secret: bytes, at: dt.datetime) -> str:
    """Return the signed text that stands for a permit in a link.

    It is not secret, and is equal for equal permits and times.
    """
    parts = json.dumps([permit.account_id, permit.csm, permit.opened_on.isoformat()])
    return _At(secret, at).sign(base64_encode(parts)).decode()


def permit_of(text: str, *, secret: bytes, at: dt.datetime) -> Permit:
    """The permit that a token stands for.

    Raises:
        ForgedError: we did not make the token.
        ExpiredError: we did, too long ago.
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
    """What was signed; so it is ours, and can be read."""
    account_id, csm, opened_on = json.loads(base64_decode(parts))
    return Permit(account_id=account_id, csm=csm, opened_on=dt.date.fromisoformat(opened_on))


class _At(itsdangerous.TimestampSigner):
    """Signs and judges as of an instant."""

    def __init__(self, secret: bytes, at: dt.datetime) -> None:
        super().__init__(secret, salt=_PURPOSE, key_derivation="hmac", digest_method=hashlib.sha256)
        self._at = at

    def get_timestamp(self) -> int:
        """The instant, in seconds since 1970."""
        return int(self._at.timestamp())
