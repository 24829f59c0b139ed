"""Prepares what the dashboard shows: reads the store once, makes every table, and puts the edition on its shelf."""

import datetime as dt

import polars as pl

from mailsignals.cli.assessing import Assessed
from mailsignals.cli.desks import desk_at
from mailsignals.cli.digest_content import snapshot_at
from mailsignals.errors import UserError
from mailsignals.readmodel.editions import EditionStore
from mailsignals.readmodel.tables.catalogue import tables
from mailsignals.readmodel.tables.learnt import Learnt
from mailsignals.readmodel.tables.material import Material
from mailsignals.store import Store
from mailsignals.store.tables.models import Models
from mailsignals.training.drift import fit_of
from mailsignals.workspace import Workspace


def material_at(workspace: Workspace, store: Store, as_of: dt.datetime) -> Material:
    """Everything that is known at an instant.

    Raises:
        UserError: the model in use cannot be read.
    """
    now = snapshot_at(workspace, store, as_of)
    desk, derived = desk_at(workspace, store, as_of)
    recorded = store.scores.frame()
    return Material(
        as_of=as_of,
        settings=workspace.settings,
        book=now.assessed.book,
        rows=now.rows,
        flags=now.flags,
        scores=pl.concat([recorded, now.today]),
        recorded=recorded,
        facts=now.assessed.facts,
        touches=derived.touches.filter(pl.col("sent_at") <= as_of),
        messages=store.messages(),
        standings=store.mailbox_status.frame(),
        people=derived.people,
        desk=desk,
        promises=workspace.promises,
        learnt=learnt_at(workspace, store.models, now.assessed, as_of),
    )


def learnt_at(workspace: Workspace, models: Models, assessed: Assessed, as_of: dt.datetime) -> Learnt:
    """What is known of the models of a store, of which one may have assessed the accounts."""
    in_use, settings = assessed.model, workspace.settings
    return Learnt(
        in_use=in_use,
        card=models.card(in_use.id) if in_use else "",
        # As `fit_at` does, with the facts that are in memory already.
        fit=fit_of(in_use, assessed.facts, assessed.book, settings, as_of=as_of) if in_use else None,
        trained_as_of={model_id: _trained_as_of(models, model_id) for model_id in models.ids()},
        journal=models.journal(),
    )


def _trained_as_of(models: Models, model_id: str) -> dt.datetime | None:
    """Null for a model that cannot be read."""
    try:
        return dt.datetime.fromisoformat(str(models.read(model_id).manifest["as_of"]))
    except UserError:
        return None


def prepare_edition(workspace: Workspace, as_of: dt.datetime) -> int:
    """Put an edition of an instant on the shelf; returns how many accounts are in it.

    Raises:
        UserError: there is no store, or the model in use cannot be read.
    """
    with workspace.reading() as store:
        made = tables(material_at(workspace, store, as_of))
        EditionStore(workspace.settings.store.path).put(made, as_of=as_of)
    return workspace.book.accounts.height
