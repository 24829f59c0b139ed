"""What of a mail is kept, and whose figures are shown: ``[privacy]``."""

from typing import Literal, TypeAlias

from mailsignals.config.section import Section

People: TypeAlias = Literal["all", "team", "self"]
"""Whose figures the dashboard shows singly."""


class PrivacySection(Section):
    """``[privacy]``: what of a mail is kept, and whose figures are shown."""

    subjects: Literal["keep", "cues", "none"] = "keep"
    """What is kept of subjects: all, only whether they are urgent and which belong together, or nothing.

    A stricter rule also strips what is stored already; a looser one holds for mail that is read from then on.
    """
    people: People = "all"
    """Figures of our own people on the dashboard: of each person, of groups alone (``team``), or of oneself and groups.

    Whoever runs commands sees all of them.
    """
