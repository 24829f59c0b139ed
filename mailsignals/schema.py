"""Names and types of the frames that cross rooms, declared once."""

import polars as pl

from connectors.base import INSTANT, MESSAGE_SCHEMA

__all__ = [
    "BOOK_SCHEMA",
    "INSTANT",
    "LINK_SCHEMA",
    "MATCH_SCHEMA",
    "MESSAGE_SCHEMA",
    "PERIOD_SCHEMA",
    "PROGRAM_SCHEMA",
    "ROLES",
    "STRANGER_SCHEMA",
    "TOUCH_SCHEMA",
    "TURN_SCHEMA",
    "Role",
]

ROLES = ("support", "cs", "other")
"""Internal roles, in the order in which the recipients of a mail decide the role of its touch."""
Role = pl.Enum(ROLES)

BOOK_SCHEMA = pl.Schema(
    {
        "account_id": pl.String(),
        "name": pl.String(),
        "tier": pl.String(),
        "csm": pl.String(),
        "started_on": pl.Date(),
        "churned_on": pl.Date(),
        "renewal_on": pl.Date(),
        "arr": pl.Float64(),
    }
)
"""One row an account, in the order of the book. A row's position is the account's number (``account``)."""

MATCH_SCHEMA = pl.Schema(
    {
        "address": pl.String(),
        "internal": pl.Boolean(),
        "role": Role,
        "account": pl.UInt32(),
    }
)
"""One row a distinct address: ours (with a role), an account's, or nobody's."""

TOUCH_SCHEMA = pl.Schema(
    {
        "account": pl.UInt32(),
        "thread": pl.UInt32(),
        "sent_at": INSTANT,
        "outbound": pl.Boolean(),
        "role": Role,
        "person": pl.UInt32(),
        "addressee": pl.UInt32(),
        "urgent": pl.Boolean(),
        "copied": pl.UInt16(),
        "message": pl.UInt32(),
    }
)
"""One row a touch, sorted by account, thread and the order of touches.

``person`` is the sender's position in the sorted list of addresses: the contact of an inbound touch, the actor of
an outbound one. ``addressee`` is whom of us an inbound touch is to: the first recipient who is support, else the
first of all; null of an outbound one. ``copied`` counts the account's people among the recipients. ``thread``
numbers the threads of all accounts, ``message`` the logical messages.
"""

LINK_SCHEMA = pl.Schema(
    {
        "account": pl.UInt32(),
        "sent_at": INSTANT,
        "reference": pl.UInt64(),
        "previous_at": INSTANT,
        "stored_at": INSTANT,
    }
)
"""One row for each id that a touch refers to, by time; ``reference`` is a hash of account and id.

``previous_at`` is when a touch of the account referred to it before, ``stored_at`` when a message of that id was
sent; null if there is none.
"""

PROGRAM_SCHEMA = pl.Schema(
    {
        "account": pl.UInt32(),
        "sent_at": INSTANT,
        "kind": pl.Enum(["bounce", "calendar", "auto_reply"]),
        "person": pl.UInt32(),
        "topic": pl.UInt64(),
    }
)
"""Mail that programs wrote, which makes no touch, by account and time.

``person`` is the address that cannot be reached (of a bounce) or whoever is away (of an automatic reply); ``topic`` is
a hash of what a calendar message is about. The other of the two is null.
"""

STRANGER_SCHEMA = pl.Schema({"person": pl.UInt32(), "account": pl.UInt32(), "mails": pl.UInt32()})
"""One row for each person who is neither ours nor any account's, and each account in whose threads they are named.

Only threads with touches of one account count; ``mails`` are the logical messages there that the person wrote or got.
"""

PERIOD_SCHEMA = pl.Schema({"since": INSTANT, "until": INSTANT})
"""Half-open periods ``[since, until)``."""

TURN_SCHEMA = pl.Schema(
    {
        "account": pl.UInt32(),
        "conversation": pl.UInt32(),
        "started_at": INSTANT,
        "answered_at": INSTANT,
        "outbound": pl.Boolean(),
        "opening": pl.Boolean(),
        "role": Role,
        "person": pl.UInt32(),
        "answered_by": pl.UInt32(),
    }
)
"""One row a turn, sorted like touches; ``answered_at`` and ``answered_by`` are null while it is open."""
