"""Record the day's scores, from which flags follow."""

import dataclasses
import datetime as dt

import polars as pl

from mailsignals.flags.record import RecordedScores, record_scores
from mailsignals.store.tables.flag_tables import FlagTables
from mailsignals.usecases.account_list import note_accounts
from mailsignals.workspace import Snapshot, Workspace


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class ScoredDay:
    """The record of a day, and the risk that it was made from."""

    recorded: RecordedScores
    risk: pl.DataFrame
    """As ``Snapshot.risk`` has it, one row per account."""
    model_id: str | None
    """The model that gave the chances; None for the scorecard."""


def score(workspace: Workspace, as_of: dt.datetime) -> ScoredDay:
    """Assess every account at an instant and record its day; a day that is recorded stays as it is.

    What the account list says is noted first, and what the night learnt about silence and levels is kept.

    Raises:
        UserError: a later day was recorded already, the model in use cannot be read, or the store cannot be used.
    """
    note_accounts(workspace, as_of)
    with workspace.at(as_of) as snapshot:
        risk, model, card = snapshot.risk, snapshot.model, snapshot.risk_card
    with FlagTables.open(workspace.settings.store.path) as tables:
        tables.risk_cards.add(workspace.day(as_of), as_of, card)
    return ScoredDay(
        recorded=record_risk(workspace, risk, as_of), risk=risk, model_id=None if model is None else model.id
    )


def record_risk(workspace: Workspace, risk: pl.DataFrame, as_of: dt.datetime) -> RecordedScores:
    """Record the day of an instant, beside whoever writes mail; a day that is recorded stays as it is.

    Args:
        workspace: the company.
        risk: as ``Snapshot.risk`` has it.
        as_of: its instant.

    Raises:
        UserError: a later day was recorded already, or the store cannot be used.
    """
    with FlagTables.open(workspace.settings.store.path) as tables:
        return record_scores(
            tables,
            risk,
            workspace.book.accounts,
            as_of=as_of,
            timezone=workspace.timezone,
            hold_back=workspace.settings.model.hold_back,
        )


def drift_doubts(snapshot: Snapshot) -> list[str] | None:
    """Return why the model in use may no longer fit, in sentences; None where no model is in use.

    Raises:
        UserError: the model in use cannot be read.
    """
    return None if snapshot.fit is None else snapshot.fit.doubts
