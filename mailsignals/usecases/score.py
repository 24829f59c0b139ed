"""Record the day's risk, from which flags follow."""

import dataclasses
import datetime as dt

import polars as pl

from mailsignals.flags.record import RecordedScores, record_scores
from mailsignals.store.tables.flag_tables import FlagTables
from mailsignals.usecases.account_list import note_accounts
from mailsignals.usecases.clock_state import check_clock
from mailsignals.workspace import Snapshot, Workspace

A_DAY = dt.timedelta(days=1)


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class ScoredDay:
    """The record of a day, and the risk that it was made from."""

    recorded: RecordedScores
    risk: pl.DataFrame
    """As ``Snapshot.risk`` has it, one row per account."""
    model_id: str | None
    """The model in use; None for the scorecard."""


def score(workspace: Workspace, as_of: dt.datetime) -> ScoredDay:
    """Compute every account's risk as of a date and record the day; a recorded day is never changed.

    Today isn't recorded while the clock is wrong; a date of the past may be.

    The values of the account list are recorded first; the calibration and the track record are saved, too.

    Raises:
        ClockDoubtError: the date is today, and the clock is wrong.
        UserError: a later day is already recorded, or the model in use or the store can't be read.
    """
    now = workspace.read_at
    if now is not None and abs(now - as_of) < A_DAY:
        check_clock(workspace, now)
    note_accounts(workspace, as_of)
    with workspace.at(as_of) as snapshot:
        risk, model, card = snapshot.risk, snapshot.model, snapshot.risk_card
    with FlagTables.open(workspace.settings.store.path, now=workspace.latest(as_of)) as tables:
        tables.risk_cards.add(workspace.day(as_of), as_of, card)
    return ScoredDay(
        recorded=record_risk(workspace, risk, as_of), risk=risk, model_id=None if model is None else model.id
    )


def record_risk(workspace: Workspace, risk: pl.DataFrame, as_of: dt.datetime) -> RecordedScores:
    """Record a day's risk, even during a sync; a recorded day is never changed.

    Args:
        workspace: the company.
        risk: as ``Snapshot.risk`` has it.
        as_of: its date.

    Raises:
        UserError: a later day is already recorded, or the store can't be used.
    """
    with FlagTables.open(workspace.settings.store.path, now=workspace.latest(as_of)) as tables:
        return record_scores(
            tables,
            risk,
            workspace.book.accounts,
            as_of=as_of,
            timezone=workspace.timezone,
            hold_back=workspace.settings.model.hold_back,
        )


def drift_doubts(snapshot: Snapshot) -> list[str] | None:
    """Return sentences on the drift of the model in use; None where no model is in use.

    Raises:
        UserError: the model in use can't be read.
    """
    return None if snapshot.fit is None else snapshot.fit.doubts
