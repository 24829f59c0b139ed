"""Sign-in to Gmail: as a service account for each user, as one person, or with a token."""

import dataclasses
import http.client
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias, cast

import google.auth.exceptions
import httplib2
from google.oauth2 import credentials, service_account
from google_auth_oauthlib.flow import InstalledAppFlow

from connectors.base import SignInError
from connectors.gmail.errors import SCOPE
from connectors.private_file import write_private
from connectors.transport.token_endpoint import UnwellEndpointError, token_answer

Credentials: TypeAlias = service_account.Credentials | credentials.Credentials

TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105  # an address
GROUP_SCOPE = "https://www.googleapis.com/auth/admin.directory.group.member.readonly"


NETWORK = (
    httplib2.HttpLib2Error,
    http.client.HTTPException,
    OSError,
    google.auth.exceptions.TransportError,
)
"""The errors that the client library raises for network problems."""


class UnwellGoogleError(google.auth.exceptions.TransportError):
    """Google's token endpoint is unwell, in the form that the client library passes on as a network error."""

    def __init__(self, error: UnwellEndpointError) -> None:
        super().__init__(str(error))  # type: ignore[no-untyped-call]  # google.auth
        self.headers = error.headers
        """The headers of the answer by lower-case name."""


def _sound(request: Callable[..., Any]) -> Callable[..., Any]:
    """Return the library's request function, which raises ``UnwellGoogleError`` for an answer that isn't OAuth's.

    The library would show a page of HTML as the reason, and end with a TypeError for half a token.
    """

    def checked(*positional: Any, **named: Any) -> Any:  # noqa: ANN401  # what the library passes
        try:
            answer = request(*positional, **named)
        except NETWORK as error:
            raise UnwellGoogleError(UnwellEndpointError("the connection failed", {})) from error
        headers = {str(name).lower(): str(value) for name, value in answer.headers.items()}
        try:
            token_answer(answer.status, headers, answer.data)
        except UnwellEndpointError as error:
            raise UnwellGoogleError(error) from error
        return answer

    return checked


class _ServiceCredentials(service_account.Credentials):
    def refresh(self, request: Callable[..., Any]) -> None:
        super().refresh(_sound(request))  # type: ignore[no-untyped-call]  # google.auth


class _PersonCredentials(credentials.Credentials):
    def refresh(self, request: Callable[..., Any]) -> None:
        super().refresh(_sound(request))  # type: ignore[no-untyped-call]  # google.auth


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccount:
    """A service account that acts for every user (domain-wide delegation)."""

    key: Mapping[str, object]
    """The key as downloaded from Google."""
    admin: str | None = None
    """The administrator in whose name the members of a group are read."""

    @property
    def project(self) -> str:
        """The Google Cloud project, to which Google counts requests."""
        return str(self.key.get("project_id") or self.client)

    @property
    def client(self) -> str:
        """The client id to which the administrator grants scopes."""
        return str(self.key.get("client_id", ""))

    def credentials(self, mailbox: str, *, scope: str = SCOPE) -> Credentials:
        """Return credentials in the name of a user, for exactly one scope.

        Raises:
            SignInError: the key is invalid.
        """
        try:
            own = _ServiceCredentials.from_service_account_info(  # type: ignore[no-untyped-call]  # google.auth
                dict(self.key), scopes=[scope]
            )
        except (ValueError, TypeError, KeyError, google.auth.exceptions.GoogleAuthError):
            raise SignInError(
                mailbox,
                "the service account's key can't be read.",
                "Use the JSON file from Google Cloud console > IAM and admin > Service accounts > Keys.",
                state="key rejected",
                everywhere=True,
            ) from None
        return cast("service_account.Credentials", own.with_subject(mailbox))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class InstalledApp:
    """One person who signs in with a browser."""

    client: Mapping[str, object]
    """The OAuth client as downloaded from Google."""
    token_file: Path
    """The file that stores the person's permission."""

    @property
    def project(self) -> str:
        """The Google Cloud project, to which Google counts requests."""
        parts = (part.get("project_id") for part in self.client.values() if isinstance(part, dict))
        return str(next(parts, None) or self.client_id)

    @property
    def client_id(self) -> str:
        """The id of the OAuth client."""
        return str(
            next((part.get("client_id", "") for part in self.client.values() if isinstance(part, dict)), "")
        )

    def credentials(self, mailbox: str, *, scope: str = SCOPE) -> Credentials:
        """Return the person's credentials.

        Raises:
            SignInError: nobody has signed in yet.
        """
        try:
            kept = json.loads(self.token_file.read_text(encoding="utf-8"))
            # The library's own reader of such files ignores the address of the token endpoint.
            own = _PersonCredentials(  # type: ignore[no-untyped-call]  # google.auth
                token=None,
                refresh_token=kept["refresh_token"],
                token_uri=kept.get("token_uri") or TOKEN_URI,
                client_id=kept["client_id"],
                client_secret=kept["client_secret"],
                scopes=[scope],
            )
        except (OSError, ValueError, KeyError, TypeError):
            raise SignInError(
                mailbox,
                "nobody has signed in yet.",
                "Run `mailsignals check` in a terminal.",
                state="signed out",
            ) from None
        return own

    def sign_in(self) -> None:
        """Sign the person in with a browser, and store the permission in a file that only its owner can read.

        Raises:
            ValueError: the client isn't an OAuth client for an installed app, or Google did not grant the permission.
            OSError: the browser or Google can't be reached.
        """
        flow = InstalledAppFlow.from_client_config(dict(self.client), scopes=[SCOPE])
        try:
            granted = flow.run_local_server(port=0, open_browser=True, include_granted_scopes="false")
        except OSError:
            raise
        except (
            Exception
        ) as error:  # the flow's libraries have errors of their own, with answers in their texts
            reason = getattr(error, "error", None) or type(error).__name__
            raise ValueError(f"Google's sign-in service answered: {reason}") from error
        write_private(self.token_file, granted.to_json().encode())


@dataclasses.dataclass(frozen=True, slots=True)
class GmailBearerToken:
    """A bearer token for one mailbox from elsewhere."""

    token: Callable[[], str]
    project: str = ""
    """The Google Cloud project, which a token doesn't name."""

    def credentials(self, mailbox: str, *, scope: str = SCOPE) -> Credentials:
        """Return the token as credentials, which can't be renewed."""
        del mailbox, scope
        return credentials.Credentials(self.token())  # type: ignore[no-untyped-call]  # google.auth


SignIn: TypeAlias = ServiceAccount | InstalledApp | GmailBearerToken
