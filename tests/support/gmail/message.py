"""One message as the server keeps it, and as JSON."""

import base64
import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from email.utils import format_datetime

Headers = tuple[tuple[str, str], ...]
"""Names and values in order; a name may occur several times."""

BODY = "The body, which no client of ours may ever ask for."


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message."""

    id: str
    thread_id: str
    labels: tuple[str, ...]
    """Ids of labels in the order in which they are shown."""
    internal_date: int
    """When Google accepted it, in milliseconds since 1970; may be negative."""
    headers: Headers
    history_id: int
    size: int = 2_048

    def values(self, name: str) -> list[str]:
        """The values of a header, whatever the case of its name."""
        return [value for key, value in self.headers if key.lower() == name]


def mail(
    sender: str,
    to: str,
    subject: str | None,
    *,
    at: dt.datetime,
    message_id: str,
    references: Sequence[str] = (),
    more: Iterable[tuple[str, str]] = (),
) -> Headers:
    """The headers of an ordinary mail, with some that no client of ours needs; ids without angle brackets."""
    when = format_datetime(at)
    headers = [
        ("Delivered-To", to.rpartition("<")[2].rstrip(">")),
        ("Received", f"by 2002:a05:6402:3586:b0:5d0:1234:5678 with SMTP id x6; {when}"),
        ("Received", f"from mail.acme.test (mail.acme.test. [192.0.2.7]) by mx.google.com; {when}"),
        ("DKIM-Signature", "v=1; a=rsa-sha256; c=relaxed/relaxed; d=acme.test; s=20230601; bh=abc=; b=def="),
        ("MIME-Version", "1.0"),
    ]
    if references:
        headers += [
            ("References", " ".join(f"<{reference}>" for reference in references)),
            ("In-Reply-To", f"<{references[-1]}>"),
        ]
    headers += [("From", sender), ("Date", when), ("Message-ID", f"<{message_id}>")]
    if subject is not None:
        headers.append(("Subject", subject))
    headers += [("To", to), ("Content-Type", 'text/plain; charset="UTF-8"')]
    return (*headers, *more)


def as_document(message: Message, *, form: str, names: frozenset[str], restricted: bool) -> dict[str, object]:
    """A message as the API shows it.

    Args:
        message: the message.
        form: ``minimal``, ``metadata``, ``full`` or ``raw``.
        names: lower-case names of the headers asked for with ``metadata``; empty: all of them.
        restricted: whether the scope is gmail.metadata; then there is no snippet, and of the payload no more
            than the headers.
    """
    document: dict[str, object] = {"id": message.id, "threadId": message.thread_id}
    if message.labels:
        document["labelIds"] = list(message.labels)
    if not restricted:
        document["snippet"] = BODY[:20]
    if form in {"metadata", "full"}:
        document["payload"] = _payload(message, names=names, whole=form == "full", restricted=restricted)
    if form == "raw":
        document["raw"] = base64.urlsafe_b64encode(BODY.encode()).decode()
    document["sizeEstimate"] = message.size
    document["historyId"] = str(message.history_id)
    document["internalDate"] = str(message.internal_date)
    return document


def _payload(message: Message, *, names: frozenset[str], whole: bool, restricted: bool) -> dict[str, object]:
    payload: dict[str, object] = {"partId": ""}
    if not restricted:
        payload |= {"mimeType": "text/plain", "filename": ""}
    headers = [
        {"name": name, "value": value}
        for name, value in message.headers
        if whole or not names or name.lower() in names
    ]
    if headers:
        payload["headers"] = headers
    if whole:
        payload["body"] = {
            "size": len(BODY),
            "data": base64.urlsafe_b64encode(BODY.encode()).decode(),
        }
    return payload
