"""Global options may stand before or after a command: for the parser, and for a shell that completes them."""

from collections.abc import Sequence
from typing import Any

import typer.core

FLAGS = ("--json", "--quiet")
ANYWHERE = (*FLAGS, "--config")
"""Global options that may stand after a command."""


class Command(typer.core.TyperCommand):
    """A command after which a shell completes the global options, too."""

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:  # noqa: ANN401  # typer's own types
        """Return the command's completions, then the global options that begin with ``incomplete``."""
        own: list[Any] = super().shell_complete(ctx, incomplete)
        if not incomplete.startswith("-"):
            return own
        root = ctx.find_root()
        return own + [
            item for item in root.command.shell_complete(root, incomplete) if item.value in ANYWHERE
        ]


def globals_first(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with global options, which may stand anywhere, moved to the front."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in {*FLAGS, "--version"} or word.startswith("--config="):
            front.append(word)
        elif word == "--config":
            front += [word, *[value for value in [next(words, None)] if value is not None]]
        else:
            rest.append(word)
    return front + rest
