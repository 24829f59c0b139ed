"""How these tests read one mail: our company is example.com, the mailbox its support address."""

from connectors.base import Message
from connectors.mail import MailOrigin, Own, Reading, read_message, split_headers

ORIGIN = MailOrigin(mailbox="support@example.com", provider="mbox")
DATE = b"Date: Mon, 2 Mar 2026 10:00:00 +0000\n"


OWN = Own(
    lambda address: address.endswith("@example.com"), frozenset({"website@example.com", "form@forms.test"})
)
"""Our company's addresses, and those of its contact forms."""


def read(*lines: bytes, origin: MailOrigin = ORIGIN) -> Reading:
    """What comes of these header lines, exactly as given."""
    return read_message(split_headers(b"\n".join(lines)), origin, OWN)


def message(*lines: bytes, origin: MailOrigin = ORIGIN) -> Message:
    """The message of these header lines, which need no date."""
    reading = read(*lines, DATE, origin=origin)
    assert reading.message is not None
    return reading.message
