"""What of a mail is kept: ``[privacy]``."""

from typing import Literal

from mailsignals.config.section import Section


class PrivacySection(Section):
    """``[privacy]``: what of a mail is kept."""

    subjects: Literal["keep", "cues", "none"] = "keep"
    """What is kept of subjects: all, only whether they are urgent and which belong together, or nothing.

    A stricter rule also strips what is stored already; a looser one holds for mail that is read from then on.
    """
