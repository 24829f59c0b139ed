"""Mailboxes of Google Workspace: ``[gmail]``."""

from typing import Annotated, Literal

from pydantic import Field

from mailsignals.config.mailboxes import ProviderSection, Root
from mailsignals.config.paths import File
from mailsignals.config.secrets import SecretPlace
from mailsignals.config.section import Section

Units = Annotated[int, Field(strict=True, ge=0)]


class GmailLimits(Section):
    """``[gmail.limits]``: quota granted by Google beyond the profile; 0: as in the profile."""

    units_per_user_minute: Units = 0
    """Quota units per minute for one mailbox."""
    units_per_project_minute: Units = 0
    """Quota units per minute for all mailboxes together."""
    units_per_day: Units = 0
    """Quota units per day for all mailboxes together."""


class GmailSection(ProviderSection):
    """``[gmail]``: mailboxes of Google Workspace, or a single Gmail account."""

    auth: Literal["service_account", "oauth", "token"] = "service_account"
    """The way to sign in: a service account with domain-wide delegation, one person in a browser, or a token."""
    key_file: File = None
    """The service account's key as downloaded (JSON)."""
    key_env: str = ""
    """The environment variable with the key, instead of a file."""
    key_keyring: str = ""
    """The keyring entry with the key, as service/user, instead of a file."""
    client_file: File = None
    """For "oauth": the OAuth client as downloaded (JSON); the permission is stored in the store's folder."""
    client_env: str = ""
    """The environment variable with the OAuth client, instead of a file."""
    client_keyring: str = ""
    """The keyring entry with the OAuth client, as service/user, instead of a file."""
    token_env: str = "GMAIL_TOKEN"  # noqa: S105  # the name of a variable
    """For "token": the environment variable with a bearer token, which lasts about an hour."""
    admin: str = ""
    """The administrator in whose name the members of the group are read."""
    quota: Literal["standard", "legacy"] = "standard"
    """The project's quota at Google: "standard" since May 2026, "legacy" for projects in use before."""
    limits: GmailLimits = GmailLimits()
    """Quota granted by Google beyond the profile."""
    api_root: Root = "https://gmail.googleapis.com/"
    """The address of the Gmail API."""
    directory_root: Root = "https://admin.googleapis.com/"
    """The address of the Admin SDK, which lists the members of groups."""

    @property
    def key(self) -> SecretPlace:
        """The place of the service account's key: a file, an environment variable or a keyring entry."""
        return SecretPlace(
            key="gmail.key",
            what="the service account's key",
            file=self.key_file,
            variable=self.key_env,
            entry=self.key_keyring,
        )

    @property
    def client(self) -> SecretPlace:
        """The place of the OAuth client: a file, an environment variable or a keyring entry."""
        return SecretPlace(
            key="gmail.client",
            what="the OAuth client",
            file=self.client_file,
            variable=self.client_env,
            entry=self.client_keyring,
        )
