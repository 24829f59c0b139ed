"""The command line: one command a file, the only place that prints."""

import sys

from mailsignals.cli.app import main as run


def main() -> None:
    """The console script."""
    sys.exit(run())
