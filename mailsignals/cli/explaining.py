"""``mailsignals risk --explain``: all that adds to one account's score or model index, to the last digit."""

import polars as pl
from rich.console import Group, RenderableType
from rich.text import Text

from mailsignals.cli.assessing import Assessed
from mailsignals.cli.output import Output, table
from mailsignals.errors import UserError
from mailsignals.risk.assess import PART
from mailsignals.wording.numbers import chance, event_of, number_of
from mailsignals.wording.terminal import visible

NUMBERS = ("is", "usually", "adds")


def explain_account(assessed: Assessed, account_id: str, output: Output, *, to: str | None) -> None:
    """Show what each input is, usually is, and adds.

    Raises:
        UserError: there is no such account, or it cannot be judged.
    """
    frame = assessed.frame
    found = frame.filter(pl.col("account_id") == account_id)
    if found.is_empty():
        raise UserError(f"--explain {account_id}: the account book has no such account_id.")
    row = found.row(0, named=True)
    if row["parts"] is None:
        why = row["state"].replace("_", " ")
        raise UserError(f"--explain {account_id}: this account is not judged at that instant ({why}).")
    parts = pl.DataFrame(row["parts"], schema=pl.Schema(PART))
    output.result(parts, _shown(row["name"], row["risk"], row["source"], parts), to=to)


def _shown(name: str, risk: float | None, source: str, parts: pl.DataFrame) -> RenderableType:
    rows = [
        (part["input"], _number(part["value"]), _number(part["usual"]), f"{part['adds']:+.3f}")
        for part in parts.iter_rows(named=True)
    ]
    total = ("sum", "", "", f"{parts['adds'].sum():+.3f}")
    said = "" if risk is None else f": {chance(risk)} to {event_of(source)} within 90 days"
    of = "score" if source == "scorecard" else f"index of {source}"
    return Group(
        Text(f"{visible(name)}{said}", style="bold"),
        Text(
            f"What adds to its {of}, in order of size; more is riskier, 0 is like the day's other accounts."
        ),
        table(["input", *NUMBERS], [*rows, total], right=NUMBERS),
    )


def _number(value: float | None) -> str:
    return "" if value is None else number_of(value)
