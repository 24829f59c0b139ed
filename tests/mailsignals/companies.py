"""A small company full of edge cases, and its mail written by hand."""

import datetime as dt

from connectors.base import Message
from tests.mailsignals.oracle_touches import Account, Rules

START = dt.datetime(2025, 1, 1, 12, tzinfo=dt.UTC)
TICK = dt.timedelta(microseconds=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)

ACCOUNTS = (
    Account(
        account_id="A",
        domains=("a.example", "old.test"),
        contacts=("boss@gmail.com",),
        first_response_hours=2.0,
        next_response_hours=0.5,
    ),
    Account(account_id="B", domains=("sub.a.example",), first_response_hours=24.0),
    Account(account_id="C", domains=("c.example",), contacts=("moved@a.example", "di@partner.example")),
    Account(account_id="D", domains=("gmail.com", "eu.us.example", "d.example"), next_response_hours=4.0),
    Account(account_id="mute", contacts=("nobody@mute.example",), first_response_hours=1.0),
)
RULES = Rules(
    domains=("us.example",),
    addresses=("list@lists.test",),
    people={
        "cs@us.example": "cs",
        "help@us.example": "support",
        "desk@eu.us.example": "support",
        "di@partner.example": "cs",
    },
    aliases={
        "cy@old.us.test": "cs@us.example",
        "csofus@gmail.com": "cs@us.example",
        "hilfe@old.us.test": "help@us.example",
        "di.two@partner.example": "di@partner.example",
    },
    accounts=ACCOUNTS,
    mail_merge_accounts=3,
)
OURS = ("cs@us.example", "help@us.example", "ana@us.example", "desk@eu.us.example", "di@partner.example")
THEIRS = (
    "p@a.example",
    "q@old.test",
    "boss@gmail.com",
    "p@deep.sub.a.example",
    "moved@a.example",
    "p@c.example",
    "p@d.example",
)
STRANGERS = ("x@gmail.com", "x@nota.example", "list@lists.test")
PEOPLE = (*OURS, *THEIRS, *STRANGERS)


def message(at: dt.datetime, sender: str, *to: str, **more: object) -> Message:
    """A copy in a mailbox, with a provider id made of all that it says."""
    words = {"mailbox": "archive@us.example", "provider": "mbox"} | more
    provider_id = repr((at, sender, to, more))
    return Message(**{"provider_id": provider_id, "sent_at": at, "sender": sender, "to": to} | words)  # type: ignore[arg-type]
