"""What the global options say, and the exit statuses."""

import dataclasses
from pathlib import Path

from mailsignals.cli.output import Output
from mailsignals.workspace import Workspace

DONE, BUG, USAGE, PARTIAL, SIGN_IN, INTERRUPTED = 0, 1, 2, 3, 4, 130
"""Exit statuses."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Run:
    """One run of the program."""

    config: Path | None
    output: Output

    def workspace(self) -> Workspace:
        """The configuration that was asked for, loaded."""
        return Workspace.load(self.config)
