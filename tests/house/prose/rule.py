"""One rule of wording: a pattern, better words, and samples."""

import dataclasses
import re

from tests.house.prose.passage import Kind

EVERYWHERE = frozenset(Kind)
SURFACES = EVERYWHERE - {Kind.COMMENT, Kind.DOCSTRING, Kind.PRIVATE}
"""What users read; developers read the rest too."""
SCREENS = SURFACES - {Kind.DOCS}


@dataclasses.dataclass(frozen=True)
class Rule:
    """A phrase that plain English avoids.

    A blank in the pattern matches a line end too. The pattern ignores case unless it begins with ``(?-i:``.
    """

    name: str
    pattern: str
    better: str
    """What to write instead."""
    bad: str
    """A sentence that breaks the rule."""
    good: str
    """A sentence that comes close, and keeps it."""
    kinds: frozenset[Kind] = EVERYWHERE

    @property
    def expression(self) -> str:
        """The pattern as it is searched for."""
        return re.sub(r"(?<!\[) (?!\])", r"(?:[ ]+|[ ]*\\n[ ]*)", self.pattern)
