"""A company whose support desk is asked something, and what its people are told."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

from tests.mailsignals.cli.program import Program, Ran
from tests.support.smtp import MailServer

ANA, LEA = "ana@us.test", "lea@us.test"
KIM = "kim@a04.test"
CONFIG = """
[digest]
enabled = true
from = "signals@us.test"
support_lead = ["lea@us.test"]

[digest.smtp]
host = "127.0.0.1"
port = {port}
security = "none"

[alerts]
enabled = true
tiers = ["gold"]
"""
SEND = ("alerts", "--send")

Time = Callable[[str], None]


def berlin(text: str) -> dt.datetime:
    """The instant of a time of March 2026, such as ``03 09:00``; the 3rd is a Tuesday."""
    return dt.datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=ZoneInfo("Europe/Berlin"))


def to(server: MailServer) -> list[str]:
    """Who got mail, in order."""
    return [recipient for _, (recipient,) in server.envelopes]


def states(ran: Ran) -> dict[tuple[str, str], str]:
    """What becomes of each matter, by recipient and kind; what began before alerts is left out."""
    return {(row["recipient"], row["kind"]): row["state"] for row in ran.json if row["state"] != "before"}


def claimed(run: Program) -> bool:
    """Whether a mail is being sent."""
    return any(row["state"] == "claimed" for row in run("status", "--json").json["undelivered"])
