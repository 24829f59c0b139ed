"""``mailsignals docs``: the documentation, in the terminal."""

import sys
from typing import Annotated

import polars as pl
import typer
from rich.markdown import Markdown

from mailsignals.cli.output import table
from mailsignals.cli.run import Run
from mailsignals.usecases.documentation import documentation_folder, topic_of, topics

WIDTH = 100
"""Columns of a page at most, because longer lines are hard to read."""


def docs_command(
    context: typer.Context,
    topic: Annotated[
        str | None,
        typer.Argument(metavar="[TOPIC]", help="A page's name, such as risk. Default: list the pages."),
    ] = None,
) -> None:
    """List the pages of the documentation, or show one."""
    run: Run = context.obj
    found = topics(documentation_folder())
    if topic is None:
        names = ["topic", "title", "reader"]
        rows = [(each.name, each.title, each.reader) for each in found]
        shown = [row for row, each in zip(rows, found, strict=True) if not each.is_decision]
        run.output.result(pl.DataFrame(rows, schema=names, orient="row"), table(names, shown), to=None)
        run.output.say("\n`mailsignals docs TOPIC` shows a page.")
        return
    page = topic_of(found, topic)
    if run.output.as_json:
        run.output.save(pl.DataFrame([{"topic": page.name, "title": page.title, "text": page.text}]), "-")
    elif sys.stdout.isatty():
        out = run.output.out
        out.print(Markdown(page.for_terminal(), hyperlinks=False), width=min(out.width, WIDTH))
    else:
        sys.stdout.write(page.text)
