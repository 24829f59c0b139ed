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
    _warned: set[str] = dataclasses.field(default_factory=set, compare=False)

    def settings(self) -> "Settings":
        """The configuration that was asked for, without the account list."""
        from mailsignals.config import load_settings  # noqa: PLC0415  # `--help` needs none of it

        return self._warn_of(load_settings(self.config, environ=os.environ))

    def workspace(self, *, warn: bool = True) -> "Workspace":
        """The configuration that was asked for, loaded; ``warn`` prints what is wrong with its history file."""
        from mailsignals.workspace import Workspace  # noqa: PLC0415  # `--help` needs none of it

        workspace = Workspace.of(self.settings(), now=clock.now())
        if warn and (warning := workspace.history.warning):
            self.output.complain(warning)
        return workspace

    def _warn_of(self, settings: "Settings") -> "Settings":
        """The settings; each of their warnings is shown once in a run."""
        for text in settings.warnings:
            if text not in self._warned:
                self._warned.add(text)
                self.output.say(f"Warning: {text}")
        return settings
