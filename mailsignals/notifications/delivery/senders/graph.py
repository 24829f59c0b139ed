"""A sender by Microsoft Graph as one mailbox (``Mail.Send``)."""

import base64
import datetime as dt
import json
from collections.abc import Callable
from email.message import EmailMessage
from urllib.parse import quote

from connectors import microsoft365
from connectors.base import ConnectorError
from connectors.transport.http import Answer, Client, TransportError
from mailsignals.notifications.delivery.message import recipient_of, sender_of
from mailsignals.notifications.delivery.senders.answers import by_status, no_answer_error
from mailsignals.notifications.delivery.senders.base import LaterError, RefusedError, SendError, of_connector

SERVICE = "Microsoft Graph"
_WRONG_RECIPIENT = ("errorinvalidrecipients", "invalidrecipients")
_QUOTA = ("quota", "errorexceededmessagelimit", "submissionthrottled")
_NO_MAILBOX = ("mailboxnotenabledforrestapi", "errorinvaliduser", "resourcenotfound", "usernotfound")


class GraphSender:
    """A sender that posts each message unchanged, so that it keeps its headers."""

    def __init__(
        self,
        *,
        root: str,
        client: Client,
        tokens: "microsoft365.TokenSource",
        now: Callable[[], dt.datetime],
    ) -> None:
        self._root = root
        self._client = client
        self._tokens = tokens
        self._now = now

    def send(self, message: EmailMessage) -> None:
        """Send a message; an expired token is renewed once."""
        answer, token = self._posted(message)
        if answer.status == 401:
            answer, _ = self._posted(message, refused=token)
        if answer.status != 202:
            raise graph_meaning(
                answer, sender=sender_of(message), recipient=recipient_of(message), now=self._now()
            )

    def _posted(self, message: EmailMessage, *, refused: str | None = None) -> tuple[Answer, str]:
        try:
            token = self._tokens.token(refused=refused)
        except ConnectorError as error:
            raise of_connector(error) from error
        url = f"{self._root}users/{quote(sender_of(message), safe='@')}/sendMail"
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/plain"}
        try:
            return self._client.post_bytes(
                url, headers=headers, body=base64.b64encode(message.as_bytes())
            ), token
        except TransportError as error:
            raise no_answer_error(error, whose=recipient_of(message), service=SERVICE) from error


def graph_meaning(answer: Answer, *, sender: str, recipient: str, now: dt.datetime) -> SendError:
    """Return the error for an answer of Microsoft Graph that is not a success."""
    code = _code(answer)
    if any(sign in code for sign in _QUOTA):
        return LaterError(
            sender, f"{SERVICE} accepts no more email from this sender now ({code}).", everywhere=True
        )
    found = by_status(answer.status, answer.headers, whose=recipient, service=SERVICE, now=now)
    if found is not None:
        return found
    if any(sign in code for sign in _WRONG_RECIPIENT):
        return RefusedError(
            recipient, f"{SERVICE} refuses this recipient.", "Correct the address in the account list."
        )
    if any(sign in code for sign in _NO_MAILBOX) or answer.status == 404:
        return RefusedError(
            sender,
            "this mailbox does not exist in Exchange Online.",
            "Set digest.from to a user's or a shared mailbox.",
            everywhere=True,
        )
    if answer.status in {401, 403}:
        return RefusedError(
            sender,
            "the app may not send as this mailbox.",
            "Grant Mail.Send for this mailbox (docs/operate/digest-delivery.md). It takes up to two hours to work.",
            everywhere=True,
            sign_in=True,
        )
    return RefusedError(
        recipient, f"{SERVICE} refused the email ({answer.status} {code}).", "Please report it."
    )


def _code(answer: Answer) -> str:
    """The code of an error body, in lower case; empty if it has none."""
    error = (answer.document() or {}).get("error")
    return json.dumps(error.get("code", "")).strip('"').lower()[:100] if isinstance(error, dict) else ""
