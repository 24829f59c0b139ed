"""The risk of every account at an instant, by the model in use for it or by the scorecard."""

import dataclasses
import datetime as dt

import polars as pl

from mailsignals.flags.record import Recorded, record_scores
from mailsignals.risk.assess import assess
from mailsignals.signals.facts import Facts
from mailsignals.store import Store
from mailsignals.store.tables.flag_tables import FlagTables
from mailsignals.store.upkeep.derived import Derived
from mailsignals.training.drift import Fit, fit_of
from mailsignals.training.predict import predicted
from mailsignals.workspace import Workspace
from models.artifact import Artifact


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Assessed:
    """What ``assess`` says, and what it was said of."""

    frame: pl.DataFrame
    book: pl.DataFrame
    """The account book's rows, with what people said of who left."""
    facts: Facts
    tables: Derived
    model: Artifact | None
    """What was asked; none where the scorecard is in use."""


def assessed_at(workspace: Workspace, store: Store, as_of: dt.datetime) -> Assessed:
    """The outlook and risk of every account at an instant.

    Raises:
        UserError: the model in use cannot be read.
    """
    ((tables, _),) = workspace.derived_by_instant(store, [as_of])
    facts = workspace.facts(tables, workspace.dismissals(store, tables, as_of=as_of))
    book, settings = workspace.accounts(store, as_of=as_of), workspace.settings
    model_id = store.models.in_use(as_of)
    model, said = None, None
    if model_id is not None:
        model = store.models.read(model_id)
        said = predicted(model, facts, book, settings, as_of=as_of)
    frame = assess(facts, book, tables.people, settings, as_of=as_of, predicted=said)
    return Assessed(frame=frame, book=book, facts=facts, tables=tables, model=model)


def fit_at(workspace: Workspace, store: Store, model: Artifact, as_of: dt.datetime) -> Fit:
    """Whether a model still fits at an instant: what it is asked about now, against what it learnt from."""
    ((tables, _),) = workspace.derived_by_instant(store, [as_of])
    facts = workspace.facts(tables, workspace.dismissals(store, tables, as_of=as_of))
    book = workspace.accounts(store, as_of=as_of)
    return fit_of(model, facts, book, workspace.settings, as_of=as_of)


def record(workspace: Workspace, assessed: Assessed, as_of: dt.datetime) -> Recorded:
    """Record the day of an instant, unless it is recorded, beside whoever writes mail.

    Raises:
        UserError: a later day was recorded already, or the store cannot be used.
    """
    with FlagTables.open(workspace.settings.store.path) as tables:
        return record_scores(
            tables,
            assessed.frame,
            workspace.book.accounts,
            as_of=as_of,
            timezone=workspace.settings.company.timezone,
            hold_back=workspace.settings.model.hold_back,
        )
