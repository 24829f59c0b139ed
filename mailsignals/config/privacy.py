"""Stored parts of emails, and visibility of figures about people: ``[privacy]``."""

from typing import Literal, TypeAlias

from mailsignals.config.section import Section

People: TypeAlias = Literal["all", "team", "self"]
"""The people whose individual figures the dashboard shows."""


class PrivacySection(Section):
    """``[privacy]``: stored parts of emails, and visibility of figures about people."""

    subjects: Literal["keep", "cues", "none"] = "keep"
    """The stored part of subjects: all of it ("keep"), urgency and topic only ("cues"), or nothing ("none").

    A stricter rule also strips stored subjects; a looser one applies to mail that is read from then on.
    """
    people: People = "all"
    """Visible figures about internal people on the dashboard: of each person, of groups only, or of oneself and groups.

    Commands in the terminal show all of them.
    """
