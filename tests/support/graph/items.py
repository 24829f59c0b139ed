"""Messages of a mailbox, and as JSON."""

import base64
import dataclasses
import datetime as dt
from typing import Any

BASIC = frozenset(
    {
        *("id", "internetMessageId", "conversationId", "conversationIndex", "subject", "from", "sender"),
        *("toRecipients", "ccRecipients", "bccRecipients", "replyTo", "sentDateTime", "receivedDateTime"),
        *("createdDateTime", "lastModifiedDateTime", "changeKey", "parentFolderId", "isDraft", "isRead"),
        *("importance", "categories", "flag", "hasAttachments", "inferenceClassification"),
        "internetMessageHeaders",
    }
)
"""What Mail.ReadBasic covers."""


@dataclasses.dataclass(kw_only=True)
class Item:
    """One message; changed in place."""

    key: str
    """The immutable id."""
    folder: str
    version: int = 1
    """Counts the moves: the id that is not immutable changes with it."""
    fields: dict[str, Any]
    kind: str = "#microsoft.graph.message"
    headers: list[dict[str, str]] | None = None

    def name(self, *, immutable: bool) -> str:
        """The id as the request wants it."""
        return self.key if immutable else f"{self.key}-{self.version}-mutable"

    def document(self, select: list[str], *, immutable: bool, shows_headers: bool) -> dict[str, Any]:
        """As JSON."""
        shown: dict[str, Any] = {"@odata.etag": f'W/"{self.version}"', "id": self.name(immutable=immutable)}
        if self.kind != "#microsoft.graph.message":
            shown["@odata.type"] = self.kind
        for name in select:
            if name == "parentFolderId":
                shown[name] = self.folder
            elif name == "internetMessageHeaders":
                if shows_headers and self.headers is not None:
                    shown[name] = self.headers
            elif name in self.fields:
                shown[name] = self.fields[name]
        return shown


def recipient(address: str | None, name: str = "") -> dict[str, Any]:
    """A recipient as Graph shows it."""
    details = {"name": name or address or ""} | ({"address": address} if address is not None else {})
    return {"emailAddress": details}


def mail(
    number: int, sender: str, to: list[str], *, at: dt.datetime, subject: str | None = None, **more: Any
) -> dict[str, Any]:
    """The fields of an ordinary mail."""
    instant = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    return {
        "internetMessageId": f"<{number}@mail.test>",
        "conversationId": f"conversation-{number}",
        "conversationIndex": index(number),
        "subject": subject or f"Letter {number}",
        "from": recipient(sender),
        "sender": recipient(sender),
        "toRecipients": [recipient(address) for address in to],
        "ccRecipients": [],
        "bccRecipients": [],
        "replyTo": [],
        "sentDateTime": instant,
        "receivedDateTime": instant,
        "isDraft": False,
        "isRead": False,
        "importance": "normal",
    } | more


def index(number: int, *replies: int) -> str:
    """A conversation index: 22 bytes, and 5 for each reply."""
    root = b"\x01\xdc" + number.to_bytes(20, "big")
    return base64.b64encode(root + b"".join(reply.to_bytes(5, "big") for reply in replies)).decode()
