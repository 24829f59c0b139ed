"""OpenID Connect: redirects people to the issuer, fetches their tokens and verifies them."""

import dataclasses
import datetime as dt
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from authlib.common.errors import AuthlibBaseError
from authlib.oauth2 import ClientAuth, OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from connectors.transport.http import Client, Limits, TransportError
from connectors.transport.roots import checked_root
from connectors.transport.token_endpoint import UnwellEndpointError, token_answer
from mailsignals.config.dashboard import OidcSection
from mailsignals.web.access.sessions import SignIn

SCOPE = "openid email profile"
SIGNED_BY = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
"""Accepted signature algorithms, all with a private key."""

KEPT, AGAIN_AFTER = dt.timedelta(hours=1), dt.timedelta(minutes=1)
"""The longest age of the issuer's documents, and the shortest time between two requests for its keys."""
LEEWAY_SECONDS = 60
"""The tolerated difference between the clocks of issuer and dashboard."""
BOUNDS = Limits(connect_seconds=5.0, read_seconds=10.0, total_seconds=20.0, body_bytes=2**20)

_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class OidcError(Exception):
    """The issuer can't be reached, or its response is not valid; the text has no names."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Discovered:
    """The discovery document and keys of an issuer, and when they were fetched."""

    document: Mapping[str, Any]
    keys: KeySet
    at: dt.datetime

    @property
    def algorithms(self) -> list[str]:
        """The accepted algorithms that the issuer offers."""
        offered = self.document.get("id_token_signing_alg_values_supported") or ["RS256"]
        return sorted(SIGNED_BY.intersection(map(str, offered)))

    @property
    def by_post(self) -> bool:
        """Return whether the client secret goes into the body, because the issuer supports no other way."""
        ways = self.document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return "client_secret_basic" not in ways


class Issuer:
    """The configured issuer; safe to use from any thread."""

    def __init__(self, section: OidcSection, *, secret: Callable[[], str], back_to: str) -> None:
        self.section = section
        self._secret = secret
        self.back_to = back_to
        self._client = Client(limits=BOUNDS)
        self._lock = threading.Lock()
        self._found: Discovered | None = None

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def sends_to(self, sign_in: SignIn, *, at: dt.datetime, choose: bool = False) -> str:
        """Return the address at which a person signs in.

        Args:
            sign_in: the sign-in that was started.
            at: the current date and time.
            choose: let people choose another account, even if they are signed in at the issuer.

        Raises:
            OidcError: the issuer can't be reached.
        """
        found = self.discovered(at=at)
        url, _ = self._oauth(found).create_authorization_url(
            found.document["authorization_endpoint"],
            state=sign_in.state,
            nonce=sign_in.nonce,
            code_verifier=sign_in.verifier,
            **({"prompt": "select_account"} if choose else {}),
        )
        return str(url)

    def claims(self, code: str, sign_in: SignIn, *, at: dt.datetime) -> Mapping[str, Any]:
        """Return the verified claims for the code of a sign-in.

        Raises:
            OidcError: the issuer sends no token, or one that is not valid for this dashboard now.
        """
        found = self.discovered(at=at)
        try:
            try:
                token = self._token(found, code, sign_in)
            except UnwellEndpointError:  # a proxy's page, or half a token: once more
                token = self._token(found, code, sign_in)
        except AuthlibBaseError as error:
            raise OidcError(f"the issuer refused the code ({error.error})") from None
        except (TransportError, UnwellEndpointError) as error:
            raise OidcError(f"the issuer sent no token: {error}") from None
        except ValueError:
            raise OidcError("the issuer's response is not a token") from None
        return self._verified(token, found, sign_in, at=at)

    def _token(self, found: Discovered, code: str, sign_in: SignIn) -> Mapping[str, Any]:
        token: Mapping[str, Any] = self._oauth(found).fetch_token(
            found.document["token_endpoint"],
            grant_type="authorization_code",
            code=code,
            code_verifier=sign_in.verifier,
        )
        return token

    def _verified(
        self, token: Mapping[str, Any], found: Discovered, sign_in: SignIn, *, at: dt.datetime
    ) -> Mapping[str, Any]:
        text = token.get("id_token")
        if not isinstance(text, str):
            raise OidcError("the issuer sent no id_token")
        try:
            try:
                read = jwt.decode(text, key=found.keys, algorithms=found.algorithms)
            except InvalidKeyIdError:  # it has new keys
                renewed = self.discovered(at=at, newer_than=AGAIN_AFTER)
                read = jwt.decode(text, key=renewed.keys, algorithms=renewed.algorithms)
            claims = CodeIDToken(
                read.claims,
                read.header,
                options={
                    "iss": {"essential": True, "value": self.section.issuer},
                    "aud": {"essential": True, "value": self.section.client_id},
                },
                params={
                    "nonce": sign_in.nonce,
                    "client_id": self.section.client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(now=int(at.timestamp()), leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError) as error:
            raise OidcError(f"the token of the issuer is not valid: {_words(error)}") from None
        return dict(claims)

    def discovered(self, *, at: dt.datetime, newer_than: dt.timedelta = KEPT) -> Discovered:
        """Return the issuer's discovery document and keys, fetched again if they are older than ``newer_than``.

        Raises:
            OidcError: the issuer can't be reached, or its document does not fit the configuration.
        """
        with self._lock:
            if self._found is None or not dt.timedelta() <= at - self._found.at < newer_than:
                self._found = self._discover(at)
            return self._found

    def _discover(self, at: dt.datetime) -> Discovered:
        issuer = self.section.issuer
        document = self._get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if document.get("issuer") != issuer:
            raise OidcError(
                f"its discovery document names {document.get('issuer')!r}; set dashboard.oidc.issuer to that"
            )
        for name in _ENDPOINTS:
            try:
                checked_root(str(document.get(name)).partition("?")[0], what=f"its {name}")
            except ValueError as error:
                raise OidcError(str(error)) from None
        try:
            keys = KeySet.import_key_set(self._get(document["jwks_uri"]))  # type: ignore[arg-type]  # it is checked there
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise OidcError("its keys (jwks_uri) can't be read") from None
        return Discovered(document=document, keys=keys, at=at)

    def _get(self, url: str) -> Mapping[str, Any]:
        try:
            answer = self._client.get(url, headers={"Accept": "application/json"})
        except TransportError as error:
            raise OidcError(f"{url} can't be read: {error}") from None
        document = answer.document()
        if answer.status != 200 or document is None:
            raise OidcError(f"{url} answered with status {answer.status} and no document")
        return document

    def _oauth(self, found: Discovered) -> OAuth2Client:
        secret = self._secret() if self.section.has_secret else None
        way = ("client_secret_post" if found.by_post else "client_secret_basic") if secret else "none"
        return OAuth2Client(
            _Session(self._client),
            self.section.client_id,
            secret,
            token_endpoint_auth_method=way,
            scope=SCOPE,
            redirect_uri=self.back_to,
            code_challenge_method="S256",
        )


class _Session:
    """The HTTP session for Authlib: limited in time and size, without redirects."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def post(
        self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: ClientAuth
    ) -> "_Reply":
        """Return the response of the issuer to a form."""
        target, sent, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        answer = self._client.post_bytes(target, headers=sent, body=body.encode())
        return _Reply(answer.status, token_answer(answer.status, answer.headers, answer.body))


class _Reply:
    """A response in the form that Authlib reads."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status_code = status
        self._document = document

    def json(self) -> Mapping[str, Any]:
        """Return the JSON object of the body."""
        return self._document

    def raise_for_status(self) -> None:
        """Raise ``TransportError`` unless the status is 200."""
        if self.status_code != 200:
            raise TransportError(f"it answered with status {self.status_code}")


def _words(error: Exception) -> str:
    """Return the error of a token in words, without its contents."""
    code = getattr(error, "error", "") or type(error).__name__
    claim = getattr(error, "claim", None)
    return f"{code} ({claim})" if claim else str(code)
