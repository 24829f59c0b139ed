"""An email as a value, and as the message for the wire; pure."""

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

from mailsignals.store.tables.deliveries import Key
from mailsignals.wording.html import SENDER_LENGTH, SUBJECT_LENGTH, encodable_text, one_line

_HEADER_LENGTH = 500


@dataclasses.dataclass(frozen=True, kw_only=True)
class SenderIdentity:
    """The address and name of the sender."""

    address: str
    name: str
    """The name beside the address; may be empty."""

    @property
    def domain(self) -> str:
        """Return the part of the address after the @."""
        return self.address.rpartition("@")[2]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Letter:
    """The HTML of an email."""

    html: str
    images: Mapping[str, bytes]
    """PNG pictures by the content id under which it refers to them."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Mail:
    """An email to one recipient: subject, HTML, plain text and pictures."""

    kind: str
    """The kind, such as ``digest``; it is in ``List-Id``, for mail filters."""
    recipient: str
    subject: str
    html: str
    text: str
    """The same content for readers without HTML."""
    images: Mapping[str, bytes] = dataclasses.field(default_factory=dict)
    """PNG pictures by the content id under which the HTML refers to them (``cid:NAME``)."""
    headers: tuple[tuple[str, str], ...] = ()
    """Further headers, as names and values."""


def message_id(key: Key, origin: SenderIdentity, *, salt: dt.datetime | None = None) -> str:
    """Return the Message-ID for a key: always the same, so that a repetition can be recognised.

    ``salt`` is a time since which keys stand for other content than before.
    """
    number = [*([f"{key.number}"] if key.number else []), *([salt.isoformat()] if salt else [])]
    words = "\n".join([key.kind, key.recipient, key.due_on.isoformat(), *number, origin.address])
    return f"{key.kind}.{hashlib.sha256(words.encode()).hexdigest()[:32]}@{origin.domain}"


def message(mail: Mail, origin: SenderIdentity, *, id_: str, at: dt.datetime) -> EmailMessage:
    """Return the email as a message (RFC 5322): plain text, and HTML with its pictures, as alternatives.

    The same arguments give the same bytes. Headers mark it as automated mail that needs no reply, in all common forms
    (RFC 3834, RFC 2919, Exchange).
    """
    addressed = (origin.address, mail.recipient)
    made = EmailMessage(policy=SMTP if all(map(str.isascii, addressed)) else SMTPUTF8)
    made["From"] = _address(origin.address, one_line(origin.name, most=SENDER_LENGTH))
    made["To"] = _address(mail.recipient)
    made["Subject"] = one_line(mail.subject, most=SUBJECT_LENGTH)
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{id_}>"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    made["Precedence"] = "bulk"
    made["List-Id"] = f"<{mail.kind}.mailsignals.{origin.domain}>"
    for name, value in mail.headers:
        made[name] = one_line(value, most=_HEADER_LENGTH)
    made.set_content(encodable_text(mail.text), cte="quoted-printable")
    made.add_alternative(encodable_text(mail.html), subtype="html", cte="quoted-printable")
    page = list(made.iter_parts())[-1]
    assert isinstance(page, MIMEPart)
    for name, picture in mail.images.items():
        page.add_related(
            picture, "image", "png", cid=f"<{name}>", filename=f"{name}.png", disposition="inline"
        )
    _set_boundaries(made, id_)
    return made


def _address(address: str, name: str = "") -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)


def _set_boundaries(made: EmailMessage, id_: str) -> None:
    """Set boundaries from the id instead of at random; no quoted-printable line has ``=_`` (RFC 2045, 6.7)."""
    digest = hashlib.sha256(id_.encode()).hexdigest()[:24]
    for number, part in enumerate(part for part in made.walk() if part.is_multipart()):
        part.set_boundary(f"=_{digest}_{number}")


def recipient_of(made: EmailMessage) -> str:
    """Return the address of the recipient, as in the envelope."""
    return str(made["To"].addresses[0].addr_spec)


def sender_of(made: EmailMessage) -> str:
    """Return the address of the sender, as in the envelope."""
    return str(made["From"].addresses[0].addr_spec)
