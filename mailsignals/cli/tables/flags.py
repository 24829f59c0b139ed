"""The list of ``mailsignals flag``."""

from collections.abc import Mapping
from typing import Any

import polars as pl
from rich.console import Group, RenderableType
from rich.text import Text

from mailsignals.cli.cells import UNKNOWN
from mailsignals.cli.tables.fitted import HANGING, Hanging
from mailsignals.wording.numbers import percent
from mailsignals.wording.people import PersonNames
from mailsignals.wording.terminal import visible

STATE_WORDS = {"entering": "open", "persisting": "open"}
"""States in the word that people read; the others read as they are named."""
STYLES = {"entering": "bold red", "persisting": "bold red", "snoozed": "yellow"}
UNTIL = {"worse": "until it gets worse", "returns": "until it returns"}
HEADING = "state       opened           risk  account"
INDENT = HEADING.index("account")

Row = Mapping[str, Any]


def flag_list(rows: pl.DataFrame, *, every: bool, names: PersonNames) -> RenderableType:
    """Return the flags in the order of the rows: state, opening, risk, account, and the last feedback.

    Args:
        rows: ``FLAG_SCHEMA`` with ``name`` and ``csm``.
        every: whether closed flags are listed, too.
        names: of CSMs.
    """
    if rows.is_empty():
        return Text("No flags." if every else "No open flags.")
    blocks = (block for row in rows.iter_rows(named=True) for block in _blocks(row, names))
    return Group(Text(HEADING, style="bold"), *blocks)


def _blocks(row: Row, names: PersonNames) -> list[RenderableType]:
    head = Text.assemble(
        (f"{STATE_WORDS.get(row['state'], row['state']):12}", STYLES.get(row["state"], "")),
        f"{row['opened_on']}  {risk_movement(row):>11}  ",
        (visible(f"{row['account_id']}  {row['name'] or ''}"), "bold"),
    )
    if row["csm"]:
        head.append(f"  {visible(names.of(row['csm']))}", style="dim")
    text = remark(row)
    shown = [Hanging(head, rest=INDENT + HANGING)]
    return [*shown, *([Hanging(Text(visible(text)), first=INDENT, rest=INDENT + HANGING)] if text else [])]


def risk_movement(row: Row) -> str:
    """Return the risk at opening and now, ``38% > 31%``; only now where the methods differ; a dash without a risk."""
    before, now = (UNKNOWN if row[name] is None else percent(row[name]) for name in ("opening_risk", "risk"))
    if row["opening_source"] != row["source"] or before in {UNKNOWN, now}:
        return now
    return f"{before} > {now}"


def remark(row: Row) -> str:
    """Return the last feedback with its author and note, the closing, and a level other than high; may be empty."""
    until = row["until"] if row["state"] == "snoozed" else None
    parts = [
        UNTIL.get(until, f"until {until}") if until else None,
        f"by {row['by']}" if row["by"] else None,
        f"closed {row['closed_on']}" if row["closed_on"] else None,
        f"churned {row['churned_on']}"
        if row["churned_on"] and row["churned_on"] != row["closed_on"]
        else None,
        f"now {row['level']} risk" if row["closed_on"] is None and row["level"] != "high" else None,
    ]
    text = ", ".join(part for part in parts if part)
    return f"{text}: {row['note']}" if row["note"] else text
