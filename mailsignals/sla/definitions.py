"""What the words of service levels mean: pages show these sentences, and a test holds the documentation to them."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType


@dataclasses.dataclass(frozen=True)
class Promised:
    """One of the figures that are promised."""

    name: str
    starts: str
    """When its clock starts."""
    ends: str
    """What ends it."""


PROMISED: Mapping[str, Promised] = MappingProxyType(
    {
        "first_response": Promised("first response", "when the ticket is opened", "with our first answer"),
        "next_response": Promised(
            "next response", "with each further turn of the customer", "with our answer to it"
        ),
        "resolution": Promised(
            "resolution",
            "when the ticket is opened",
            "with our first answer that the customer lets stand for 72 hours by the clock (`sla.resolve_after_hours`)",
        ),
    }
)
"""By the names of ``FIGURES``; rows of the table in docs/support-lead/sla.md."""

VERDICTS: Mapping[str, str] = MappingProxyType(
    {
        "met": "it ended at or before its due time",
        "breached": "it ended later; or it is open and due, whether or not anybody has answered since",
        "pending": (
            "it is open and not due; or an answer of ours, given in time, may yet turn out to be the resolution"
        ),
    }
)
"""Rows of the next table there."""

OUTCOMES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "fcr": ("by one answer (FCR)", "the resolved", "with one turn of the customer and one of ours"),
        "reopened": (
            "reopened",
            "the resolved",
            "whose customer wrote in the same thread after the 72 hours",
        ),
        "escalated": ("escalated", "the answered", "in which two or more of us wrote"),
        "repeat_contact": (
            "asked again",
            "all",
            "whose contact had another ticket resolved in the seven days before",
        ),
    }
)
"""What may be said of tickets: its name, of which tickets it is a share, and which those are; rows there, too."""

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "Ticket": "a conversation that a customer opened with support.",
        "Case": "one thing that a policy promises of a ticket: its first response, a later one, or its resolution.",
        "Due time": "the first instant by which a target has passed in open hours.",
        "Compliance": "the share of met among met and breached.",
        "Open hours, business time": "time within the hours of a calendar.",
        "Near miss": "a response that was met with less than a fifth of its target left.",
        "Off hours": "what came and was answered outside of open hours.",
        "Backlog, queue": "the tickets of the last 90 days that are not resolved.",
        "Agent": "whoever of us answered, or was asked.",
    }
)
"""Entries of the glossary."""
