"""``mailsignals risk``: accounts that may go quiet or churn, with the reasons."""

import dataclasses
import enum
from typing import Annotated, Literal, TypeAlias

import polars as pl
import typer

from mailsignals import clock
from mailsignals.cli.files import check_suffix
from mailsignals.cli.freshness import stale_words
from mailsignals.cli.options import Account, AsOf, Csm, Limit, Tier, To
from mailsignals.cli.progress import working
from mailsignals.cli.run import Run
from mailsignals.cli.tables.risk import RiskList, explanation, risk_list
from mailsignals.risk.assess import RISK_SCHEMA
from mailsignals.risk.explanation import parts_of
from mailsignals.risk.state import STATES
from mailsignals.risk.totals import totals
from mailsignals.usecases.account_choice import AccountChoice, chosen_accounts, sorted_rows
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
class RiskFilter(AccountChoice):
    """A choice of accounts by level and state, too, and their order; None leaves everything in."""

    level: str | None = None
    state: str | None = None
    sort: Sort = Sort.RISK


def risk_command(  # noqa: PLR0913  # the options are the interface
    context: typer.Context,
    *,
    as_of: AsOf = None,
    csm: Csm = None,
    tier: Tier = None,
    account: Account = None,
    level: Annotated[
        Level | None, typer.Option(metavar="LEVEL", help="Only this level: high, medium or low.")
    ] = None,
    state: Annotated[
        State | None, typer.Option(metavar="STATE", help=f"Only this state: {', '.join(STATES)}.")
    ] = None,
    limit: Limit = None,
    sort: Annotated[
        Sort, typer.Option(metavar="ORDER", help="Order: risk, loss (expected, largest first) or name.")
    ] = Sort.RISK,
    explain: Annotated[
        str | None, typer.Option(metavar="ID", help="Every term of one account's risk, by its id.")
    ] = None,
    output: To = None,
) -> None:
    """List accounts that may go quiet or churn, with reasons."""
    run: Run = context.obj
    check_suffix(output)
    wanted = RiskFilter(csm=csm, tier=tier, account=account, level=level, state=state, limit=limit, sort=sort)
    workspace = run.workspace()
    moment = workspace.instant(as_of, now=clock.now())
    people = run.output.for_people(output)
    with working(run.output, "Computing risk"), workspace.at(moment) as snapshot:
        frame, model = snapshot.shown_risk, snapshot.model
        unused = bool(snapshot.model_journal) and model is None
        fit = snapshot.fit if explain is None and people else None
        shown = chosen_list(snapshot, wanted, people=people) if explain is None else None
        stale = stale_words(snapshot, "risk") if people else None
    if shown is None:
        row, parts = parts_of(frame, explain or "")
        words = explanation(row, parts, churn_a_year=workspace.settings.risk.churn_a_year)
        run.output.result(parts, words, to=output)
        return
    run.output.result(shown.rows.select(RISK_SCHEMA.names()), risk_list(shown), to=output)
    if not people:
        return
    if stale:
        run.output.say(stale)
    if sort is Sort.LOSS and shown.totals.expected_loss is None:
        run.output.say("Expected loss is unknown: it needs 20 churned accounts. Accounts are sorted by risk.")
    if unused:
        run.output.say(
            "No model was trained by then, and later models are not applied to earlier dates. "
            f"To train one: `mailsignals train --as-of {as_of or moment.isoformat()}`."
        )
    for sentence in fit.doubts if fit else ():
        run.output.say(f"The model may no longer fit. {sentence}")


def chosen_list(snapshot: Snapshot, wanted: RiskFilter, *, people: bool = True) -> RiskList:
    """Return a filter's accounts with the totals and the track record that are shown above them.

    Args:
        snapshot: the company at a point in time.
        wanted: the filter.
        people: whether to include the track record, which programs don't need.

    Raises:
        UserError: no account has the requested CSM, tier or id.
    """
    own = chosen_accounts(snapshot.shown_risk, wanted)
    return RiskList(
        rows=listed_rows(own, wanted),
        totals=totals(own),
        at=date_and_time(snapshot.as_of, snapshot.timezone),
        quarters=snapshot.quiet_model.quarters if people else 0,
        records=snapshot.track_record if people else (),
        churn_a_year=snapshot.workspace.settings.risk.churn_a_year,
        names=snapshot.workspace.names,
        currency=snapshot.workspace.settings.accounts.currency,
        chosen=not (wanted.level is None and wanted.state is None and wanted.account is None),
        all_medium=wanted.limit is not None,
    )


def listed_rows(rows: pl.DataFrame, wanted: RiskFilter) -> pl.DataFrame:
    """Return the rows of a filter's level and state in its order, and at most its limit."""
    if wanted.level is not None:
        rows = rows.filter(pl.col("level") == wanted.level)
    if wanted.state is not None:
        rows = rows.filter(pl.col("state") == wanted.state)
    if wanted.sort is Sort.LOSS:
        rows = sorted_rows(rows, "expected_loss", largest_first=True)
    if wanted.sort is Sort.NAME:
        rows = sorted_rows(rows, "name")
    return rows if wanted.limit is None else rows.head(wanted.limit)
