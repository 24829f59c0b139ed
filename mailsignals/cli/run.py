"""What the global options say, and the exit statuses."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # `--help` needs the exit statuses, and neither tables nor a store
    from mailsignals.cli.output import Output
    from mailsignals.cli.workspace import Workspace

DONE, BUG, USAGE, PARTIAL, SIGN_IN, INTERRUPTED = 0, 1, 2, 3, 4, 130
"""Exit statuses."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Run:
    """One run of the program."""

    config: Path | None
    output: "Output"

    def workspace(self) -> "Workspace":
        """The configuration that was asked for, loaded."""
        from mailsignals.cli.workspace import Workspace  # noqa: PLC0415  # as above

        return Workspace.load(self.config)
