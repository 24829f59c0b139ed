"""Names and types of the columns of frames that several packages use."""

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
"""Internal roles, in the order in which the recipients of an email decide the role of its touch."""
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
"""One row per account, in the order of the account list; a row's position is the account's number (``account``)."""

MATCH_SCHEMA = pl.Schema(
    {
        "address": pl.String(),
        "internal": pl.Boolean(),
        "role": Role,
        "account": pl.UInt32(),
    }
)
"""One row per distinct address: internal (with a role), of an account, or of neither."""

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
"""One row per touch, sorted by account, thread and the order of touches.

``person`` is the sender's position in the sorted list of addresses: the contact of an inbound touch, the actor of
an outbound one. ``addressee`` is the internal recipient of an inbound touch: the first one in support, else the
first of all; null for an outbound one. ``copied`` counts the account's people among the recipients. ``thread``
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

``previous_at`` is the time of the previous touch of the account that refers to it, ``stored_at`` the time at which a
message with that id was sent; null if there is none.
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
"""Automated emails, which aren't touches, by account and time.

``person`` is the unreachable address of a bounce, or the absent person of an automatic reply. ``topic`` is a hash of
the topic of a calendar message. The other of the two is null.
"""

STRANGER_SCHEMA = pl.Schema({"person": pl.UInt32(), "account": pl.UInt32(), "mails": pl.UInt32()})
"""One row per unknown person (neither internal nor of an account) and account in whose threads they are named.

Only threads with touches of a single account count. ``mails`` is the number of logical messages in them that the
person sent or received.
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
"""One row per turn, sorted like touches; ``answered_at`` and ``answered_by`` are null while it is open."""
