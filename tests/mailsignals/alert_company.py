"""A company whose support desk is asked something, and what its people are told."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

from tests.support.smtp import MailServer

ANA, LEA = "ana@us.test", "lea@us.test"
KIM = "kim@a04.test"
PORT = "port = 9"
"""Where no mail server is; a test that sends names its own."""
CONFIG = f"""
[digest]
enabled = true
from = "signals@us.test"
support_lead = ["lea@us.test"]

[digest.smtp]
host = "127.0.0.1"
{PORT}
security = "none"

[alerts]
enabled = true
tiers = ["gold"]
"""
Time = Callable[[str], None]


def berlin(text: str) -> dt.datetime:
    """The instant of a time of March 2026, such as ``03 09:00``; the 3rd is a Tuesday."""
    return dt.datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=ZoneInfo("Europe/Berlin"))


def to(server: MailServer) -> list[str]:
    """Who got mail, in order."""
    return [recipient for _, (recipient,) in server.envelopes]
