"""Sign-in to Google and Microsoft, for reading and sending mail."""

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
from mailsignals.secret_files import SecretFile


@dataclasses.dataclass(frozen=True, kw_only=True)
class Runtime:
    """The environment, clock, stop event and prompt that providers need."""

    environ: Mapping[str, str]
    now: Callable[[], dt.datetime]
    stop: threading.Event
    say: Callable[[str], None]
    """A function that shows a message on the terminal, such as a code to enter."""

    def pause(self, seconds: float) -> None:
        """Wait for a number of seconds, or until the run is interrupted.

        Raises:
            StoppedError: the run was interrupted.
        """
        if self.stop.wait(seconds):
            raise StoppedError


def gmail_sign_in(section: GmailSection, store: Path, around: Runtime) -> "gmail.SignIn":
    """Return the configured way to sign in to Gmail.

    Raises:
        UserError: a secret isn't at its place.
    """
    if section.auth == "token":
        return gmail.GmailBearerToken(bearer_token("gmail.token_env", section.token_env, around.environ))
    if section.auth == "oauth":
        return gmail.InstalledApp(
            client=_document(section.client, around.environ),
            token_file=store / SecretFile.GMAIL_SIGN_IN.file_name,
        )
    return gmail.ServiceAccount(key=_document(section.key, around.environ), admin=section.admin or None)


def sign_in_person(settings: Settings, around: Runtime) -> None:
    """Sign a person in to Gmail with a browser, if that is configured and hasn't happened yet.

    Raises:
        UserError: the OAuth client is invalid, or sign-in was not completed.
    """
    section = settings.gmail
    app = gmail_sign_in(section, settings.store.path, around) if section.used else None
    if not isinstance(app, gmail.InstalledApp) or app.token_file.exists():
        return
    around.say(
        "A browser opens. Sign in as the owner of the mailbox, and allow the permission that it shows."
    )
    try:
        app.sign_in()
    except (ValueError, OSError) as error:
        raise UserError(
            f"gmail.client: sign-in was not completed ({error}). Use an OAuth client of the type "
            '"Desktop app", and a browser on this machine.'
        ) from error


def microsoft365_sign_in(section: Microsoft365Section, store: Path, around: Runtime) -> "microsoft365.SignIn":
    """Return the configured way to sign in to Microsoft 365.

    Raises:
        UserError: a secret isn't at its place, or the tenant or the client id is missing.
    """
    if section.auth == "token":
        return microsoft365.GraphBearerToken(
            bearer_token("microsoft365.token_env", section.token_env, around.environ)
        )
    for key in ("tenant", "client_id"):
        if not getattr(section, key):
            raise UserError(
                f"microsoft365.{key} is missing. Copy it from the app's overview in the Entra portal "
                "(App registrations)."
            )
    if section.auth == "device_code":
        return microsoft365.DeviceCode(
            prompt=around.say, cache=store / SecretFile.MICROSOFT_SIGN_IN.file_name
        )
    if section.auth == "secret":
        return microsoft365.ClientSecret(section.secret.read(around.environ).strip())
    return microsoft365.ClientCertificate(
        pem=section.certificate.read(around.environ),
        passphrase=around.environ.get(section.passphrase_env) if section.passphrase_env else None,
    )


def bearer_token(key: str, variable: str, environ: Mapping[str, str]) -> Callable[[], str]:
    """Return a function for the bearer token in an environment variable, which a key of the configuration names.

    Raises:
        UserError: the variable isn't set.
    """
    value = environ.get(variable, "").strip()
    if not value:
        raise UserError(
            f"{key}: the environment variable {variable} is not set. Set it to a bearer token, "
            "or use another way to sign in."
        )
    return lambda: value


def _document(place: SecretPlace, environ: Mapping[str, str]) -> Mapping[str, object]:
    """A secret that is a JSON document."""
    try:
        document = json.loads(place.read(environ))
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise UserError(f"{place.key}: not a JSON document; expected {place.what}. Download it again.")
    return document
