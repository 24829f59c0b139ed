"""A sender by the Gmail API as one user, with a permission that can't read mail."""

import base64
import datetime as dt
from collections.abc import Callable
from email.message import EmailMessage

from connectors.base import ConnectorError
from connectors.gmail.errors import Complaint
from connectors.transport.http import Answer, Client, TransportError
from mailsignals.notifications.delivery.message import recipient_of, sender_of
from mailsignals.notifications.delivery.senders.answers import by_status, no_answer_error
from mailsignals.notifications.delivery.senders.base import LaterError, RefusedError, SendError, of_connector

SCOPE = "https://www.googleapis.com/auth/gmail.send"
SERVICE = "Gmail"
_THROTTLED = ("ratelimitexceeded", "quota exceeded", "quotaexceeded", "resource_exhausted", "limit exceeded")
_WRONG_RECIPIENT = ("invalid to header", "recipient address", "invalid recipient")


class GmailSender:
    """A sender that posts each message unchanged; ``token`` returns a token for ``SCOPE``."""

    def __init__(
        self, *, root: str, client: Client, token: Callable[[], str], now: Callable[[], dt.datetime]
    ) -> None:
        self._root = root
        self._client = client
        self._token = token
        self._now = now

    def send(self, message: EmailMessage) -> None:
        """Send a message."""
        try:
            token = self._token()
        except ConnectorError as error:
            raise of_connector(error) from error
        raw = base64.urlsafe_b64encode(message.as_bytes()).decode()
        try:
            answer = self._client.post(
                f"{self._root}gmail/v1/users/me/messages/send",
                headers={"Authorization": f"Bearer {token}"},
                document={"raw": raw},
            )
        except TransportError as error:
            raise no_answer_error(error, whose=recipient_of(message), service=SERVICE) from error
        if answer.status != 200:
            raise gmail_meaning(
                answer, sender=sender_of(message), recipient=recipient_of(message), now=self._now()
            )


def gmail_meaning(answer: Answer, *, sender: str, recipient: str, now: dt.datetime) -> SendError:
    """Return the error for an answer of the Gmail API that is not a success."""
    complaint = Complaint.of(answer.body)
    if answer.status == 403 and complaint.mentions(*_THROTTLED):
        return LaterError(sender, "Gmail accepts no more email from this sender now.", everywhere=True)
    found = by_status(answer.status, answer.headers, whose=recipient, service=SERVICE, now=now)
    if found is not None:
        return found
    if complaint.mentions(*_WRONG_RECIPIENT):
        return RefusedError(
            recipient, "Gmail refuses this recipient.", "Correct the address in the account list."
        )
    if answer.status in {401, 403}:
        return RefusedError(
            sender,
            "Gmail does not allow sending as this user.",
            f"Grant the scope {SCOPE} (docs/operate/digest-delivery.md).",
            everywhere=True,
            sign_in=True,
        )
    return RefusedError(
        sender,
        f"Gmail refused the email ({answer.status}).",
        "Set digest.from to the primary address of a user of your Google Workspace.",
        everywhere=True,
    )
