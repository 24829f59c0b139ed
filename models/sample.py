"""Labelled snapshots as arrays, and what of them was known on a day."""

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
    """One row a snapshot of an account."""

    names: tuple[str, ...]
    inputs: Floats
    """Rows by inputs, in the order of ``names``; nan where a fact is not known."""
    score: Floats
    """The scorecard's raw score."""
    account: Ints
    fold: Ints
    """All rows of an account are in one fold."""
    day: Ints
    """Of the snapshot, counted from 1970."""
    days_known: Floats
    """How many days after the snapshot are known."""
    days_to_event: Floats
    """Infinite if nothing is known to have happened."""
    days_to_sight: Floats
    """From the snapshot to when the event was known, which is no earlier than the event; infinite likewise."""

    @classmethod
    def of(cls, labelled: pl.DataFrame, names: tuple[str, ...]) -> Self:
        """From labelled inputs: those of ``names``, ``raw_score``, and what ``labels`` adds."""
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
        """Return for each row whether the event came within the horizon, as far as is known."""
        return np.asarray(self.days_to_event <= HORIZON_DAYS)

    @property
    def mature(self) -> Flags:
        """Rows whose whole horizon is known.

        A recent row of somebody who has left is known as well, but its neighbours who may still leave are not:
        to count it would make leaving look more frequent than it is.
        """
        return np.asarray(self.days_known >= HORIZON_DAYS)

    def churners(self) -> int:
        """Return the number of accounts with the event within the horizon of one of the rows."""
        return len(np.unique(self.account[self.event]))

    def take(self, rows: Flags | Ints) -> "Sample":
        """Some of the rows."""
        arrays = {f.name: getattr(self, f.name)[rows] for f in dataclasses.fields(self) if f.name != "names"}
        return Sample(names=self.names, **arrays)

    def only(self, names: tuple[str, ...]) -> "Sample":
        """Return a sample of these rows with the named inputs only."""
        places = [self.names.index(name) for name in names]
        return dataclasses.replace(self, names=names, inputs=self.inputs[:, places])

    def known_on(self, day: int) -> "Sample":
        """Return the sample as it was known on a day: snapshots until then, and events that were seen by then."""
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
    """A fold for each row: accounts are dealt out at random, those to whom it happened evenly."""
    accounts, first = np.unique(account, return_inverse=True)
    to_whom = np.zeros(len(accounts), dtype=bool)
    np.logical_or.at(to_whom, first, happened)
    order = np.random.default_rng(seed).permutation(len(accounts))
    order = order[np.argsort(~to_whom[order], kind="stable")]
    dealt = np.empty(len(accounts), dtype=np.int64)
    dealt[order] = np.arange(len(accounts)) % count
    return np.asarray(dealt[first])
