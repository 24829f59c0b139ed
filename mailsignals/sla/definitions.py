"""Definitions of SLA terms, as pages show them; a test compares the documentation with them."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType


@dataclasses.dataclass(frozen=True)
class Promised:
    """One of the figures that have a target."""

    name: str
    starts: str
    """The event from which its time counts."""
    ends: str
    """The event that ends it."""


PROMISED: Mapping[str, Promised] = MappingProxyType(
    {
        "first_response": Promised(
            "first response", "when the ticket is opened", "with your team's first response"
        ),
        "next_response": Promised(
            "next response", "with each further customer email", "with your team's response to it"
        ),
        "resolution": Promised(
            "resolution",
            "when the ticket is opened",
            "with a response that the customer leaves unanswered for 72 calendar hours (`sla.resolve_after_hours`)",
        ),
    }
)
"""The figures with a target, by the names of ``FIGURES``; rows of a table in docs/support-lead/sla.md."""

VERDICTS: Mapping[str, str] = MappingProxyType(
    {
        "met": "it ended at or before its due time",
        "breached": "it ended after its due time, or it is open and overdue",
        "pending": "it is open and not due, or a response in time may still become the resolution",
    }
)
"""The verdicts on a case and their rules; rows of a table in docs/support-lead/sla.md."""

OUTCOMES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "fcr": (
            "first-contact resolution (FCR)",
            "resolved tickets",
            "with one customer request and one response",
        ),
        "reopened": (
            "reopened",
            "resolved tickets",
            "whose customer wrote in the same thread after the 72 hours",
        ),
        "escalated": ("escalated", "answered tickets", "in which two or more of your team wrote"),
        "repeat_contact": (
            "repeat contact",
            "all tickets",
            "whose contact had another ticket resolved in the seven days before",
        ),
    }
)
"""The outcomes of tickets: name, base of the share, and rule; rows of a table in docs/support-lead/sla.md."""

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "Ticket": "a conversation that a customer opened with support.",
        "Case": "one target of a ticket: its first response, a next response, or its resolution.",
        "Due time": "the time at which a target has passed in business hours.",
        "Compliance": "the share of met among met and breached.",
        "Business hours": "the hours of a calendar in which targets count.",
        "Near miss": "a response that met its target, but used over four fifths of it.",
        "Off hours": "emails that arrived and were answered outside of business hours.",
        "Queue, backlog": "the tickets of the last 90 days that are not resolved.",
        "Agent": "the person of your team who responded, or the recipient of an unanswered email.",
    }
)
"""SLA terms with their definitions, which are entries of the glossary."""
