"""Options that several commands have, with the same words in each."""

from typing import Annotated

import typer

DATES = "a date or time, today, yesterday, -7d or -2w"
"""The texts that an option for a point in time takes."""

AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="T", help=f"Point in time: {DATES}. Default: now."),
]
AsOfs = Annotated[
    list[str] | None,
    typer.Option(
        "--as-of", metavar="T", help=f"Point in time: {DATES}. Repeat it for several. Default: now."
    ),
]
To = Annotated[
    str | None,
    typer.Option("--output", metavar="FILE", help="Output file (.parquet, .csv or .json), or - for JSON."),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="With --send: preview recipients and subjects, send nothing.")
]
Resend = Annotated[
    bool,
    typer.Option("--resend", help="With --send: retry what is uncertain, refused or postponed."),
]
Csm = Annotated[str | None, typer.Option("--csm", metavar="ADDRESS", help="Only this CSM's accounts.")]
Tier = Annotated[str | None, typer.Option("--tier", metavar="TIER", help="Only accounts of this tier.")]
Account = Annotated[str | None, typer.Option("--account", metavar="ID", help="Only this account.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="At most N rows.")]
By = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Author of the feedback. Default: your login.")
]
Note = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="Reason or remark.")]
