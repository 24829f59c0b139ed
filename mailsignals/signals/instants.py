"""As-of times, and the facts that count as of each of them.

A fact counts from ``since`` until just before ``until``. A touch counts for 30 days in a window of 30 days, an open
turn from its start to its answer. So one fact serves every as-of time, and a window only sets ``until``.
"""

import dataclasses
import datetime as dt
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

import polars as pl

from mailsignals.schema import INSTANT

KEYS = ["account", "instant"]
"""The keys of frames of measures; ``instant`` is the position of the as-of time."""

CHANGE, LATEST = "change of ", "latest "
"""Prefixes of columns that ``on_grid`` has to add up or carry forward."""
BEFORE = "before "
"""Prefix of a count as it was just before an as-of time."""


@dataclasses.dataclass(frozen=True)
class Instants:
    """As-of times, in order and without repeats."""

    as_of: pl.Series

    @classmethod
    def of(cls, as_ofs: Iterable[dt.datetime]) -> Self:
        """Return these as-of times, sorted and each once.

        Raises:
            ValueError: there are none, or one has no time zone.
        """
        moments = list(as_ofs)
        if not moments:
            raise ValueError("at least one as-of time is needed")
        if any(moment.tzinfo is None for moment in moments):
            raise ValueError("an as-of time needs a time zone")
        ordered = sorted({moment.astimezone(dt.UTC) for moment in moments})
        return cls(pl.Series("as_of", ordered, dtype=INSTANT))

    def __len__(self) -> int:
        return self.as_of.len()

    @functools.cached_property
    def _only(self) -> pl.Expr:
        """The as-of time, where there is only one."""
        return pl.lit(self.as_of[0], dtype=INSTANT)

    @functools.cached_property
    def _all(self) -> pl.Expr:
        """The as-of times, in order."""
        return pl.lit(self.as_of)

    def first_at_or_after(self, moment: pl.Expr) -> pl.Expr:
        """Return the position of the first as-of time not before ``moment``; if there is none, the number of times."""
        if len(self) == 1:
            return (moment > self._only).cast(pl.UInt32)
        return self._all.search_sorted(moment, side="left").cast(pl.UInt32)

    def as_of_at(self, position: str) -> pl.Expr:
        """Return the as-of time at the position in a column."""
        if len(self) == 1:
            return self._only
        return self._all.gather(pl.col(position))

    def tally(
        self, facts: pl.LazyFrame, *, since: pl.Expr, until: pl.Expr, amounts: Mapping[str, pl.Expr]
    ) -> pl.LazyFrame:
        """Return the sums of ``amounts`` over the facts that count, as changes from one as-of time to the next.

        Each fact is added once and subtracted once, however many as-of times lie between; ``on_grid`` adds the
        changes up.
        """
        sighted = self._sighted(facts, since, until).select(
            "account",
            "instant",
            "past",
            *(expr.cast(pl.Float64).alias(name) for name, expr in amounts.items()),
        )
        sums = [pl.col(name).sum().name.prefix(CHANGE) for name in amounts]
        come = sighted.group_by(KEYS).agg(sums)
        if len(self) == 1:
            return come
        gone = (
            sighted.filter(pl.col("past") < len(self))
            .group_by("account", instant="past")
            .agg((-pl.col(name).sum()).name.prefix(CHANGE) for name in amounts)
        )
        return pl.concat([come, gone]).group_by(KEYS).agg(pl.exclude(KEYS).sum())

    def counts(
        self, facts: pl.LazyFrame, by: Sequence[str], sights: Mapping[str, tuple[pl.Expr, pl.Expr]]
    ) -> pl.LazyFrame:
        """Return the number of facts of each group, one row for every as-of time at which it changes.

        Args:
            facts: rows with the columns of ``by``, ``account`` among them.
            by: the columns that make a group.
            sights: the name of each count, with ``since`` and ``until``.

        Returns:
            ``by``, ``instant`` (the position of the as-of time), each count from then on (``NAME``) and until then
            (``before NAME``), and ``past``, the position of the next change.
        """
        changes = []
        for name, (since, until) in sights.items():
            sighted = self._sighted(facts, since, until).select(*by, "instant", "past")
            come = sighted.group_by(*by, "instant").agg(pl.len().cast(pl.Int64).alias(name))
            gone = sighted.group_by(*by, instant="past").agg((-pl.len().cast(pl.Int64)).alias(name))
            changes += [come, gone.filter(pl.col("instant") < len(self))]
        names = list(sights)
        return (
            pl.concat(changes, how="diagonal")
            .group_by(*by, "instant")
            .agg(pl.col(names).sum())
            .sort(*by, "instant")
            .with_columns(
                pl.col(names).cum_sum().over(by),
                *(pl.col(name).alias(BEFORE + name) for name in names),
                past=pl.col("instant").shift(-1).over(by).fill_null(len(self)),
            )
            .with_columns((pl.col(name) - pl.col(BEFORE + name)).alias(BEFORE + name) for name in names)
        )

    def latest(self, facts: pl.LazyFrame, moment: pl.Expr, name: str) -> pl.LazyFrame:
        """Return the latest ``moment`` between each as-of time and the one before, named ``name``.

        ``on_grid`` carries it forward.
        """
        return (
            facts.select("account", moment.alias(LATEST + name))
            .with_columns(instant=self.first_at_or_after(pl.col(LATEST + name)))
            .filter(pl.col("instant") < len(self))
            .group_by(KEYS)
            .agg(pl.col(LATEST + name).max())
        )

    def stack(self, facts: pl.LazyFrame, *, since: pl.Expr, until: pl.Expr) -> pl.LazyFrame:
        """Return each fact once per as-of time at which it counts, with ``instant`` and ``as_of``."""
        return self.spread(self._sighted(facts, since, until)).with_columns(as_of=self.as_of_at("instant"))

    def spread(self, sighted: pl.LazyFrame) -> pl.LazyFrame:
        """Return each row once per as-of time, from its position ``instant`` until just before its ``past``."""
        if len(self) == 1:
            return sighted.drop("past")
        each = pl.int_ranges("instant", "past", dtype=pl.UInt32)
        return sighted.with_columns(instant=each).explode("instant").drop("past")

    def on_grid(self, accounts: pl.Series, measures: Iterable[pl.DataFrame]) -> pl.DataFrame:
        """Return all measures, one row per account and as-of time: changes added up, latest times carried forward."""
        grid = pl.DataFrame({"account": accounts.sort()}, schema={"account": pl.UInt32}).join(
            self.as_of.to_frame().with_row_index("instant"), how="cross", maintain_order="left_right"
        )
        cell = (pl.col("account").cast(pl.UInt64) * len(self) + pl.col("instant")).alias("cell")
        grid = grid.with_columns(cell)
        for measure in measures:
            grid = grid.join(
                measure.select(cell, pl.exclude(KEYS)), on="cell", how="left", maintain_order="left"
            )
        changes = pl.selectors.starts_with(CHANGE)
        carried = pl.selectors.starts_with(LATEST)
        return grid.with_columns(
            changes.fill_null(0).cum_sum().over("account").name.replace(f"^{CHANGE}", ""),
            carried.cum_max().forward_fill().over("account").name.replace(f"^{LATEST}", ""),
        ).drop("cell", changes, carried)

    def _sighted(self, facts: pl.LazyFrame, since: pl.Expr, until: pl.Expr) -> pl.LazyFrame:
        return facts.with_columns(
            instant=self.first_at_or_after(since), past=self.first_at_or_after(until)
        ).filter(pl.col("instant") < pl.col("past"))
