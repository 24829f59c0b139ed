"""What the global options say."""

import dataclasses
from pathlib import Path

from mailsignals.cli.exit_status import BUG, DONE, INTERRUPTED, PARTIAL, SIGN_IN, USAGE
from mailsignals.cli.output import Output
from mailsignals.workspace import Workspace

__all__ = ["BUG", "DONE", "INTERRUPTED", "PARTIAL", "SIGN_IN", "USAGE", "Run"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Run:
    """One run of the program."""

    config: Path | None
    output: Output

    def workspace(self) -> Workspace:
        """The configuration that was asked for, loaded."""
        return Workspace.load(self.config)
