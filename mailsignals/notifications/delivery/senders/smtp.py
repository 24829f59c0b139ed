"""A sender by a mail server (RFC 5321), encrypted unless it is on this machine."""

import contextlib
import dataclasses
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Literal, TypeAlias

from mailsignals.notifications.delivery.message import recipient_of, sender_of
from mailsignals.notifications.delivery.senders import smtp_replies as replies
from mailsignals.notifications.delivery.senders.base import UnsureError

Security: TypeAlias = Literal["starttls", "tls", "none"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Password:
    """Sign-in by a password."""

    user: str
    password: str = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Xoauth2:
    """Sign-in by a token (XOAUTH2, for Exchange Online and Gmail)."""

    user: str
    token: Callable[[], str] = dataclasses.field(repr=False)
    """Returns a token; raises ``SendError`` without one."""


SmtpSignIn: TypeAlias = Password | Xoauth2 | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class SmtpServer:
    """The address of a mail server, with its encryption and sign-in."""

    host: str
    port: int
    security: Security
    sign_in: SmtpSignIn
    ca_file: str | None = None
    """The file with a certificate authority beyond those of the system; None without one."""
    command_seconds: float = 60.0
    """The longest time for a reply of the server."""
    accept_seconds: float = 600.0
    """The longest time to accept a whole email (RFC 5321, 4.5.3.2.6); a shorter one could send it twice."""

    @property
    def name(self) -> str:
        """Return the server for messages: ``HOST:PORT``."""
        return f"{self.host}:{self.port}"


class Smtp:
    """A sender with one connection per email, because an idle connection may be dead."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    def send(self, message: EmailMessage) -> None:
        """Send a message; after an error before its last byte, nothing was sent."""
        client = self._connected()
        try:
            with self._before_the_mail():
                self._sign_in(client)
            self._envelope(client, sender_of(message), recipient_of(message))
            self._content(client, _stuffed(message.as_bytes()), recipient_of(message))
            with contextlib.suppress(OSError, smtplib.SMTPException):
                client.putcmd("QUIT")  # a courtesy: the reply changes nothing
        finally:
            client.close()

    def _connected(self) -> smtplib.SMTP:
        server, encrypted = self._server, self._server.security == "tls"
        with self._before_the_mail():
            context = ssl.create_default_context(cafile=server.ca_file)
            client = (
                smtplib.SMTP_SSL(server.host, server.port, timeout=server.command_seconds, context=context)
                if encrypted
                else smtplib.SMTP(server.host, server.port, timeout=server.command_seconds)
            )
            try:
                client.ehlo_or_helo_if_needed()
                if server.security == "starttls":
                    client.starttls(context=context)
                    client.ehlo_or_helo_if_needed()
            except BaseException:
                client.close()
                raise
            return client

    def _sign_in(self, client: smtplib.SMTP) -> None:
        match self._server.sign_in:
            case Password(user=user, password=password):
                client.login(user, password)
            case Xoauth2(user=user, token=token):
                words = f"user={user}\1auth=Bearer {token()}\1\1"
                # A refusal comes as a challenge, which wants an empty answer before the status.
                client.auth("XOAUTH2", lambda challenge=None: words if challenge is None else "")
            case None:
                pass

    @contextlib.contextmanager
    def _before_the_mail(self) -> Iterator[None]:
        """Turn errors inside into errors for all emails, none of which was sent."""
        try:
            yield
        except smtplib.SMTPNotSupportedError as error:
            raise replies.unsupported_server(self._server.name, security=self._server.security) from error
        except smtplib.SMTPResponseException as error:
            raise replies.sign_in(error.smtp_code, error.smtp_error, server=self._server.name) from error
        except ssl.SSLCertVerificationError as error:
            raise replies.unknown_certificate(self._server.name, error.verify_message) from error
        except UnicodeEncodeError as error:
            raise replies.not_ascii(self._server.name) from error
        except (OSError, smtplib.SMTPException) as error:
            raise replies.out_of_reach(self._server.name, error, everywhere=True) from error

    def _envelope(self, client: smtplib.SMTP, sender: str, recipient: str) -> None:
        """Send the addresses of sender and recipient; the server may refuse either."""
        options = [] if (sender + recipient).isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
        if options and not client.has_extn("smtputf8"):
            raise replies.no_international_addresses(recipient)
        try:
            code, text = client.mail(sender, options)
            if code != 250:
                raise replies.from_refused(code, text, sender=sender)
            code, text = client.rcpt(recipient)
            if code not in {250, 251}:
                raise replies.recipient_refused(code, text, recipient=recipient)
            code, text = client.docmd("DATA")
            if code != 354:
                raise replies.content_refused(code, text, recipient=recipient)
        except (OSError, smtplib.SMTPException) as error:
            raise replies.out_of_reach(self._server.name, error, everywhere=False) from error

    def _content(self, client: smtplib.SMTP, content: bytes, recipient: str) -> None:
        """Send the content, and then the dot by which the server accepts it."""
        try:
            client.send(content)
        except (OSError, smtplib.SMTPException) as error:
            raise replies.out_of_reach(self._server.name, error, everywhere=False) from error
        try:
            if client.sock is not None:
                client.sock.settimeout(self._server.accept_seconds)
            client.send(b".\r\n")
            code, text = client.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise UnsureError(
                recipient,
                f"the connection to {self._server.name} ended after the whole email was sent.",
            ) from error
        if code != 250:
            raise replies.content_refused(code, text, recipient=recipient)


def _stuffed(content: bytes) -> bytes:
    """Lines that begin with a dot get another (RFC 5321, 4.5.2), and the last line ends."""
    doubled = re.sub(rb"(?m)^\.", b"..", content)
    return doubled if doubled.endswith(b"\r\n") else doubled + b"\r\n"
