"""A mail server on 127.0.0.1 that speaks the real protocol (aiosmtpd) and takes a script of faults."""

import asyncio
import base64
import contextlib
import email
import email.policy
import ssl
import threading
import warnings
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.support.waiting import PATIENCE_SECONDS

PASSWORD = "right-password"  # a test's
TOKEN = "right-token"  # a test's


class MailServer:
    """The server; what it does is set by its attributes, at any time."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        starttls: ssl.SSLContext | None = None,
        wants_sign_in: bool = False,
        utf8: bool = True,
    ) -> None:
        self.taken: list[bytes] = []
        """The mails that the server took over."""
        self.envelopes: list[tuple[str, list[str]]] = []
        """From whom and for whom each of them was."""
        self.replies: dict[str, str] = {}
        """What the server says to RCPT, by address."""
        self.content_reply = ""
        """What it says after the final dot, when it takes nothing."""
        self.drops = ""
        """Where it ends the connection: ``before`` the final dot, or ``after`` it."""
        self.token = TOKEN
        """How a token begins that is accepted."""
        self.slow: Mapping[str, float] = {}
        """Seconds that it takes for ``RCPT`` or ``DATA``."""
        self.answering = threading.Event()
        """While it is not set, the server keeps whoever sends a mail waiting for the answer."""
        self.answering.set()
        self.at_work = 0
        """How many mails it has whose answer is not given yet."""
        self._controller = _Controller(
            self, tls=tls, starttls=starttls, wants_sign_in=wants_sign_in, utf8=utf8
        )

    @property
    def port(self) -> int:
        """Where it listens."""
        server = self._controller.server
        assert isinstance(server, asyncio.Server)
        return int(server.sockets[0].getsockname()[1])

    @property
    def mails(self) -> list[EmailMessage]:
        """The mails that the server took over, read back."""
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in self.taken]

    @contextlib.contextmanager
    def running(self) -> Iterator[Self]:
        """Listen until the end of the block."""
        self._controller.start()
        try:
            yield self
        finally:
            self._controller.stop()

    # --- what aiosmtpd calls -----------------------------------------------------------------

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, *call: Any
    ) -> str:
        """Take a recipient, or not."""
        envelope, address = call[2], str(call[3])
        await asyncio.sleep(self.slow.get("RCPT", 0))
        reply = self.replies.get(address)
        if reply is not None:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        """Take a mail that is here as a whole, or not."""
        self.at_work += 1
        try:
            await asyncio.sleep(self.slow.get("DATA", 0))
            await asyncio.to_thread(self.answering.wait, PATIENCE_SECONDS)
        finally:
            self.at_work -= 1
        if self.content_reply:
            return self.content_reply
        assert isinstance(envelope.content, bytes)
        self.taken.append(envelope.content)
        self.envelopes.append((str(envelope.mail_from), list(map(str, envelope.rcpt_tos))))
        if self.drops == "after":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 taken"


class _Protocol(SMTP):
    """The protocol, which can end a connection in the middle of a mail."""

    def __init__(self, mails: MailServer, *arguments: Any, **options: Any) -> None:
        super().__init__(mails, *arguments, **options)
        self._mails = mails

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  # aiosmtpd's name
        """Take content."""
        if self._mails.drops != "before":
            await super().smtp_DATA(arg)
            return
        await self.push("354 go on")
        await self._reader.readexactly(100)
        assert isinstance(self.transport, asyncio.Transport)
        self.transport.abort()

    async def auth_XOAUTH2(self, _: SMTP, args: list[str]) -> AuthResult:  # noqa: N802  # aiosmtpd's name
        """Take a token, or answer with a challenge, as Exchange does."""
        words = await self.challenge_auth("") if len(args) == 1 else base64.b64decode(args[1])
        if isinstance(words, bytes) and f"auth=Bearer {self._mails.token}".encode() in words:
            return AuthResult(success=True)
        await self.challenge_auth('{"status":"401"}')
        return AuthResult(success=False, handled=False)


class _Controller(Controller):
    def __init__(
        self,
        mails: MailServer,
        *,
        tls: ssl.SSLContext | None,
        starttls: ssl.SSLContext | None,
        wants_sign_in: bool,
        utf8: bool,
    ) -> None:
        super().__init__(mails, hostname="127.0.0.1", port=0, ssl_context=tls, ready_timeout=PATIENCE_SECONDS)
        self._mails = mails
        self._options: dict[str, Any] = {
            "tls_context": starttls,
            "require_starttls": starttls is not None,
            "auth_required": wants_sign_in,
            "auth_require_tls": False,
            "authenticator": _authenticated,
            "enable_SMTPUTF8": utf8,
        }

    def factory(self) -> SMTP:
        """What speaks to one client."""
        with warnings.catch_warnings(action="ignore"):  # a password without TLS, on this machine
            return _Protocol(self._mails, **self._options)

    def _trigger_server(self) -> None:
        """Try the server out, at the port that the system chose."""
        self.port = self._mails.port
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd


def _authenticated(*call: object) -> AuthResult:
    data = call[4]
    right = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
    return AuthResult(success=right, handled=False)
