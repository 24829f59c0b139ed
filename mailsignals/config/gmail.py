"""How mailboxes of Google Workspace are read: ``[gmail]``."""

from typing import Annotated, Literal

from pydantic import Field

from mailsignals.config.mailboxes import ProviderSection, Root
from mailsignals.config.paths import File
from mailsignals.config.secrets import SecretPlace
from mailsignals.config.section import Section

Units = Annotated[int, Field(strict=True, ge=0)]


class GmailLimits(Section):
    """``[gmail.limits]``: what Google granted where it differs from the profile; 0: as in the profile."""

    units_per_user_minute: Units = 0
    """Quota units a minute for one mailbox."""
    units_per_project_minute: Units = 0
    """Quota units a minute for all mailboxes together."""
    units_per_day: Units = 0
    """Quota units a day for all mailboxes together."""


class GmailSection(ProviderSection):
    """``[gmail]``: mailboxes of Google Workspace, or a single Gmail account."""

    auth: Literal["service_account", "oauth", "token"] = "service_account"
    """How to sign in: as a service account with domain-wide delegation, as one person by a browser, or by a token."""
    key_file: File = None
    """The service account's key as it was downloaded (JSON)."""
    key_env: str = ""
    """The environment variable that holds the key instead."""
    key_keyring: str = ""
    """The keyring entry, as service/user, that holds the key instead."""
    client_file: File = None
    """For "oauth": the OAuth client as it was downloaded (JSON); its permission is kept beside the store."""
    client_env: str = ""
    """The environment variable that holds the OAuth client instead."""
    client_keyring: str = ""
    """The keyring entry, as service/user, that holds the OAuth client instead."""
    token_env: str = "GMAIL_TOKEN"  # noqa: S105  # the name of a variable
    """For "token": the environment variable that holds a bearer token, which lasts about an hour."""
    admin: str = ""
    """The administrator in whose name the members of the group are read."""
    quota: Literal["standard", "legacy"] = "standard"
    """Which quota Google gives the project: "standard" since May 2026, "legacy" for projects in use before."""
    limits: GmailLimits = GmailLimits()
    """What Google granted where it differs from the profile."""
    api_root: Root = "https://gmail.googleapis.com/"
    """Where the Gmail API is."""
    directory_root: Root = "https://admin.googleapis.com/"
    """Where the Admin SDK is, which knows the members of groups."""

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
