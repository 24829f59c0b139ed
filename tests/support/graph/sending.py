"""Graph, with a mailbox that mail can be sent from."""

import base64
from typing import Any

from tests.support.graph import errors
from tests.support.graph.mailbox import Mailbox
from tests.support.graph.server import GraphServer
from tests.support.loopback import Answer, Request


class SendingGraph(GraphServer):
    """The server; ``entra.roles`` say whether the app may send."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.entra.roles = ("Mail.Send",)
        self.sent: list[tuple[str, bytes]] = []
        """From which mailbox which message was sent."""

    def _of(self, mailbox: Mailbox, request: Request, path: str) -> Answer:
        if request.method != "POST" or path != "sendMail":
            return super()._of(mailbox, request, path)
        if "Mail.Send" not in self.entra.roles:
            return errors.access_denied()
        if request.headers.get("content-type") != "text/plain":
            return errors.bad_request("MIME content is to be sent as text/plain.")
        self.sent.append((mailbox.address, base64.b64decode(request.body, validate=True)))
        return Answer(status=202)
