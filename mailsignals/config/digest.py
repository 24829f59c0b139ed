"""How digests reach people: ``[digest]``."""

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
    """``[digest.smtp]``: the mail server that takes our mail."""

    host: str = ""
    """The server's name, as its certificate has it."""
    port: Port = 0
    """Its port; 0: 587 with "starttls", 465 with "tls", 25 with "none"."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is encrypted: after STARTTLS, from the start, or not at all (this machine only)."""
    ca_file: File = None
    """The certificate authority (PEM) of a server whose certificate the system does not know."""
    auth: Literal["password", "xoauth2"] = "password"
    """How to sign in: by a password, or by a token (XOAUTH2)."""
    user: str = ""
    """Who signs in; empty with "password": nobody, for a server that lets this machine send."""
    password_file: File = None
    """The file that holds the password."""
    password_env: str = ""
    """The environment variable that holds it instead."""
    password_keyring: str = ""
    """The keyring entry, as service/user, that holds it instead."""
    token_env: str = ""
    """For "xoauth2": the variable that holds a token; empty: one for Exchange Online, by the app of [microsoft365]."""

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
    """``[digest.webhook]``: a channel of Slack or Teams that gets the short form as well."""

    kind: Literal["", "slack", "teams"] = ""
    """Whose webhook it is: "slack" or "teams"; empty: there is none."""
    url_file: File = None
    """The file that holds the webhook's address, which is a secret."""
    url_env: str = ""
    """The environment variable that holds it instead."""
    url_keyring: str = ""
    """The keyring entry, as service/user, that holds it instead."""

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
    """``[digest]``: how digests are sent; nothing is, unless ``enabled``."""

    enabled: bool = False
    """Whether anything may be sent."""
    sender: Annotated[Address | Literal[""], Field(alias="from")] = ""
    """The address that digests come from."""
    from_name: str = "mailsignals"
    """The name that is shown beside it."""
    via: Literal["smtp", "graph", "gmail", "folder"] = "smtp"
    """How mail leaves: by a mail server, by the app of [microsoft365] or [gmail], or into a folder."""
    allowed_domains: tuple[Domain, ...] = ()
    """The domains, with what lies below, to which mail may go; empty: those of the company."""
    folder: File = None
    """For "folder": where the mails are put, as .eml files."""
    token_env: str = ""
    """For "graph" and "gmail": the variable with a token that may send, where [microsoft365] or [gmail] use one."""
    head: tuple[Address, ...] = ()
    """Who gets the weekly digest of all CSMs: the head of customer success."""
    support_lead: tuple[Address, ...] = ()
    """Who gets the daily digest of service levels."""
    smtp: SmtpSection = SmtpSection()
    """The mail server."""
    webhook: WebhookSection = WebhookSection()
    """The channel for the short form."""

    def anchored(self, folder: Path) -> Self:
        """The section with its paths starting at a folder."""
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

    A digest that isn't enabled may be unfinished: only the security of its SMTP server is checked.
    """
    smtp = digest.smtp
    if smtp.security == "none" and smtp.host and not is_loopback(smtp.host):
        yield (
            ("digest", "smtp", "security"),
            f'"none" is for a server on this machine, and {smtp.host!r} is elsewhere; use "starttls" or "tls"',
        )
    if not digest.enabled:
        return
    if not digest.sender:
        yield (
            ("digest", "from"),
            "is missing; give the address that digests come from, or set enabled = false",
        )
    if digest.via == "folder" and digest.folder is None:
        yield ("digest", "folder"), "is missing; name the folder for the mails, or choose another via"
    if digest.via == "smtp":
        yield from _smtp_problems(smtp, microsoft365_auth)
    if digest.via == "graph":
        yield from _app_problems(digest, "microsoft365", microsoft365_auth, apps=("certificate", "secret"))
    if digest.via == "gmail":
        yield from _app_problems(digest, "gmail", gmail_auth, apps=("service_account",))


def _smtp_problems(smtp: SmtpSection, microsoft365_auth: str) -> Iterator[tuple[tuple[str, ...], str]]:
    if not smtp.host:
        yield ("digest", "smtp", "host"), "is missing; name the mail server, or choose another via"
    if smtp.auth == "xoauth2" and not smtp.user:
        yield ("digest", "smtp", "user"), 'is missing; "xoauth2" signs in as somebody'
    if smtp.auth == "xoauth2" and not smtp.token_env and microsoft365_auth not in {"certificate", "secret"}:
        yield (
            ("digest", "smtp", "token_env"),
            'is missing; name the variable with a token, or sign in to [microsoft365] by "certificate" or "secret"',
        )
    place = smtp.password
    has_password = place.file is not None or place.variable or place.entry
    if smtp.auth == "password" and smtp.user and not has_password:
        yield (
            ("digest", "smtp", "user"),
            "has no password; set password_file, password_env or password_keyring, or leave user empty",
        )
    if smtp.auth == "password" and has_password and not smtp.user:
        yield ("digest", "smtp", "user"), "is missing; the password is somebody's"


def _app_problems(
    digest: DigestSection, section: str, auth: str, *, apps: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str]]:
    if auth == "token" and not digest.token_env:
        yield ("digest", "token_env"), "is missing; name the variable with a token that may send"
    if auth not in {*apps, "token"}:
        ways = " or ".join(f'"{way}"' for way in (*apps, "token"))
        yield (
            ("digest", "via"),
            f'"{digest.via}" needs {section}.auth = {ways}; or choose via = "smtp"',
        )
