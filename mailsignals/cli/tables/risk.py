"""The tables of ``mailsignals risk``: accounts at risk with their reasons, and all that adds to one account's score."""

from collections.abc import Mapping
from typing import Any

import polars as pl
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mailsignals.cli.output import table
from mailsignals.wording.numbers import chance, number_of, predicted_event
from mailsignals.wording.terminal import visible

STYLES = {"high": "bold red", "medium": "yellow"}
HEADING = "level   score  account"
INDENT = HEADING.index("account")
NUMBERS = ("is", "usually", "adds")


def at_risk(assessed: pl.DataFrame) -> RenderableType:
    """High and medium risk in blocks: who, then why; every reason of the former, the first of the latter."""
    flagged = assessed.filter(pl.col("level").is_in(list(STYLES)))
    if flagged.is_empty():
        return Text("No account is at high or medium risk.")
    ordered = flagged.sort(pl.col("level") == "medium", maintain_order=True)
    blocks = (block for row in ordered.iter_rows(named=True) for block in _blocks(row))
    return Group(Text(HEADING, style="bold"), *blocks)


def _blocks(row: Mapping[str, Any]) -> list[RenderableType]:
    level = row["level"]
    head = Text.assemble(
        (f"{level:8}", STYLES[level]), f"{row['score']:5.0f}  ", (visible(row["name"]), "bold")
    )
    for label, value in (("", row["tier"]), ("CSM ", row["csm"]), ("renews ", row["renewal_on"])):
        if value is not None:
            head.append(f"  {label}{visible(str(value))}", style="dim")
    texts = [visible(reason["text"]) for reason in row["reasons"]]
    shown = [*_chances(row), *(texts if level == "high" else texts[:1])]
    return [head, *(Padding(Text(text), (0, 0, 0, INDENT), expand=False) for text in shown), Text()]


def _chances(row: Mapping[str, Any]) -> list[str]:
    """What the model says, if there is one."""
    if row["risk"] is None:
        return []
    text = f"{chance(row['risk'])} to {predicted_event(row['source'])} within 90 days"
    if row["risk_30"] is not None:
        text += f", {chance(row['risk_60'])} within 60, {chance(row['risk_30'])} within 30"
    return [f"{text[0].upper()}{text[1:]}."]


def explanation(name: str, risk: float | None, source: str, parts: pl.DataFrame) -> RenderableType:
    """Return what each input is, usually is, and adds, for people.

    Args:
        name: the account's.
        risk: its chance within 90 days; None without a model.
        source: ``scorecard``, or the model's id.
        parts: one row per input, in ``PART``.
    """
    rows = [
        (part["input"], _number(part["value"]), _number(part["usual"]), f"{part['adds']:+.3f}")
        for part in parts.iter_rows(named=True)
    ]
    total = ("sum", "", "", f"{parts['adds'].sum():+.3f}")
    said = "" if risk is None else f": {chance(risk)} to {predicted_event(source)} within 90 days"
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
