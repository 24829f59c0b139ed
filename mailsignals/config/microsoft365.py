"""Mailboxes of Microsoft 365: ``[microsoft365]``."""

from typing import Annotated, Literal

from pydantic import Field

from mailsignals.config.mailboxes import ProviderSection, Root
from mailsignals.config.paths import File
from mailsignals.config.secrets import SecretPlace


class Microsoft365Section(ProviderSection):
    """``[microsoft365]``: mailboxes of Exchange Online."""

    auth: Literal["certificate", "secret", "device_code", "token"] = "certificate"
    """The way to sign in: the app with a certificate or secret, one person with a device code, or a token."""
    tenant: str = ""
    """The directory (tenant) id, from the app's overview in the Entra portal."""
    client_id: str = ""
    """The application (client) id, from the same page."""
    certificate_file: File = None
    """For "certificate": private key and certificate in one PEM file."""
    certificate_env: str = ""
    """The environment variable with private key and certificate, instead of a file."""
    certificate_keyring: str = ""
    """The keyring entry with private key and certificate, as service/user, instead of a file."""
    passphrase_env: str = ""
    """The environment variable with the passphrase of the private key, if it has one."""
    secret_file: File = None
    """For "secret": the file with the client secret's value."""
    secret_env: str = ""
    """The environment variable with the client secret, instead of a file."""
    secret_keyring: str = ""
    """The keyring entry with the client secret, as service/user, instead of a file."""
    token_env: str = "GRAPH_TOKEN"  # noqa: S105  # the name of a variable
    """For "token": the environment variable with a bearer token, which lasts about an hour."""
    concurrent_requests: Annotated[int, Field(strict=True, ge=1, le=4)] = 4
    """Largest number of simultaneous requests per mailbox; Exchange allows 4."""
    requests_per_10_minutes: Annotated[int, Field(strict=True, ge=1)] = 10_000
    """Largest number of requests per mailbox in ten minutes; Exchange allows 10,000."""
    graph_root: Root = "https://graph.microsoft.com/v1.0/"
    """The address of Microsoft Graph; different in national clouds."""
    authority: Root = "https://login.microsoftonline.com/"
    """The address of the sign-in server; different in national clouds."""

    @property
    def certificate(self) -> SecretPlace:
        """The place of the private key and the certificate: a file, an environment variable or a keyring entry."""
        return SecretPlace(
            key="microsoft365.certificate",
            what="the private key and the certificate (PEM)",
            file=self.certificate_file,
            variable=self.certificate_env,
            entry=self.certificate_keyring,
        )

    @property
    def secret(self) -> SecretPlace:
        """The place of the client secret: a file, an environment variable or a keyring entry."""
        return SecretPlace(
            key="microsoft365.secret",
            what="the client secret",
            file=self.secret_file,
            variable=self.secret_env,
            entry=self.secret_keyring,
        )
