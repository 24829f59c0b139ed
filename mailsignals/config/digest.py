"""Delivery of digests: ``[digest]``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field

from connectors.transport.roots import is_loopback
from mailsignals.config.paths import File
from mailsignals.config.secrets import SecretPlace
from mailsignals.config.section import Address, Domain, Section

Port = Annotated[int, Field(strict=True, ge=0, le=65_535)]
PORTS = {"starttls": 587, "tls": 465, "none": 25}


class SmtpSection(Section):
    """``[digest.smtp]``: the mail server that sends digests."""

    host: str = ""
    """The server's name, as in its certificate."""
    port: Port = 0
    """Its port; 0: 587 with "starttls", 465 with "tls", 25 with "none"."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """The encryption of the connection: after STARTTLS, from the start, or none (this machine only)."""
    ca_file: File = None
    """The certificate authority (PEM) of a server whose certificate the system doesn't know."""
    auth: Literal["password", "xoauth2"] = "password"
    """The way to sign in: with a password, or with a token (XOAUTH2)."""
    user: str = ""
    """The user name; empty with "password": no sign-in, for a server that accepts mail from this machine."""
    password_file: File = None
    """The file with the password."""
    password_env: str = ""
    """The environment variable with the password, instead of a file."""
    password_keyring: str = ""
    """The keyring entry with the password, as service/user, instead of a file."""
    token_env: str = ""
    """For "xoauth2": the environment variable with a token; empty: a token for Exchange Online by [microsoft365]."""

    @property
    def password(self) -> SecretPlace:
        """The place of the SMTP password: a file, an environment variable or a keyring entry."""
        return SecretPlace(
            key="digest.smtp.password",
            what="the password of digest.smtp.user",
            file=self.password_file,
            variable=self.password_env,
            entry=self.password_keyring,
        )


class WebhookSection(Section):
    """``[digest.webhook]``: a channel of Slack or Teams that also gets a short version of each digest."""

    kind: Literal["", "slack", "teams"] = ""
    """The service of the webhook: "slack" or "teams"; empty: no webhook."""
    url_file: File = None
    """The file with the webhook's address, which is a secret."""
    url_env: str = ""
    """The environment variable with the webhook's address, instead of a file."""
    url_keyring: str = ""
    """The keyring entry with the webhook's address, as service/user, instead of a file."""

    @property
    def url(self) -> SecretPlace:
        """The place of the webhook's address: a file, an environment variable or a keyring entry."""
        return SecretPlace(
            key="digest.webhook.url",
            what="the address of the webhook",
            file=self.url_file,
            variable=self.url_env,
            entry=self.url_keyring,
        )


class DigestSection(Section):
    """``[digest]``: delivery of digests; nothing is sent unless ``enabled``."""

    enabled: bool = False
    """True if anything may be sent."""
    sender: Annotated[Address | Literal[""], Field(alias="from")] = ""
    """The sender's address of digests."""
    from_name: str = "mailsignals"
    """The sender's name of digests."""
    via: Literal["smtp", "graph", "gmail", "folder"] = "smtp"
    """The way to send: a mail server, the app of [microsoft365] or [gmail], or a folder."""
    allowed_domains: tuple[Domain, ...] = ()
    """The domains, with subdomains, to which mail may be sent; empty: those of the company."""
    folder: File = None
    """For "folder": the folder for the emails, as .eml files."""
    token_env: str = ""
    """For "graph" and "gmail" with a token: the environment variable with a token that may send mail."""
    head: tuple[Address, ...] = ()
    """The recipients of the weekly report on all CSMs, such as the head of customer success."""
    support_lead: tuple[Address, ...] = ()
    """The recipients of the daily report on service levels."""
    smtp: SmtpSection = SmtpSection()
    """The mail server."""
    webhook: WebhookSection = WebhookSection()
    """The channel for the short version."""

    def anchored(self, folder: Path) -> Self:
        """Return the section with its relative paths starting at a folder."""
        smtp = {name: folder / path for name, path in self.smtp if isinstance(path, Path)}
        webhook = {name: folder / path for name, path in self.webhook if isinstance(path, Path)}
        return self.model_copy(
            update={
                "folder": self.folder and folder / self.folder,
                "smtp": self.smtp.model_copy(update=smtp),
                "webhook": self.webhook.model_copy(update=webhook),
            }
        )


def digest_problems(
    digest: DigestSection, *, gmail_auth: str, microsoft365_auth: str
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each problem of ``[digest]``: the key, and what to do.

    While digests are disabled they may be unfinished, so only the security of the SMTP server is checked.
    """
    smtp = digest.smtp
    if smtp.security == "none" and smtp.host and not is_loopback(smtp.host):
        yield (
            ("digest", "smtp", "security"),
            f'"none" is allowed for a server on this machine only, not for {smtp.host!r}; use "starttls" or "tls"',
        )
    if not digest.enabled:
        return
    if not digest.sender:
        yield (
            ("digest", "from"),
            "is missing; add the sender's address of digests, or set enabled = false",
        )
    if digest.via == "folder" and digest.folder is None:
        yield ("digest", "folder"), "is missing; add the folder for the emails, or use another via"
    if digest.via == "smtp":
        yield from _smtp_problems(smtp, microsoft365_auth)
    if digest.via == "graph":
        yield from _app_problems(digest, "microsoft365", microsoft365_auth, apps=("certificate", "secret"))
    if digest.via == "gmail":
        yield from _app_problems(digest, "gmail", gmail_auth, apps=("service_account",))


def _smtp_problems(smtp: SmtpSection, microsoft365_auth: str) -> Iterator[tuple[tuple[str, ...], str]]:
    if not smtp.host:
        yield ("digest", "smtp", "host"), "is missing; add the mail server, or use another via"
    if smtp.auth == "xoauth2" and not smtp.user:
        yield ("digest", "smtp", "user"), 'is missing; "xoauth2" requires it'
    if smtp.auth == "xoauth2" and not smtp.token_env and microsoft365_auth not in {"certificate", "secret"}:
        yield (
            ("digest", "smtp", "token_env"),
            'is missing; add the variable with a token, or use microsoft365.auth = "certificate" or "secret"',
        )
    place = smtp.password
    has_password = place.file is not None or place.variable or place.entry
    if smtp.auth == "password" and smtp.user and not has_password:
        yield (
            ("digest", "smtp", "user"),
            "has no password; add password_file, password_env or password_keyring, or leave user empty",
        )
    if smtp.auth == "password" and has_password and not smtp.user:
        yield ("digest", "smtp", "user"), "is missing; a password requires it"


def _app_problems(
    digest: DigestSection, section: str, auth: str, *, apps: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str]]:
    if auth == "token" and not digest.token_env:
        yield ("digest", "token_env"), "is missing; add the variable with a token that may send mail"
    if auth not in {*apps, "token"}:
        ways = " or ".join(f'"{way}"' for way in (*apps, "token"))
        yield (
            ("digest", "via"),
            f'"{digest.via}" requires {section}.auth = {ways}; or use via = "smtp"',
        )
