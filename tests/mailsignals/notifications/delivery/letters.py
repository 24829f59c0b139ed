"""A mail, a key and a moment to send them."""

import datetime as dt
from email.message import EmailMessage
from pathlib import Path

from mailsignals.notifications.delivery.message import Mail, SenderIdentity, message, message_id
from mailsignals.store import Store
from mailsignals.store.tables.deliveries import Key

AT = dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 2)
ORIGIN = SenderIdentity(address="signals@us.test", name="Us signals")
ANA = "ana@us.test"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def a_key(recipient: str = ANA, *, on: dt.date = TODAY) -> Key:
    """What is sent once."""
    return Key(kind="digest", recipient=recipient, due_on=on)


def a_mail(
    recipient: str = ANA, *, subject: str = "3 accounts at risk", text: str = "Plain.\n", picture: bytes = PNG
) -> Mail:
    """A mail with a picture."""
    return Mail(
        kind="digest",
        recipient=recipient,
        subject=subject,
        html='<p>Rich</p><img src="cid:chart">',
        text=text,
        images={"chart": picture},
    )


def a_message(recipient: str = ANA, *, text: str = "Plain.\n", picture: bytes = PNG) -> EmailMessage:
    """The same as it goes over the wire."""
    return message(
        a_mail(recipient, text=text, picture=picture), ORIGIN, id_=message_id(a_key(recipient), ORIGIN), at=AT
    )


def a_store(folder: Path) -> Path:
    """The folder of an empty store."""
    Store.open(folder, mode="write").close()
    return folder
