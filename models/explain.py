"""Explanation of a prediction: the parts of the inputs, which sum to the index exactly."""

from collections.abc import Mapping

import polars as pl

from models.index import Index, index_contributions, matrix
from models.sample import Floats


def explanation_parts(index: Index, frame: pl.DataFrame) -> pl.DataFrame:
    """Return ``account`` and each input's part of the account's index, by the input's name.

    The parts are exact, because the index of linear and additive models is this sum.
    """
    added = index_contributions(index, matrix(index, frame))
    names = [term.name for term in index]
    return pl.DataFrame({"account": frame["account"], **_columns(names, added)})


def importance(index: Index, inputs: Floats) -> Mapping[str, float]:
    """Return the standard deviation of each input's part of the index, by name, the largest first."""
    spread = index_contributions(index, inputs).std(axis=0)
    ranked = sorted(zip((term.name for term in index), spread.tolist(), strict=True), key=lambda one: -one[1])
    return dict(ranked)


def _columns(names: list[str], added: Floats) -> dict[str, Floats]:
    return {name: added[:, place] for place, name in enumerate(names)}
