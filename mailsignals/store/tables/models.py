"""The models of a store: each in a folder of its own, and a journal of which were put into use.

A folder is written under another name and then renamed, and so is the journal: a reader finds all of it or nothing.
"""

import dataclasses
import datetime as dt
import json
import os
import shutil
from pathlib import Path

from mailsignals.errors import UserError
from models.artifact import Artifact, BrokenArtifactError, RetiredArtifactError

FOLDER = "models"
SCORECARD = "scorecard"
"""In the journal: no model, risk without churn dates alone."""
_JOURNAL = "journal.json"
_MODEL, _CARD = "model.json", "card.md"


@dataclasses.dataclass(frozen=True, kw_only=True)
class JournalEntry:
    """One line of the journal."""

    id: str
    """Of a model, or ``scorecard``."""
    trained_as_of: dt.datetime | None
    """What the model knows ends here; null for the scorecard, which knows nothing."""
    promoted_at: dt.datetime


class Models:
    """The models in a folder; one program at a time may change them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, artifact: Artifact, card: str) -> Path:
        """Keep a model with its card; the same model again changes nothing.

        Raises:
            UserError: it cannot be written.
        """
        place = self._folder / artifact.id
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            draft = self._folder / f".{artifact.id}.{os.getpid()}"
            draft.mkdir(exist_ok=True)
            try:
                (draft / _MODEL).write_text(artifact.to_text(), encoding="utf-8")
                (draft / _CARD).write_text(card, encoding="utf-8")
                if not place.exists():
                    draft.rename(place)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        except OSError as error:
            raise UserError(f"{place}: cannot be written: {error.strerror or error}.") from None
        return place

    def read(self, model_id: str) -> Artifact:
        """A model by its id.

        Raises:
            UserError: there is none, it is retired, or it was changed; nothing of it is used.
        """
        path = self._folder / model_id / _MODEL
        try:
            artifact = Artifact.from_text(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise UserError(
                f"There is no model {model_id}. `mailsignals model` lists those there are."
            ) from None
        except RetiredArtifactError as error:
            raise UserError(
                f"The model {model_id} is retired: {error}. Train a new one with `mailsignals train`."
            ) from None
        except (OSError, UnicodeDecodeError, BrokenArtifactError) as error:
            raise UserError(
                f"{path}: this model cannot be used: {error}. Bring the file back from a backup, train anew, or go "
                "back: mailsignals model --roll-back."
            ) from None
        if artifact.id != model_id:
            raise UserError(
                f"{path}: this is the model {artifact.id}, in the place of another. Move it back."
            )
        return artifact

    def card(self, model_id: str) -> str:
        """The card of a model that ``read`` accepts."""
        return (self._folder / model_id / _CARD).read_text(encoding="utf-8")

    def ids(self) -> list[str]:
        """All models, in alphabetical order."""
        if not self._folder.is_dir():
            return []
        return sorted(path.parent.name for path in self._folder.glob(f"[!.]*/{_MODEL}"))

    def journal(self) -> list[JournalEntry]:
        """Return the entries of the journal, one for each time a model or the scorecard was put into use.

        The last entry whose model was not trained later applies to an as-of time. Empty if there is no journal.

        Raises:
            UserError: the journal cannot be read.
        """
        path = self._folder / _JOURNAL
        try:
            rows = json.loads(path.read_text(encoding="utf-8"))
            return [
                JournalEntry(
                    id=str(row["id"]),
                    trained_as_of=row["trained_as_of"] and dt.datetime.fromisoformat(row["trained_as_of"]),
                    promoted_at=dt.datetime.fromisoformat(row["promoted_at"]),
                )
                for row in rows
            ]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"{path}: the journal of models cannot be read ({error}). Bring it back from a backup, or remove it: "
                "then the scorecard is in use until `mailsignals train` or `mailsignals model --use ID`."
            ) from None

    def trained_as_of(self) -> dict[str, dt.datetime | None]:
        """Return until when each model knows what happened, by id; None for one that is retired or unreadable."""
        return {model_id: self._trained_as_of(model_id) for model_id in self.ids()}

    def retired(self) -> dict[str, str]:
        """Return the models of kinds that are gone, by id, with the reason in words; they are kept, and never used."""
        found = {model_id: self._why_retired(model_id) for model_id in self.ids()}
        return {model_id: why for model_id, why in found.items() if why is not None}

    def _why_retired(self, model_id: str) -> str | None:
        try:
            Artifact.from_text((self._folder / model_id / _MODEL).read_text(encoding="utf-8"))
        except RetiredArtifactError as error:
            return str(error)
        except (OSError, UnicodeDecodeError, BrokenArtifactError):
            return None
        return None

    def _trained_as_of(self, model_id: str) -> dt.datetime | None:
        try:
            return dt.datetime.fromisoformat(str(self.read(model_id).manifest["as_of"]))
        except UserError:
            return None

    def in_use(self, as_of: dt.datetime) -> str | None:
        """The model put into use last that knows nothing later than an instant; none where that is no or a retired one.

        A retired model gives way to none, and not to one before it: somebody chose to replace that one.
        """
        chosen = self._chosen(as_of)
        return None if chosen is None or self._why_retired(chosen) is not None else chosen

    def retired_in_use(self, as_of: dt.datetime) -> str | None:
        """The retired model that would be in use at an instant; none where there is no such model."""
        chosen = self._chosen(as_of)
        return None if chosen is None or self._why_retired(chosen) is None else chosen

    def _chosen(self, as_of: dt.datetime) -> str | None:
        for entry in reversed(self.journal()):
            if entry.id == SCORECARD:
                return None
            if entry.trained_as_of is not None and entry.trained_as_of <= as_of:
                return entry.id
        return None

    def promote(self, model_id: str, *, at: dt.datetime, over_later: bool = True) -> None:
        """Put a model, or the scorecard, into use.

        Args:
            model_id: of a model, or ``scorecard``.
            at: now.
            over_later: whether it also replaces models that know more than it; else it is used for the instants before
                those alone, which is what somebody wants who trains in the past.

        Raises:
            UserError: there is no such model, or it is broken, or the journal cannot be written.
        """
        known = None
        if model_id != SCORECARD:
            known = dt.datetime.fromisoformat(str(self.read(model_id).manifest["as_of"]))
        entries = self.journal()
        place = len(entries)
        while known and not over_later and place and (entries[place - 1].trained_as_of or known) > known:
            place -= 1
        entries.insert(place, JournalEntry(id=model_id, trained_as_of=known, promoted_at=at))
        self._write(entries)

    def roll_back(self) -> str:
        """Take back what was put into use last; returns what is in use then: a model, or ``scorecard``.

        Raises:
            UserError: nothing was put into use.
        """
        entries = self.journal()
        if not entries:
            raise UserError("No model was put into use, so there is nothing to go back from.")
        latest = max(range(len(entries)), key=lambda place: (entries[place].promoted_at, place))
        del entries[latest]
        self._write(entries)
        return entries[-1].id if entries else SCORECARD

    def _write(self, entries: list[JournalEntry]) -> None:
        rows = [
            {
                "id": entry.id,
                "trained_as_of": entry.trained_as_of and entry.trained_as_of.isoformat(),
                "promoted_at": entry.promoted_at.isoformat(),
            }
            for entry in entries
        ]
        path = self._folder / _JOURNAL
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
            draft.replace(path)
        except OSError as error:
            raise UserError(f"{path}: cannot be written: {error.strerror or error}.") from None
        finally:
            draft.unlink(missing_ok=True)
