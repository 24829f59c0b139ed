"""Labelled snapshots as arrays, and the part of them that was known on a day."""

import dataclasses
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from models.labels import HORIZON_DAYS

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]

FOLDS = 5


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Sample:
    """Labelled snapshots, one row per account and snapshot."""

    names: tuple[str, ...]
    inputs: Floats
    """Inputs, rows by ``names``; nan where unknown."""
    score: Floats
    """The scorecard's raw score."""
    account: Ints
    fold: Ints
    """Number of each row's fold; all rows of an account are in one fold."""
    day: Ints
    """Day of the snapshot, counted from 1970."""
    days_known: Floats
    """Number of known days after the snapshot."""
    days_to_event: Floats
    """Days from the snapshot to the event; infinite without a known event."""
    days_to_sight: Floats
    """Days until the event became known, at least ``days_to_event``; infinite without a known event."""

    @classmethod
    def of(cls, labelled: pl.DataFrame, names: tuple[str, ...]) -> Self:
        """Return the sample of rows with the inputs ``names``, ``raw_score`` and the columns from ``labels``."""
        account = labelled["account"].to_numpy().astype(np.int64)
        days_to_event = labelled["days_to_event"].cast(pl.Float64).fill_null(np.inf).to_numpy()
        return cls(
            names=names,
            inputs=labelled.select(pl.col(names).cast(pl.Float64).fill_null(np.nan)).to_numpy(),
            score=labelled["raw_score"].to_numpy(),
            account=account,
            fold=folds(account, np.isfinite(days_to_event)),
            day=labelled["day"].to_physical().to_numpy().astype(np.int64),
            days_known=labelled["days_known"].cast(pl.Float64).to_numpy(),
            days_to_event=days_to_event,
            days_to_sight=labelled["days_to_sight"].cast(pl.Float64).fill_null(np.inf).to_numpy(),
        )

    def __len__(self) -> int:
        return len(self.account)

    @property
    def event(self) -> Flags:
        """Return true for each row with a known event within the horizon."""
        return np.asarray(self.days_to_event <= HORIZON_DAYS)

    @property
    def mature(self) -> Flags:
        """Return true for each row whose whole horizon is known.

        A recent row of a churned account is known too, but the outcome of other recent rows is not. Counting it would
        make churn look more frequent than it is.
        """
        return np.asarray(self.days_known >= HORIZON_DAYS)

    def churners(self) -> int:
        """Return the number of accounts with the event within the horizon of one of the rows."""
        return len(np.unique(self.account[self.event]))

    def take(self, rows: Flags | Ints) -> "Sample":
        """Return the sample with the chosen rows only."""
        arrays = {f.name: getattr(self, f.name)[rows] for f in dataclasses.fields(self) if f.name != "names"}
        return Sample(names=self.names, **arrays)

    def only(self, names: tuple[str, ...]) -> "Sample":
        """Return the sample with the named inputs only."""
        places = [self.names.index(name) for name in names]
        return dataclasses.replace(self, names=names, inputs=self.inputs[:, places])

    def known_on(self, day: int) -> "Sample":
        """Return the sample as known on a day: snapshots and known events up to that day."""
        before = self.take(self.day <= day)
        known = np.minimum(before.days_known, day - before.day)
        unseen = before.days_to_sight > known
        return dataclasses.replace(
            before,
            days_known=known,
            days_to_event=np.where(unseen, np.inf, before.days_to_event),
            days_to_sight=np.where(unseen, np.inf, before.days_to_sight),
        )


def folds(account: Ints, happened: Flags, *, count: int = FOLDS, seed: int = 0) -> Ints:
    """Return a random fold for each row, the same for all rows of an account, balanced over accounts with the event."""
    accounts, first = np.unique(account, return_inverse=True)
    to_whom = np.zeros(len(accounts), dtype=bool)
    np.logical_or.at(to_whom, first, happened)
    order = np.random.default_rng(seed).permutation(len(accounts))
    order = order[np.argsort(~to_whom[order], kind="stable")]
    dealt = np.empty(len(accounts), dtype=np.int64)
    dealt[order] = np.arange(len(accounts)) % count
    return np.asarray(dealt[first])
