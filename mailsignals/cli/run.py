"""What the global options say."""

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

from mailsignals import clock
from mailsignals.cli.exit_status import BUG, DONE, INTERRUPTED, PARTIAL, SIGN_IN, USAGE

if TYPE_CHECKING:  # `--help` needs the exit statuses, and neither tables nor a store
    from mailsignals.cli.output import Output
    from mailsignals.config import Settings
    from mailsignals.workspace import Workspace

__all__ = ["BUG", "DONE", "INTERRUPTED", "PARTIAL", "SIGN_IN", "USAGE", "Run"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Run:
    """One run of the program."""

    config: Path | None
    output: "Output"

    def settings(self) -> "Settings":
        """The configuration that was asked for, without the account list."""
        from mailsignals.config import load_settings  # noqa: PLC0415  # `--help` needs none of it

        return load_settings(self.config, environ=os.environ)

    def workspace(self, *, warn: bool = True) -> "Workspace":
        """The configuration that was asked for, loaded; ``warn`` prints what is wrong with its history file."""
        from mailsignals.workspace import Workspace  # noqa: PLC0415  # `--help` needs none of it

        workspace = Workspace.load(self.config, now=clock.now())
        if warn and (warning := workspace.history.warning):
            self.output.complain(warning)
        return workspace
