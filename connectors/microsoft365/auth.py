"""Sign-in to Microsoft 365: as an app with a certificate or secret, as one person, or with a token."""

import base64
import binascii
import dataclasses
import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import filelock
import msal

from connectors.base import RetryLaterError, SignInError
from connectors.microsoft365.msal_requests import issued_token, msal_answer, msal_app
from connectors.microsoft365.tenant import Tenant, Way
from connectors.private_file import write_private
from connectors.transport.waits import Pause, backoff

TRIES = 5
"""Largest number of requests to the token endpoint before the run ends."""

LONGEST_WAIT = 60.0
"""Seconds; for a longer wait that Microsoft requests, the run ends."""

DELEGATED = ("Mail.ReadBasic", "Mail.ReadBasic.Shared")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ClientCertificate:
    """Sign-in as the app with a private key and its certificate."""

    pem: str
    passphrase: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class ClientSecret:
    """Sign-in as the app with a client secret."""

    secret: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCode:
    """Sign-in as one person, who enters a code on a web page."""

    prompt: Callable[[str], None]
    """A function that shows the instructions to the person."""
    cache: Path
    """The file that stores the person's permission."""


@dataclasses.dataclass(frozen=True, slots=True)
class GraphBearerToken:
    """A bearer token from elsewhere."""

    token: Callable[[], str]


SignIn: TypeAlias = ClientCertificate | ClientSecret | DeviceCode | GraphBearerToken


class TokenSource(Protocol):
    """A source of access tokens, safe to use from any thread."""

    def token(self, *, refused: str | None = None) -> str:
        """Return a fresh access token, bypassing the one just rejected.

        Args:
            refused: the rejected token; None for the first request.

        Raises:
            ConnectorError: no token can be obtained.
        """

    def close(self) -> None:
        """Close all connections."""


def tokens(sign_in: SignIn, tenant: Tenant, *, pause: Pause, now: Callable[[], dt.datetime]) -> TokenSource:
    """Return the token source for a way to sign in.

    Args:
        sign_in: the way to sign in.
        tenant: the tenant and the app in it.
        pause: waits so many seconds.
        now: returns the current time, for waits that Microsoft requests as a date.
    """
    if isinstance(sign_in, GraphBearerToken):
        return _GivenToken(sign_in)
    if isinstance(sign_in, DeviceCode):
        return _PersonTokens(sign_in, Way(tenant, now=now), pause)
    return _AppTokens(sign_in, Way(tenant, now=now), pause)


class _GivenToken:
    def __init__(self, sign_in: GraphBearerToken) -> None:
        self._sign_in = sign_in

    def close(self) -> None:
        """Do nothing, because there are no connections."""

    def token(self, *, refused: str | None = None) -> str:
        token = self._sign_in.token()
        if token == refused:
            raise SignInError(
                "Microsoft 365",
                "Graph does not accept the token.",
                "Tokens last about an hour: get a new one, with Mail.ReadBasic.All.",
                state="signed out",
                everywhere=True,
            )
        return token


class _AppTokens:
    """Tokens of the app itself; msal caches them and renews them early."""

    def __init__(self, sign_in: ClientCertificate | ClientSecret, way: Way, pause: Pause) -> None:
        self._sign_in = sign_in
        self._pause = pause
        self._tenant = way.tenant
        self._lock = threading.Lock()
        self._way = way
        self._app: msal.ConfidentialClientApplication | None = None

    def token(self, *, refused: str | None = None) -> str:
        with self._lock:
            for attempt in range(1, TRIES):
                try:
                    return self._token(refused)
                except RetryLaterError as error:
                    # msal caches its answers for a while; a new object requests again.
                    self._app = None
                    asked = 0.0 if error.after is None else error.after.total_seconds()
                    if asked > LONGEST_WAIT:
                        raise
                    self._pause(max(asked, backoff(attempt)))
            return self._token(refused)

    def _token(self, refused: str | None) -> str:
        if self._app is None:
            self._app = msal_app(self._make, self._way)
        answer = self._ask(self._app)
        if refused is not None and answer.get("access_token") == refused:
            self._app.remove_tokens_for_client()
            answer = self._ask(self._app)
        return issued_token(answer, self._tenant, refused=refused)

    def _ask(self, app: msal.ConfidentialClientApplication) -> Mapping[str, Any]:
        return msal_answer(
            lambda: app.acquire_token_for_client([f"{self._tenant.resource}/.default"]), self._way
        )

    def _make(self) -> msal.ConfidentialClientApplication:
        if isinstance(self._sign_in, ClientSecret):
            credential: object = self._sign_in.secret
        else:
            credential = {"private_key": self._sign_in.pem, "public_certificate": self._sign_in.pem}
            if self._sign_in.passphrase is not None:
                credential["passphrase"] = self._sign_in.passphrase
        return msal.ConfidentialClientApplication(
            self._tenant.client_id, client_credential=credential, **self._way.how
        )

    def close(self) -> None:
        self._way.close()


class _PersonTokens:
    """Tokens of a person who signed in once; the permission is stored in a file."""

    def __init__(self, sign_in: DeviceCode, way: Way, pause: Pause) -> None:
        self._sign_in = sign_in
        self._tenant = way.tenant
        self._pause = pause
        self._lock = threading.Lock()
        self._way = way

    def close(self) -> None:
        self._way.close()

    def token(self, *, refused: str | None = None) -> str:
        scopes = [f"{self._tenant.resource}/{name}" for name in DELEGATED]
        with self._lock, token_cache(self._sign_in.cache) as cache:
            app = msal_app(
                lambda: msal.PublicClientApplication(
                    self._tenant.client_id, token_cache=cache, **self._way.how
                ),
                self._way,
            )
            account = next(iter(app.get_accounts()), None)
            answer = account and msal_answer(
                lambda: app.acquire_token_silent_with_error(
                    scopes, account=account, force_refresh=refused is not None
                ),
                self._way,
            )
            if not answer or "access_token" not in answer:
                answer = self._by_code(app, scopes)
        return issued_token(answer, self._tenant, refused=refused)

    def _by_code(self, app: msal.PublicClientApplication, scopes: list[str]) -> Mapping[str, Any]:
        """Wait until the person has entered the code, or the code has expired."""
        flow = msal_answer(lambda: app.initiate_device_flow(scopes), self._way)
        if "user_code" not in flow:
            return flow
        self._sign_in.prompt(str(flow["message"]))

        def stopped(_: object) -> bool:
            self._pause(0)
            return False

        return msal_answer(lambda: app.acquire_token_by_device_flow(flow, exit_condition=stopped), self._way)


def claimed_scopes(token: str) -> tuple[str, ...]:
    """Return the permissions that a token claims (``roles`` and ``scp``); empty if it can't be read.

    They are only shown to people; no decision depends on them.
    """
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        roles = claims.get("roles") or []
        return (*map(str, roles), *str(claims.get("scp") or "").split())
    except (IndexError, ValueError, AttributeError, TypeError, binascii.Error):
        return ()


LOCK_SECONDS = 60.0


@contextmanager
def token_cache(path: Path) -> Iterator[msal.SerializableTokenCache]:
    """Lock and load the token cache in a file; changes are written at the end of the block.

    An unreadable file counts as empty, so that a person must sign in again.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(f"{path}.lock", timeout=LOCK_SECONDS, mode=0o600):
        cache = msal.SerializableTokenCache()
        try:
            cache.deserialize(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            cache = msal.SerializableTokenCache()
        try:
            yield cache
        finally:
            if cache.has_state_changed:
                write_private(path, cache.serialize().encode())
