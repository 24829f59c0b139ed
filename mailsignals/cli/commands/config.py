"""``mailsignals config``: the example configuration."""

from pathlib import Path
from typing import Annotated

import typer

from mailsignals.cli.run import Run
from mailsignals.errors import UserError
from mailsignals.usecases.documentation import documentation_folder, example_configuration

config = typer.Typer(help="Print an example configuration.", rich_markup_mode=None)


@config.callback()
def config_options() -> None:
    """Print an example configuration."""


@config.command("example")
def example(
    context: typer.Context,
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Write a new file. Default: standard output."),
    ] = None,
) -> None:
    """Print every key of the configuration with its default."""
    run: Run = context.obj
    text = example_configuration(documentation_folder())
    if output is None or output == Path("-"):
        run.output.lines("line", text.splitlines())
        return
    try:
        with output.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UserError(f"{output} exists already. Choose another file for --output.") from None
    except OSError as error:
        raise UserError(f"{output}: {error.strerror}. Choose another file for --output.") from None
    run.output.say(f"{output} written; keep the keys that you change.")
