"""Signing in to Google and Microsoft, for reading mail and for sending it."""

import dataclasses
import datetime as dt
import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from connectors import gmail, microsoft365
from connectors.base import StoppedError
from mailsignals.config import Settings
from mailsignals.config.gmail import GmailSection
from mailsignals.config.microsoft365 import Microsoft365Section
from mailsignals.config.secrets import SecretPlace
from mailsignals.errors import UserError

GMAIL_PERMISSION = "gmail-permission.json"
MICROSOFT_CACHE = "microsoft365-tokens.json"
"""What a person's own sign-in leaves behind, in the store's folder."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Runtime:
    """The environment, clock, stop event and prompt that providers need."""

    environ: Mapping[str, str]
    now: Callable[[], dt.datetime]
    stop: threading.Event
    say: Callable[[str], None]
    """Tells the person in front of the screen something, such as a code to type."""

    def pause(self, seconds: float) -> None:
        """Wait, but no longer than until somebody wants to stop.

        Raises:
            StoppedError: somebody does.
        """
        if self.stop.wait(seconds):
            raise StoppedError


def gmail_sign_in(section: GmailSection, store: Path, around: Runtime) -> "gmail.SignIn":
    """Return the configured way to sign in to Gmail.

    Raises:
        UserError: a secret is not where it should be.
    """
    if section.auth == "token":
        return gmail.GmailBearerToken(bearer_token("gmail.token_env", section.token_env, around.environ))
    if section.auth == "oauth":
        return gmail.InstalledApp(
            client=_document(section.client, around.environ), token_file=store / GMAIL_PERMISSION
        )
    return gmail.ServiceAccount(key=_document(section.key, around.environ), admin=section.admin or None)


def sign_in_person(settings: Settings, around: Runtime) -> None:
    """Let a person sign in by a browser, where that is how Gmail is to be read and has not happened yet.

    Raises:
        UserError: the OAuth client is none, or the person did not sign in.
    """
    section = settings.gmail
    app = gmail_sign_in(section, settings.store.path, around) if section.used else None
    if not isinstance(app, gmail.InstalledApp) or app.token_file.exists():
        return
    around.say("A browser opens; sign in as the owner of the mailbox, and allow the one permission it names.")
    try:
        app.sign_in()
    except (ValueError, OSError) as error:
        raise UserError(
            f"gmail.client: the sign-in did not come to its end ({error}). It needs an OAuth client of the type "
            '"Desktop app", and a browser on this machine.'
        ) from error


def microsoft365_sign_in(section: Microsoft365Section, store: Path, around: Runtime) -> "microsoft365.SignIn":
    """Return the configured way to sign in to Microsoft 365.

    Raises:
        UserError: a secret is not where it should be, or the tenant or the client id is missing.
    """
    if section.auth == "token":
        return microsoft365.GraphBearerToken(
            bearer_token("microsoft365.token_env", section.token_env, around.environ)
        )
    for key in ("tenant", "client_id"):
        if not getattr(section, key):
            raise UserError(
                f"microsoft365.{key} is missing. It stands on the app's overview in the Entra portal "
                "(App registrations)."
            )
    if section.auth == "device_code":
        return microsoft365.DeviceCode(prompt=around.say, cache=store / MICROSOFT_CACHE)
    if section.auth == "secret":
        return microsoft365.ClientSecret(section.secret.read(around.environ).strip())
    return microsoft365.ClientCertificate(
        pem=section.certificate.read(around.environ),
        passphrase=around.environ.get(section.passphrase_env) if section.passphrase_env else None,
    )


def bearer_token(key: str, variable: str, environ: Mapping[str, str]) -> Callable[[], str]:
    """The bearer token in an environment variable, which a key of the configuration names.

    Raises:
        UserError: the variable is not set.
    """
    value = environ.get(variable, "").strip()
    if not value:
        raise UserError(
            f"{key}: the environment variable {variable} is not set. It should hold a bearer token; "
            "or choose another way to sign in."
        )
    return lambda: value


def _document(place: SecretPlace, environ: Mapping[str, str]) -> Mapping[str, object]:
    """A secret that is a JSON document."""
    try:
        document = json.loads(place.read(environ))
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise UserError(
            f"{place.key}: this is not {place.what}, which is a JSON document. Download it again."
        )
    return document
