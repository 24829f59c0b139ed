"""The tables of ``mailsignals risk``: accounts with their reasons, and every term of one account's risk."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from rich.console import Group, RenderableType
from rich.text import Text

from mailsignals.cli.output import table
from mailsignals.cli.tables.fitted import HANGING, Hanging
from mailsignals.risk.totals import Totals
from mailsignals.wording.money import money, money_words
from mailsignals.wording.numbers import count_noun, number_of, percent
from mailsignals.wording.people import PersonNames
from mailsignals.wording.risk import (
    NO_LEVEL,
    STATES,
    LevelOutcome,
    back_again_words,
    cause_name,
    chance_words,
    check_words,
    count_words,
    sets_order,
    track_record_lines,
)
from mailsignals.wording.terminal import visible
from models.risk import CAUSES

STYLES = {"high": "bold red", "medium": "yellow"}
WIDTH = 8
"""The width of a level in columns."""
NUMBERS = ("now", "usual", "adds")
BRIEF = 2
"""Lines per account at medium risk where no level was requested: the chances, and the first reason."""
MOST_MEDIUM = 20
"""The most accounts at medium risk that are listed where neither a level nor a limit was requested."""

Row = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class RiskList:
    """A list of accounts, with the figures above it."""

    rows: pl.DataFrame
    """Rows of ``Snapshot.shown_risk``, in the order of the list."""
    totals: Totals
    """Totals of the accounts from which the list was chosen."""
    at: str
    """The date and time."""
    quarters: int
    """The number of past quarters on which the chance of going quiet was calibrated."""
    churn_a_year: float
    names: PersonNames
    """Names of CSMs."""
    currency: str = ""
    """The currency of amounts; empty if none is configured."""
    records: Sequence[LevelOutcome] = ()
    """The track record of each level."""
    chosen: bool = False
    """True if a level, state or account was requested; else only high and medium risk are listed, medium briefly."""
    all_medium: bool = False
    """True if every account at medium risk is listed."""


def risk_list(shown: RiskList) -> RenderableType:
    """Return the counts and revenue, then a block per account: name, chances, reasons."""
    rows = shown.rows if shown.chosen else shown.rows.filter(pl.col("level").is_in(list(STYLES)))
    medium = (pl.col("level") == "medium").fill_null(value=False)
    most = rows.height if shown.chosen or shown.all_medium else MOST_MEDIUM
    listed = rows.filter((medium.cum_sum() <= most) | ~medium)
    blocks = [part for row in listed.iter_rows(named=True) for part in _block(row, shown)]
    if not blocks:
        blocks = [Text("No matching accounts." if shown.chosen else "No accounts at high or medium risk.")]
    if left := rows.height - listed.height:
        blocks.append(Text(f"{left:,} more at medium risk. To list all: `mailsignals risk --level medium`."))
    return Group(*(Text(line) for line in _head(shown)), Text(), *blocks)


def _head(shown: RiskList) -> Iterator[str]:
    found = shown.totals
    money = money_words(found.arr_high, found.arr, found.expected_loss, currency=shown.currency)
    if money is not None:
        yield money
    yield f"As of {shown.at}, {count_noun(found.accounts, 'account')}: {count_words(found.levels, found.states)}."
    yield from track_record_lines(shown.records)
    if found.source is not None:
        yield check_words(
            quarters=shown.quarters,
            churned=found.states["churned"],
            source=found.source,
            all_write_often=found.all_write_often,
        )
    if found.states["lapsed"] and not shown.chosen:
        yield "To list accounts that are silent for over 90 days: `mailsignals risk --state lapsed`."


def _block(row: Row, shown: RiskList) -> Iterator[RenderableType]:
    level = row["level"] or ""
    head = Text.assemble(
        (f"{level:{WIDTH}}", STYLES.get(level, "")), (visible(row["name"] or row["account_id"]), "bold")
    )
    csm = None if row["csm"] is None else shown.names.of(row["csm"])
    arr, loss = (
        None if row[name] is None else money(row[name], shown.currency) for name in ("arr", "expected_loss")
    )
    for label, value in (
        ("", row["tier"]),
        ("CSM ", csm),
        ("renews ", row["renewal_on"]),
        ("ARR ", arr),
        ("expected loss ", loss),
    ):
        if value is not None:
            head.append(f"  {label}{visible(str(value))}", style="dim")
    yield Hanging(head, rest=WIDTH)
    lines = list(_lines(row, shown.churn_a_year))
    brief = row["level"] == "medium" and not shown.chosen
    for line in lines[:BRIEF] if brief else lines:
        yield Hanging(Text(visible(line)), WIDTH, WIDTH + HANGING)
    yield Text()


def _lines(row: Row, churn_a_year: float) -> Iterator[str]:
    """Return the lines below an account's name."""
    if row["state"] == "lapsed":
        yield back_again_words(row["days_since"], row["back_again"])
        return
    chances = "; ".join(chance_words(row, churn_a_year=churn_a_year))
    if chances:
        yield f"{chances[0].upper()}{chances[1:]}."
    if row["level"] is None:
        yield f"{STATES[row['state']].capitalize()}: {NO_LEVEL[row['state']]}"
    if row["level"] == "low" or (row["level"] is None and row["risk"] is not None):
        return
    for reason in row["reasons"]:
        share = "" if reason["share"] is None else f"{percent(reason['share']):>5}  "
        yield f"{share}{reason['text']}"
    if row["level"] is not None:
        for fact in row["also"]:
            yield f"Also worth knowing: {fact['text']}"


def explanation(row: Row, parts: pl.DataFrame, *, churn_a_year: float) -> RenderableType:
    """Return how both causes add up to the risk of an account, with every term.

    Args:
        row: the account's row of ``Snapshot.shown_risk``.
        parts: one row per term, in ``PART``.
        churn_a_year: the share of accounts that is assumed to churn in a year.
    """
    stands = f"{row['level']} risk" if row["level"] else STATES[row["state"]]
    chances = "; ".join(chance_words(row, churn_a_year=churn_a_year))
    shown: list[RenderableType] = [
        Text(f"{visible(row['name'] or row['account_id'])}: {stands}", style="bold"),
        Text(f"{chances[0].upper()}{chances[1:]}. {sum_words(row)}"),
    ]
    for cause in parts["cause"].unique(maintain_order=True):
        own = parts.filter(pl.col("cause") == cause)
        terms = [
            (part["input"], _number(part["value"]), _number(part["usual"]), f"{part['adds']:+.3f}")
            for part in own.iter_rows(named=True)
        ]
        total = ("log odds", "", "", f"{own['adds'].sum():+.3f}")
        title = f"Terms of {cause_name(cause, row['source'])} ({row[cause]:.3f})"
        shown += [Text(), table(["input", *NUMBERS], [*terms, total], title=title, right=NUMBERS)]
    return Group(*shown)


def sum_words(row: Row) -> str:
    """Return a sentence with the arithmetic that combines both causes."""
    quiet, leaving, risk = row["quiet"], row["leaving"], row["risk"]
    if risk is None:
        return f"Not enough visible mail for a risk; the chance of going quiet is {quiet:.3f}."
    if sets_order(row["source"]):
        return f"The risk is the chance of churn, {risk:.3f}; the chance of going quiet is separate."
    shares = ", ".join(
        f"{percent(row[f'{cause}_share'])} {cause_name(cause, row['source'])}" for cause in CAUSES
    )
    return f"Risk = 1 - (1 - {quiet:.3f}) x (1 - {leaving:.3f}) = {risk:.3f}: {shares}."


def _number(value: float | None) -> str:
    return "" if value is None else number_of(value)
