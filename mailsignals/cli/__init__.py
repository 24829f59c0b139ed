"""The command line: one command per file, and the only place that prints."""

import sys

from mailsignals.cli.app import main as run


def main() -> None:
    """Run the console script."""
    sys.exit(run())
