"""``mailsignals risk``: accounts that may go quiet or churn, with the reasons."""

import dataclasses
import enum
from typing import Annotated, Literal, TypeAlias

import polars as pl
import typer

from mailsignals import clock
from mailsignals.cli.files import check_suffix
from mailsignals.cli.options import AsOf, To
from mailsignals.cli.run import Run
from mailsignals.cli.tables.risk import RiskList, explanation, risk_list
from mailsignals.errors import UserError
from mailsignals.risk.assess import RISK_SCHEMA
from mailsignals.risk.explanation import parts_of
from mailsignals.risk.state import STATES
from mailsignals.risk.totals import totals
from mailsignals.wording.numbers import date_and_time
from mailsignals.workspace import Snapshot

Level: TypeAlias = Literal["high", "medium", "low"]
State: TypeAlias = Literal[
    "active", "seldom_writes", "new", "lapsed", "never_heard", "not_enough_sight", "churned", "not_started"
]


class Sort(enum.StrEnum):
    """An order of accounts."""

    RISK = "risk"
    LOSS = "loss"
    NAME = "name"


@dataclasses.dataclass(frozen=True, kw_only=True)
class RiskFilter:
    """A choice of accounts, and their order; what is null filters nothing out."""

    csm: str | None = None
    tier: str | None = None
    level: str | None = None
    state: str | None = None
    limit: int | None = None
    sort: Sort = Sort.RISK


def risk_command(  # noqa: PLR0913  # the options are the interface
    context: typer.Context,
    *,
    as_of: AsOf = None,
    csm: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Only this CSM's accounts.")] = None,
    tier: Annotated[str | None, typer.Option(metavar="TIER", help="Only accounts of this tier.")] = None,
    level: Annotated[
        Level | None, typer.Option(metavar="LEVEL", help="Only accounts at this level: high, medium or low.")
    ] = None,
    state: Annotated[
        State | None, typer.Option(metavar="STATE", help=f"Only accounts in this state: {', '.join(STATES)}.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Show at most N accounts.")] = None,
    sort: Annotated[
        Sort, typer.Option(help="Order by risk, by expected loss (largest first) or by name.")
    ] = Sort.RISK,
    explain: Annotated[
        str | None, typer.Option(metavar="ACCOUNT", help="Show every term of one account's risk, by its id.")
    ] = None,
    output: To = None,
) -> None:
    """List accounts that may go quiet or churn, with reasons."""
    run: Run = context.obj
    check_suffix(output)
    wanted = RiskFilter(csm=csm, tier=tier, level=level, state=state, limit=limit, sort=sort)
    workspace = run.workspace()
    moment = workspace.instant(as_of, now=clock.now())
    people = run.output.for_people(output)
    with workspace.at(moment) as snapshot:
        frame, model = snapshot.shown_risk, snapshot.model
        unused = bool(snapshot.model_journal) and model is None
        fit = snapshot.fit if explain is None and people else None
        shown = chosen_list(snapshot, wanted, people=people) if explain is None else None
    if shown is None:
        row, parts = parts_of(frame, explain or "")
        words = explanation(row, parts, churn_a_year=workspace.settings.risk.churn_a_year)
        run.output.result(parts, words, to=output)
        return
    run.output.result(shown.rows.select(RISK_SCHEMA.names()), risk_list(shown), to=output)
    if not people:
        return
    if sort is Sort.LOSS and shown.totals.expected_loss is None:
        run.output.say("No expected loss is known: it needs 20 churned accounts. The order is that of risk.")
    if unused:
        run.output.say(
            "No model in use was trained by then: what a model learnt later may not count. "
            f"`mailsignals train --as-of {as_of or moment.isoformat()}` makes one."
        )
    for sentence in fit.doubts if fit else ():
        run.output.say(f"The model may no longer fit. {sentence}")


def chosen_list(snapshot: Snapshot, wanted: RiskFilter, *, people: bool = True) -> RiskList:
    """Return the accounts of a snapshot that a filter asks for, and what there is to say of them.

    Args:
        snapshot: of an instant.
        wanted: the filter.
        people: whether it is for people, who are told how far to believe it; programs get the rows alone.

    Raises:
        UserError: no account has the CSM or the tier that is asked for.
    """
    own = own_rows(snapshot.shown_risk, wanted)
    return RiskList(
        rows=listed_rows(own, wanted),
        totals=totals(own),
        at=date_and_time(snapshot.as_of, snapshot.timezone),
        quarters=snapshot.quiet_model.quarters if people else 0,
        records=snapshot.track_record if people else (),
        churn_a_year=snapshot.workspace.settings.risk.churn_a_year,
        chosen=wanted.level is not None or wanted.state is not None,
        all_medium=wanted.limit is not None,
    )


def own_rows(frame: pl.DataFrame, wanted: RiskFilter) -> pl.DataFrame:
    """Return the rows of a CSM and a tier, of which totals are told.

    Raises:
        UserError: no account has this CSM or tier.
    """
    for column, value in (("csm", wanted.csm), ("tier", wanted.tier)):
        if value is None:
            continue
        known = frame[column].drop_nulls().unique().sort().to_list()
        frame = frame.filter(pl.col(column).str.to_lowercase() == value.strip().lower())
        if frame.is_empty():
            noun = "CSM" if column == "csm" else column
            raise UserError(
                f"--{column} {value}: no account has this {noun}. The account list has {', '.join(known) or 'none'}."
            )
    return frame


def listed_rows(rows: pl.DataFrame, wanted: RiskFilter) -> pl.DataFrame:
    """Return the rows of a level and a state in the order that is asked for, so many at most."""
    if wanted.level is not None:
        rows = rows.filter(pl.col("level") == wanted.level)
    if wanted.state is not None:
        rows = rows.filter(pl.col("state") == wanted.state)
    if wanted.sort is Sort.LOSS:
        rows = rows.sort("expected_loss", descending=True, nulls_last=True, maintain_order=True)
    if wanted.sort is Sort.NAME:
        name = pl.coalesce("name", "account_id").str.to_lowercase()
        rows = rows.sort(name, maintain_order=True)
    return rows if wanted.limit is None else rows.head(wanted.limit)
