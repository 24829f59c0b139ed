"""The content of weekly reports, support reports and alerts: sentences by group, without markup; pure."""

import dataclasses
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True, kw_only=True)
class Link:
    """A link to a page of the dashboard."""

    words: str
    url: str


Groups = Sequence[tuple[str, Sequence[str | Link]]]
"""Names, each with sentences and links."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bulletin:
    """The content of one report or alert: a headline, sections and remarks."""

    kind: str
    """The kind of delivery."""
    title: str
    """The subject without the company."""
    company: str
    on: str
    """The day or period that it covers."""
    headline: str
    sections: Sequence[tuple[str, Groups]]
    remarks: Sequence[str]
