"""The configured senders, with their secrets."""

import contextlib
from collections.abc import Callable
from urllib.parse import urlsplit

from connectors import gmail, microsoft365
from connectors.base import ConnectorError
from connectors.transport.http import Client
from connectors.transport.roots import checked_root
from mailsignals.config import Settings
from mailsignals.config.digest import PORTS
from mailsignals.credentials import Runtime, bearer_token, gmail_sign_in, microsoft365_sign_in
from mailsignals.errors import UserError
from mailsignals.notifications.delivery.senders.base import FolderSender, Sender, of_connector
from mailsignals.notifications.delivery.senders.gmail import SCOPE, GmailSender
from mailsignals.notifications.delivery.senders.graph import GraphSender
from mailsignals.notifications.delivery.senders.smtp import Password, Smtp, SmtpServer, SmtpSignIn, Xoauth2
from mailsignals.notifications.delivery.senders.webhook import Webhook

EXCHANGE_SMTP = "https://outlook.office365.com"
"""The resource of tokens for the mail servers of Exchange Online."""


def mail_sender(settings: Settings, around: Runtime, held: contextlib.ExitStack) -> Sender:
    """Return the configured sender of emails; ``held`` closes its connections.

    Raises:
        UserError: a secret is missing or invalid.
    """
    match settings.digest.via:
        case "smtp":
            return Smtp(_server(settings, around, held))
        case "graph":
            return _graph(settings, around, held)
        case "gmail":
            return _gmail(settings, around, held)
        case "folder":
            folder = settings.digest.folder
            assert folder is not None  # the settings say so
            return FolderSender(folder)


def note_sender(settings: Settings, around: Runtime, held: contextlib.ExitStack) -> Webhook | None:
    """Return the sender of short digests to a chat channel; None if no channel is configured.

    Raises:
        UserError: the address is missing, or is not the address of a webhook.
    """
    section = settings.digest.webhook
    if section.kind == "":
        return None
    url = section.url.read(around.environ).strip()
    address = urlsplit(url)
    try:
        checked_root(f"{address.scheme}://{address.netloc}/", what="the address of a webhook")
    except ValueError:
        raise UserError(
            "digest.webhook.url is not the address of a webhook. Use one that begins with https://."
        ) from None
    return Webhook(kind=section.kind, url=url, client=_client(held), now=around.now)


def _client(held: contextlib.ExitStack) -> Client:
    return held.enter_context(contextlib.closing(Client()))


def _server(settings: Settings, around: Runtime, held: contextlib.ExitStack) -> SmtpServer:
    section = settings.digest.smtp
    return SmtpServer(
        host=section.host,
        port=section.port or PORTS[section.security],
        security=section.security,
        sign_in=_smtp_sign_in(settings, around, held),
        ca_file=None if section.ca_file is None else str(section.ca_file),
    )


def _smtp_sign_in(settings: Settings, around: Runtime, held: contextlib.ExitStack) -> SmtpSignIn:
    section = settings.digest.smtp
    if section.auth == "xoauth2":
        if section.token_env:
            given = bearer_token("digest.smtp.token_env", section.token_env, around.environ)
            return Xoauth2(user=section.user, token=given)
        app = _microsoft_tokens(settings, around, held, resource_=EXCHANGE_SMTP)
        return Xoauth2(user=section.user, token=_smtp_token(app))
    if not section.user:
        return None
    return Password(user=section.user, password=section.password.read(around.environ).strip("\r\n"))


def _smtp_token(app: "microsoft365.TokenSource") -> Callable[[], str]:
    def given() -> str:
        try:
            return app.token()
        except ConnectorError as error:
            raise of_connector(error) from error

    return given


def _graph(settings: Settings, around: Runtime, held: contextlib.ExitStack) -> GraphSender:
    root = microsoft365.graph_root(settings.microsoft365.graph_root)
    app = _microsoft_tokens(settings, around, held, resource_=microsoft365.resource(root))
    return GraphSender(root=root, client=_client(held), tokens=app, now=around.now)


def _microsoft_tokens(
    settings: Settings, around: Runtime, held: contextlib.ExitStack, *, resource_: str
) -> "microsoft365.TokenSource":
    """Return the source of the app's tokens for a service."""
    section = settings.microsoft365
    if section.auth == "token":
        given = bearer_token("digest.token_env", settings.digest.token_env, around.environ)
        sign_in: microsoft365.SignIn = microsoft365.GraphBearerToken(given)
    else:
        sign_in = microsoft365_sign_in(section, settings.store.path, around)
    tenant = microsoft365.Tenant(
        authority=section.authority, tenant=section.tenant, client_id=section.client_id, resource=resource_
    )
    return held.enter_context(
        contextlib.closing(microsoft365.tokens(sign_in, tenant, pause=around.pause, now=around.now))
    )


def _gmail(settings: Settings, around: Runtime, held: contextlib.ExitStack) -> GmailSender:
    section, address = settings.gmail, settings.digest.sender
    sign_in: gmail.SignIn = (
        gmail.GmailBearerToken(bearer_token("digest.token_env", settings.digest.token_env, around.environ))
        if section.auth == "token"
        else gmail_sign_in(section, settings.store.path, around)
    )
    assert not isinstance(sign_in, gmail.InstalledApp)  # the settings say so
    by = sign_in
    return GmailSender(
        root=section.api_root,
        client=_client(held),
        token=lambda: gmail.access_token(by, address, scope=SCOPE, now=around.now),
        now=around.now,
    )
