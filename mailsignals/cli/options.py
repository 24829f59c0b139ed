"""Options that several commands have."""

from typing import Annotated

import typer

AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="T", help="A date or time, today, yesterday or -7d. Default: now."),
]
AsOfs = Annotated[
    list[str] | None,
    typer.Option(
        "--as-of",
        metavar="T",
        help="A date or time, today, yesterday or -7d; repeat it for several. Default: now.",
    ),
]
To = Annotated[
    str | None,
    typer.Option(
        "--output", metavar="FILE", help="A file (.parquet, .csv or .json), or - for JSON on standard output."
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say to whom what would be sent, and why not.")]
Resend = Annotated[
    bool,
    typer.Option("--resend", help="Send again what is uncertain, refused or put off; never what was sent."),
]
