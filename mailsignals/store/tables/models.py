"""The models of a store: one folder per model, and a journal of the models put into use.

Folders and the journal are written under another name and then renamed, so that readers never see half of one.
"""

import dataclasses
import datetime as dt
import json
import shutil
from pathlib import Path

from mailsignals.errors import UserError
from mailsignals.files import flush_content, new_draft, written_whole
from mailsignals.store.messages.folder_digests import write_digests
from models.artifact import Artifact, BrokenArtifactError, RetiredArtifactError
from models.finite_json import point_in_time, read_finite

FOLDER = "models"
SCORECARD = "scorecard"
"""The entry in the journal for no model: risk without churn dates."""
_JOURNAL, _MISDATED = "journal.json", "misdated.json"
MODEL, _CARD = "model.json", "card.md"


@dataclasses.dataclass(frozen=True, kw_only=True)
class JournalEntry:
    """One line of the journal."""

    id: str
    """The id of a model, or ``scorecard``."""
    trained_as_of: dt.datetime | None
    """The end of the model's training data; None for the scorecard, which isn't trained."""
    promoted_at: dt.datetime


class Models:
    """The models in a folder, which one program at a time may change."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, artifact: Artifact, card: str) -> Path:
        """Store a model with its card, and return its folder; an identical model changes nothing.

        Raises:
            UserError: it can't be written.
        """
        place = self._folder / artifact.id
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            draft = new_draft(place)
            draft.mkdir()
            try:
                (draft / MODEL).write_text(artifact.to_text(), encoding="utf-8")
                (draft / _CARD).write_text(card, encoding="utf-8")
                write_digests(draft)
                flush_content(draft)
                if not place.exists():
                    draft.rename(place)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        except OSError as error:
            raise UserError(
                f"{place} can't be written: {error.strerror or error}. Check the folder and its disk."
            ) from None
        return place

    def read(self, model_id: str) -> Artifact:
        """Return a model by its id.

        Raises:
            UserError: it doesn't exist, is retired, or was changed; it isn't used.
        """
        path = self._folder / model_id / MODEL
        try:
            artifact = Artifact.from_text(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise UserError(f"Unknown model {model_id}. `mailsignals model` lists all models.") from None
        except RetiredArtifactError as error:
            raise UserError(
                f"The model {model_id} is retired: {error}. Train a new one with `mailsignals train`."
            ) from None
        except (OSError, UnicodeDecodeError, BrokenArtifactError) as error:
            raise UserError(
                f"{path}: the model can't be used: {error}. Restore the file from a backup, train a new model, or "
                "use `mailsignals model --roll-back`."
            ) from None
        if artifact.id != model_id:
            raise UserError(f"{path}: contains the model {artifact.id} instead. Move it back to its folder.")
        return artifact

    def card(self, model_id: str) -> str:
        """Return the card of a valid model, as text."""
        return (self._folder / model_id / _CARD).read_text(encoding="utf-8")

    def ids(self) -> list[str]:
        """Return the ids of all models, in alphabetical order."""
        if not self._folder.is_dir():
            return []
        return sorted(path.parent.name for path in self._folder.glob(f"[!.]*/{MODEL}"))

    @property
    def journal_file(self) -> Path:
        """Return the file of the journal."""
        return self._folder / _JOURNAL

    def journal(self) -> list[JournalEntry]:
        """Return the entries of the journal, one for each time a model or the scorecard was put into use.

        The last entry whose model wasn't trained later applies to an as-of time. Empty without a journal.

        Raises:
            UserError: the journal can't be read.
        """
        return self._entries(self._folder / _JOURNAL)

    def _entries(self, path: Path) -> list[JournalEntry]:
        try:
            rows = read_finite(path.read_text(encoding="utf-8"))
            return [
                JournalEntry(
                    id=str(row["id"]),
                    trained_as_of=None
                    if row["trained_as_of"] is None
                    else point_in_time(row["trained_as_of"]),
                    promoted_at=point_in_time(row["promoted_at"]),
                )
                for row in rows
            ]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"{path}: the journal of models can't be read ({error}). Restore it from a backup, or remove it: "
                "then the scorecard is in use until `mailsignals train` or `mailsignals model --use ID`."
            ) from None

    def trained_as_of(self) -> dict[str, dt.datetime | None]:
        """Return the end of the training data by model id; None for retired and unreadable models."""
        return {model_id: self._trained_as_of(model_id) for model_id in self.ids()}

    def retired(self) -> dict[str, str]:
        """Return the reasons, in words, by id of retired models, which are kept but never used."""
        found = {model_id: self._why_retired(model_id) for model_id in self.ids()}
        return {model_id: why for model_id, why in found.items() if why is not None}

    def _why_retired(self, model_id: str) -> str | None:
        try:
            Artifact.from_text((self._folder / model_id / MODEL).read_text(encoding="utf-8"))
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
        """Return the id of the model in use at a time; None for the scorecard or a retired model.

        It is the last one put into use whose training data ends by that time. A retired model is replaced by none, not
        by an earlier one, because a person chose to replace that one.
        """
        chosen = self._chosen(as_of)
        return None if chosen is None or self._why_retired(chosen) is not None else chosen

    def retired_in_use(self, as_of: dt.datetime) -> str | None:
        """Return the id of the retired model that would be in use at a time; None if there is none."""
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
            model_id: the id of a model, or ``scorecard``.
            at: now.
            over_later: True to replace models with later training data too; False to use it for the times before
                those only, as after training as of a past date.

        Raises:
            UserError: the model doesn't exist or is broken, or the journal can't be written.
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
        """Undo the last change of the model in use; return the id of the model then in use, or ``scorecard``.

        Raises:
            UserError: no model was ever put into use.
        """
        entries = self.journal()
        if not entries:
            raise UserError("No model was ever put into use. Train one with `mailsignals train`.")
        latest = max(range(len(entries)), key=lambda place: (entries[place].promoted_at, place))
        del entries[latest]
        self._write(entries)
        return entries[-1].id if entries else SCORECARD

    def set_aside_after(self, latest: dt.datetime, *, at: dt.datetime) -> int:
        """Correct entries that are later than a time, because the clock was ahead; return their number.

        A model that was trained later moves to another file, so that it is never used. Any other entry stays, and
        counts as put into use ``at`` a time.

        Raises:
            UserError: the journal can't be read or written.
        """
        entries = self.journal()
        later = [entry for entry in entries if max(entry.promoted_at, entry.trained_as_of or at) > latest]
        if not later:
            return 0
        trained = [
            entry for entry in later if entry.trained_as_of is not None and entry.trained_as_of > latest
        ]
        aside = self._folder / _MISDATED
        earlier = self._entries(aside) if aside.exists() else []
        self._write([*earlier, *trained], to=_MISDATED)
        self._write(
            [
                dataclasses.replace(entry, promoted_at=min(entry.promoted_at, at))
                for entry in entries
                if entry not in trained
            ]
        )
        return len(later)

    def _write(self, entries: list[JournalEntry], *, to: str = _JOURNAL) -> None:
        rows = [
            {
                "id": entry.id,
                "trained_as_of": entry.trained_as_of and entry.trained_as_of.isoformat(),
                "promoted_at": entry.promoted_at.isoformat(),
            }
            for entry in entries
        ]
        path = self._folder / to
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"{path} can't be written: {error.strerror or error}. Check the folder and its disk."
            ) from None
        with written_whole(path) as draft:
            draft.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
