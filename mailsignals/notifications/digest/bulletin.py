"""Figures by group, in sentences, for somebody who answers for several people; pure, and free of any markup."""

import dataclasses
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True, kw_only=True)
class Link:
    """A way to a page of the dashboard."""

    words: str
    url: str


Groups = Sequence[tuple[str, Sequence[str | Link]]]
"""Names, each with what is said of it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bulletin:
    """What one mail says."""

    kind: str
    """Of delivery."""
    title: str
    """What the subject says of it."""
    company: str
    on: str
    """What it is of."""
    headline: str
    sections: Sequence[tuple[str, Groups]]
    remarks: Sequence[str]
