"""A run of the program: the global options, and the configuration that they name."""

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

from mailsignals import clock
from mailsignals.cli.exit_status import BUG, DONE, INTERRUPTED, PARTIAL, SIGN_IN, USAGE

if TYPE_CHECKING:  # `--help` needs the exit statuses, but no tables and no store
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
        """Return the requested configuration without the account list, and print its warnings once.

        Raises:
            UserError: it can't be read, or is invalid.
        """
        from mailsignals.config import load_settings  # noqa: PLC0415  # `--help` needs none of it

        return self._warn_of(load_settings(self.config, environ=os.environ))

    def workspace(self, *, warn: bool = True) -> "Workspace":
        """Return the requested configuration with the account list; ``warn`` prints problems of its history file.

        Raises:
            UserError: it can't be read, or is invalid.
        """
        from mailsignals.workspace import Workspace  # noqa: PLC0415  # `--help` needs none of it

        workspace = Workspace.of(self.settings(), now=clock.now())
        if warn and (warning := workspace.history.warning):
            self.output.complain(warning)
        return workspace

    def _warn_of(self, settings: "Settings") -> "Settings":
        """Return the settings; each of their warnings is printed once per run."""
        for text in settings.warnings:
            if text not in self._warned:
                self._warned.add(text)
                self.output.say(f"Warning: {text}")
        return settings
