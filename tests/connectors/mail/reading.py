"""How these tests read one mail: our company is example.com, the mailbox its support address."""

from connectors.base import Message
from connectors.mail import MailOrigin, Reading, read_message, split_headers

ORIGIN = MailOrigin(mailbox="support@example.com", provider="mbox")
DATE = b"Date: Mon, 2 Mar 2026 10:00:00 +0000\n"


def is_ours(address: str) -> bool:
    """Whether the address is one of our company's."""
    return address.endswith("@example.com")


def read(*lines: bytes, origin: MailOrigin = ORIGIN) -> Reading:
    """What comes of these header lines, exactly as given."""
    return read_message(split_headers(b"\n".join(lines)), origin, is_ours)


def message(*lines: bytes, origin: MailOrigin = ORIGIN) -> Message:
    """The message of these header lines, which need no date."""
    reading = read(*lines, DATE, origin=origin)
    assert reading.message is not None
    return reading.message
