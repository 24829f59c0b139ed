"""Google's token endpoint: service accounts with domain-wide delegation, and installed applications."""

import base64
import binascii
import dataclasses
import datetime as dt
import functools
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.support.gmail.mailbox import Mailbox, State
from tests.support.gmail.refusals import REFUSALS
from tests.support.loopback import Answer, Request

METADATA = "https://www.googleapis.com/auth/gmail.metadata"
READONLY = "https://www.googleapis.com/auth/gmail.readonly"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE = "https://oauth2.googleapis.com/token"
TOLERANCE = dt.timedelta(minutes=5)

_STATES = {
    State.SUSPENDED: "no_such_user",
    State.DELETED: "deleted_user",
    State.LONG_GONE: "long_gone_user",
}


@dataclasses.dataclass(frozen=True)
class Token:
    """An access token."""

    subject: str | None
    """Whose mailbox; None: the service account itself, which has none."""
    scopes: frozenset[str]
    expires_at: dt.datetime


@dataclasses.dataclass
class ServiceAccount:
    """A service account, and the scopes that the Admin console lists for its client id."""

    delegated: frozenset[str]
    public_key: rsa.RSAPublicKey


@dataclasses.dataclass
class Grant:
    """What a user permitted an installed application."""

    subject: str
    scopes: frozenset[str]
    client_id: str
    client_secret: str


