"""What is known of the models of a store at an instant: which is in use, whether it fits, and which came before."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

from mailsignals.store.tables.models import Entry
from mailsignals.training.drift import Fit
from models.artifact import Artifact


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Learnt:
    """The models of a store at an instant."""

    in_use: Artifact | None
    """None: the scorecard."""
    card: str
    """Of the model in use, as Markdown; else empty."""
    fit: Fit | None
    """Whether the model in use still fits."""
    trained_as_of: Mapping[str, dt.datetime | None]
    """Until when each model knows what happened; null for one that cannot be read."""
    journal: Sequence[Entry]
    """What was put into use, in its order."""
