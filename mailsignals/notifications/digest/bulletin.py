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
    """The contents of one mail: a headline, sections and remarks."""

    kind: str
    """The kind of delivery."""
    title: str
    """The text of the subject, without the company."""
    company: str
    on: str
    """The day or period that it covers."""
    headline: str
    sections: Sequence[tuple[str, Groups]]
    remarks: Sequence[str]