class TokenIssuer:
    """Gives out tokens."""

    def __init__(self, *, now: Callable[[], dt.datetime], mailboxes: Mapping[str, Mailbox]) -> None:
        self.now = now
        self.skew = dt.timedelta(0)
        """How far the clock of this server is ahead, as a client sees it that goes wrong."""
        self.lifetime = dt.timedelta(hours=1)
        self.accounts: dict[str, ServiceAccount] = {}
        self.grants: dict[str, Grant] = {}
        """By refresh token."""
        self.tokens: dict[str, Token] = {}
        self.refusals: dict[str | None, str] = {}
        """A name out of ``REFUSALS``, by subject, or for everybody (None)."""
        self._mailboxes = mailboxes

    def service_account(self, root: str, *, scopes: Iterable[str] = (METADATA,)) -> dict[str, str]:
        """The key file of a new service account that may use these scopes for every mailbox."""
        name = f"robot-{len(self.accounts) + 1}@example.iam.gserviceaccount.com"
        self.accounts[name] = ServiceAccount(frozenset(scopes), _key().public_key())
        return {
            "type": "service_account",
            "project_id": "example",
            "private_key_id": "0" * 40,
            "private_key": key_text(_key()),
            "client_email": name,
            "client_id": f"1000000000000000000{len(self.accounts):02}",
            "token_uri": f"{root}token",
        }

    def installed_app(
        self, root: str, subject: str, *, scopes: Iterable[str] = (METADATA,)
    ) -> dict[str, str]:
        """What google-auth keeps of a user's permission (``authorized_user``)."""
        refresh, client = f"1//0{secrets.token_urlsafe(30)}", "415104041262-app.apps.googleusercontent.com"
        self.grants[refresh] = Grant(subject.lower(), frozenset(scopes), client, "GOCSPX-not-so-secret")
        return {
            "type": "authorized_user",
            "client_id": client,
            "client_secret": self.grants[refresh].client_secret,
            "refresh_token": refresh,
            "token_uri": f"{root}token",
        }

    def token(self, subject: str | None, *, scopes: Iterable[str] = (METADATA,)) -> str:
        """A new access token."""
        value = f"ya29.{secrets.token_urlsafe(40)}"
        subject = subject.lower() if subject else None
        self.tokens[value] = Token(subject, frozenset(scopes), self.now() + self.lifetime)
        return value

    def revoke(self, subject: str | None = None) -> None:
        """End all access tokens of a subject, or of everybody; refresh tokens go on to work."""
        for value, token in list(self.tokens.items()):
            if subject is None or token.subject == subject.lower():
                del self.tokens[value]

    def find(self, value: str) -> Token | None:
        """What a token permits; None if it is unknown or over, or its user is gone."""
        token = self.tokens.get(value)
        if token is None or token.expires_at <= self.now():
            return None
        mailbox = self._mailboxes.get(token.subject or "")
        return None if mailbox is not None and mailbox.state in _STATES else token

    def answer(self, request: Request) -> Answer:
        """A token, or why there is none."""
        form = {name: values[-1] for name, values in parse_qs(request.body.decode()).items()}
        kinds = {JWT_BEARER: self._by_assertion, "refresh_token": self._by_refresh_token}
        answer = kinds.get(form.get("grant_type", ""))
        return answer(form) if answer else REFUSALS["unsupported"].answer()

    def _by_assertion(self, form: Mapping[str, str]) -> Answer:
        try:
            head, claims_part, signature = form.get("assertion", "").split(".")
            claims = json.loads(_bytes(claims_part))
            account = self.accounts.get(claims["iss"])
            problem = (
                self._wrong_jwt(account, claims, signed=f"{head}.{claims_part}", signature=_bytes(signature))
                if account
                else "unknown_account"
            )
        except (ValueError, KeyError, TypeError, binascii.Error):
            return REFUSALS["malformed"].answer()
        subject, scopes = claims.get("sub"), claims.get("scope", "").split()
        problem = problem or self._wrong_subject(subject)
        if problem is None and account is not None:
            problem = _wrong_scopes(scopes, account.delegated if subject else frozenset(scopes))
        if problem is not None:
            return REFUSALS[problem].answer()
        return self._given(subject, scopes)

    def _wrong_jwt(
        self, account: ServiceAccount, claims: Mapping[str, Any], *, signed: str, signature: bytes
    ) -> str | None:
        """What is wrong with a signed assertion (RFC 7523, 3)."""
        try:
            account.public_key.verify(signature, signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return "wrong_key"
        now = self.now() + self.skew
        issued = dt.datetime.fromtimestamp(claims["iat"], dt.UTC)
        expires = dt.datetime.fromtimestamp(claims["exp"], dt.UTC)
        if issued > now + TOLERANCE or expires <= now or expires - issued > dt.timedelta(hours=1):
            return "clock_skew"
        right = claims["aud"] == AUDIENCE or str(claims["aud"]).endswith("/token")
        return None if right else "wrong_audience"

    def _wrong_subject(self, subject: str | None) -> str | None:
        refused = self.refusals.get(None) or self.refusals.get((subject or "").lower())
        if refused or subject is None:
            return refused
        if "@" not in subject:
            return "not_an_address"
        mailbox = self._mailboxes.get(subject.lower())
        return "no_such_user" if mailbox is None else _STATES.get(mailbox.state)

    def _by_refresh_token(self, form: Mapping[str, str]) -> Answer:
        grant = self.grants.get(form.get("refresh_token", ""))
        if grant is None:
            return REFUSALS["revoked"].answer()
        scopes = form["scope"].split() if "scope" in form else sorted(grant.scopes)
        problem = _wrong_client(grant, form) or self._wrong_owner(grant.subject)
        if problem is None and not grant.scopes.issuperset(scopes):
            problem = "invalid_scope"
        return REFUSALS[problem].answer() if problem else self._given(grant.subject, scopes, shows_scope=True)

    def _wrong_owner(self, subject: str) -> str | None:
        """What is wrong with the user who gave a permission."""
        refused = self.refusals.get(None) or self.refusals.get(subject)
        mailbox = self._mailboxes.get(subject)
        return refused or ("revoked" if mailbox is None or mailbox.state in _STATES else None)

    def _given(self, subject: str | None, scopes: list[str], *, shows_scope: bool = False) -> Answer:
        shown = {"scope": " ".join(scopes)} if shows_scope else {}
        return Answer.of(
            {
                "access_token": self.token(subject, scopes=scopes),
                "expires_in": int(self.lifetime.total_seconds()) - 1,
                "token_type": "Bearer",
                **shown,
            }
        )


def _wrong_client(grant: Grant, form: Mapping[str, str]) -> str | None:
    if form.get("client_id") != grant.client_id:
        return "invalid_client"
    return None if form.get("client_secret") == grant.client_secret else "wrong_secret"


def _wrong_scopes(asked: list[str], delegated: frozenset[str]) -> str | None:
    """Every scope that is asked for must exist and be listed: one too many, and there is no token."""
    known = ("https://www.googleapis.com/auth/", "https://mail.google.com/")
    if not asked or not all(scope.startswith(known) for scope in asked):
        return "invalid_scope"
    return None if delegated.issuperset(asked) else "not_delegated"


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@functools.cache
def _key() -> rsa.RSAPrivateKey:
    """One key for all service accounts: making one takes long."""
    return another_key()


def another_key() -> rsa.RSAPrivateKey:
    """A new key, as after somebody replaced the old one."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_text(key: rsa.RSAPrivateKey) -> str:
    """A private key as it stands in a key file (PEM, PKCS #8)."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
