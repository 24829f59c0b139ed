"""A sender of short digests and alerts to a channel of Slack or Teams."""

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import Literal, TypeAlias

from connectors.transport.http import Client, TransportError
from mailsignals.notifications.delivery.senders.answers import by_status, no_answer_error
from mailsignals.notifications.delivery.senders.base import RefusedError
from mailsignals.wording.html import encodable_text

Kind: TypeAlias = Literal["slack", "teams"]
NAMES = {"slack": "Slack", "teams": "Teams"}

SLACK_LENGTH = 3_000
"""The most characters in a block of text (docs.slack.dev/reference/block-kit)."""
TEAMS_LENGTH = 10_000
"""The most characters, so that the card stays well below the 28 kB limit of Teams."""


@dataclasses.dataclass(frozen=True)
class Note:
    """A title and the short form of a notification."""

    title: str
    text: str


class Webhook:
    """A sender to a webhook; its address is a secret, because anyone with it may post."""

    def __init__(self, *, kind: Kind, url: str, client: Client, now: Callable[[], dt.datetime]) -> None:
        self._kind: Kind = kind
        self._url = url
        self._client = client
        self._now = now

    def send(self, note: Note) -> None:
        """Post a note.

        Raises:
            SendError: the note was not accepted, or that is unknown.
        """
        service = NAMES[self._kind]
        document = payload(self._kind, title=encodable_text(note.title), text=encodable_text(note.text))
        try:
            answer = self._client.post(self._url, headers={}, document=document)
        except TransportError as error:
            raise no_answer_error(error, whose=service, service=service) from error
        if answer.status in {200, 202}:
            return
        found = by_status(answer.status, answer.headers, whose=service, service=service, now=self._now())
        raise found or RefusedError(
            service,
            f"the webhook refused the note ({answer.status}).",
            "It may have been removed. Create a new one, and set its address at digest.webhook.",
            everywhere=True,
        )


def payload(kind: Kind, *, title: str, text: str) -> dict[str, object]:
    """Return the JSON object that a chat service expects.

    Nothing in the texts takes effect as markup, a mention or a link.
    """
    if kind == "slack":
        shown = _cut(f"{title}\n{text}", SLACK_LENGTH)
        block = {"type": "section", "text": {"type": "plain_text", "text": shown, "emoji": False}}
        return {"text": _escaped(title), "blocks": [block]}
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": [
            _paragraph(title, weight="Bolder"),
            *(_paragraph(line) for line in _cut(text, TEAMS_LENGTH).splitlines() if line.strip()),
        ],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}


def _paragraph(text: str, **more: str) -> dict[str, object]:
    """Return a paragraph without markup; a ``TextBlock`` would interpret Markdown."""
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **more}]}


def _escaped(text: str) -> str:
    """Escape the markup of Slack (docs.slack.dev/messaging/formatting-message-text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}\N{HORIZONTAL ELLIPSIS}"
