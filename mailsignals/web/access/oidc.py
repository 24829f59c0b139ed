"""OpenID Connect: sends people to the issuer, fetches what it says of them, and believes what is signed."""

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

from connectors.transport.http import Answer, Client, Limits, TransportError
from connectors.transport.roots import checked_root
from mailsignals.config.dashboard import OidcSection
from mailsignals.web.access.sessions import SignIn

SCOPE = "openid email profile"
SIGNED_BY = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
"""Signatures that only the holder of a private key can make."""

KEPT, AGAIN_AFTER = dt.timedelta(hours=1), dt.timedelta(minutes=1)
"""How long documents of an issuer are used, and how soon its keys may be asked for again."""
LEEWAY_SECONDS = 60
"""How far the issuer's clock may be from ours."""
BOUNDS = Limits(connect_seconds=5.0, read_seconds=10.0, total_seconds=20.0, body_bytes=2**20)

_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class OidcError(Exception):
    """An issuer cannot be asked, or says what cannot be believed; the text says what and names nobody."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Discovered:
    """The discovery document and keys of an issuer, and when they were fetched."""

    document: Mapping[str, Any]
    keys: KeySet
    at: dt.datetime

    @property
    def algorithms(self) -> list[str]:
        """The signatures that are believed."""
        offered = self.document.get("id_token_signing_alg_values_supported") or ["RS256"]
        return sorted(SIGNED_BY.intersection(map(str, offered)))

    @property
    def by_post(self) -> bool:
        """Return whether the client secret goes into the body, because the issuer supports no other way."""
        ways = self.document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return "client_secret_basic" not in ways


class Issuer:
    """One issuer, as configured; any thread may ask."""

    def __init__(self, section: OidcSection, *, secret: Callable[[], str], back_to: str) -> None:
        self.section = section
        self._secret = secret
        self.back_to = back_to
        self._client = Client(limits=BOUNDS)
        self._lock = threading.Lock()
        self._found: Discovered | None = None

    def close(self) -> None:
        """Let go of all connections."""
        self._client.close()

    def sends_to(self, sign_in: SignIn, *, at: dt.datetime, choose: bool = False) -> str:
        """The address at which somebody signs in; ``choose``: as whom, even if they are signed in there.

        Raises:
            OidcError: the issuer cannot be asked.
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
            OidcError: the issuer gives no token for the code, or one that is not for us, not valid now, or not its own.
        """
        found = self.discovered(at=at)
        try:
            token = self._oauth(found).fetch_token(
                found.document["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=sign_in.verifier,
            )
        except AuthlibBaseError as error:
            raise OidcError(f"the issuer refuses the code ({error.error})") from None
        except TransportError as error:
            raise OidcError(f"the issuer gave no token: {error}") from None
        except ValueError:
            raise OidcError("the issuer's answer to the code is no token") from None
        return self._verified(token, found, sign_in, at=at)

    def _verified(
        self, token: Mapping[str, Any], found: Discovered, sign_in: SignIn, *, at: dt.datetime
    ) -> Mapping[str, Any]:
        text = token.get("id_token")
        if not isinstance(text, str):
            raise OidcError("the issuer says nothing of who that is (id_token)")
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
            raise OidcError(f"what the issuer says cannot be believed: {_words(error)}") from None
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
                f"its discovery document is of {document.get('issuer')!r}; write that as dashboard.oidc.issuer"
            )
        for name in _ENDPOINTS:
            try:
                checked_root(str(document.get(name)).partition("?")[0], what=f"its {name}")
            except ValueError as error:
                raise OidcError(str(error)) from None
        try:
            keys = KeySet.import_key_set(self._get(document["jwks_uri"]))  # type: ignore[arg-type]  # it is checked there
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise OidcError("its keys (jwks_uri) cannot be read") from None
        return Discovered(document=document, keys=keys, at=at)

    def _get(self, url: str) -> Mapping[str, Any]:
        try:
            answer = self._client.get(url, headers={"Accept": "application/json"})
        except TransportError as error:
            raise OidcError(f"{url} cannot be read: {error}") from None
        document = answer.document()
        if answer.status != 200 or document is None:
            raise OidcError(f"{url} answers with status {answer.status} and no document")
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
    """What Authlib asks the issuer by: our own client, which is bounded in time and size and follows no redirects."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def post(
        self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: ClientAuth
    ) -> "_Reply":
        """What the issuer answers to a form."""
        target, sent, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return _Reply(self._client.post_bytes(target, headers=sent, body=body.encode()))


class _Reply:
    """An answer as Authlib reads it."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.status_code = answer.status

    def json(self) -> dict[str, Any] | None:
        """The JSON object that it is, if it is one."""
        return self._answer.document()

    def raise_for_status(self) -> None:
        """Complain of an answer that is no success."""
        if self.status_code != 200:
            raise TransportError(f"it answers with status {self.status_code}")


def _words(error: Exception) -> str:
    """What is wrong with a token, and nothing of what stands in it."""
    code = getattr(error, "error", "") or type(error).__name__
    claim = getattr(error, "claim", None)
    return f"{code} ({claim})" if claim else str(code)
