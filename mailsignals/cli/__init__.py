"""The command line: one command a file, the only place that prints."""

import sys

from mailsignals.cli import (  # each adds its command to the program
    check_command,
    demo_command,
    digest_command,
    export_command,
    import_command,
    risk_command,
    signals_command,
    status_command,
)
from mailsignals.cli.app import main as run

__all__ = [
    "check_command",
    "demo_command",
    "digest_command",
    "export_command",
    "import_command",
    "main",
    "risk_command",
    "signals_command",
    "status_command",
]


def main() -> None:
    """The console script."""
    sys.exit(run())
