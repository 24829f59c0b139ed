"""Preparing an edition, step by step."""

from pathlib import Path

import pytest

from mailsignals.errors import UserError
from mailsignals.readmodel.editions import EditionStore, PreparationStep
from mailsignals.usecases.editions import STEPS, prepare_edition
from tests.mailsignals.usecases.offices import MIDNIGHT, loaded


@pytest.mark.slow
def test_each_step_is_published_before_it_starts(stocked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page "Preparing" shows them in order; once the edition is there, no step is."""
    noted: list[PreparationStep] = []
    publish = EditionStore.note_step

    def note(shelf: EditionStore, step: PreparationStep) -> None:
        publish(shelf, step)
        found = shelf.step()
        assert found is not None
        noted.append(found)

    monkeypatch.setattr(EditionStore, "note_step", note)
    workspace = loaded(stocked)
    assert prepare_edition(workspace, MIDNIGHT) == workspace.book.accounts.height
    assert [(step.number, step.text) for step in noted] == list(enumerate(STEPS, start=1))
    shelf = EditionStore(workspace.settings.store.path)
    assert shelf.step() is None
    newest = shelf.newest()
    assert newest is not None
    assert newest.as_of == MIDNIGHT


def test_without_a_store_nothing_is_left_behind(company: Path) -> None:
    """Not even a step."""
    workspace = loaded(company)
    with pytest.raises(UserError, match="store"):
        prepare_edition(workspace, MIDNIGHT)
    assert not workspace.settings.store.path.exists()
