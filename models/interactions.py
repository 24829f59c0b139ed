"""Reads a boosted model off as tables: by moving one input at a time, or two.

Where no path of a tree looks at more than two inputs, the model is a constant, plus a function of each input, plus one
of each two inputs. They are unique once each table is 0 on average over either input (functional analysis of variance,
with the inputs' own distributions as weights).
"""

import dataclasses
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from models.sample import Floats

Logit: TypeAlias = Callable[[Floats], Floats]
"""The model: a row of interval numbers, an input a column, to a logit."""

NOTHING = 1e-9
"""Tables whose every cell is smaller are left out."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class PairTables:
    """A model without its constant."""

    steps: Sequence[Floats]
    """Of each input, a number for each of its intervals."""
    pairs: Mapping[tuple[int, int], Floats]
    """Of two inputs, intervals of the first by those of the second."""


def steps_of(logit: Logit, place: int, counts: Sequence[int]) -> Floats:
    """Return what each interval of an input adds to the logit, with all other inputs in their first interval."""
    moved = np.zeros((counts[place], len(counts)))
    moved[:, place] = np.arange(counts[place])
    found = logit(moved)
    return np.asarray(found - found[0])


def pair_tables(logit: Logit, counts: Sequence[int]) -> dict[tuple[int, int], Floats]:
    """Return what two inputs add beyond their steps, by pair, all others in their first interval.

    Pairs that add nothing are left out.
    """
    steps = [steps_of(logit, place, counts) for place in range(len(counts))]
    origin = float(logit(np.zeros((1, len(counts))))[0])
    found = {}
    for one, two in itertools.combinations(range(len(counts)), 2):
        moved = np.zeros((counts[one] * counts[two], len(counts)))
        moved[:, one] = np.repeat(np.arange(counts[one]), counts[two])
        moved[:, two] = np.tile(np.arange(counts[two]), counts[one])
        both = logit(moved).reshape(counts[one], counts[two])
        together = both - steps[one][:, None] - steps[two][None, :] - origin
        if np.abs(together).max() > NOTHING:
            found[one, two] = together
    return found


def settled_pairs(
    steps: Sequence[Floats], pairs: Mapping[tuple[int, int], Floats], shares: Sequence[Floats]
) -> PairTables:
    """Return the model, but for a constant, with every function 0 on average over each of its inputs.

    Args:
        steps: of each input.
        pairs: of two inputs.
        shares: how many of the rows lie in each interval of each input.
    """
    alone = [np.array(one) for one in steps]
    together = {}
    for (one, two), table in pairs.items():
        by_one, by_two = table @ shares[two], shares[one] @ table
        mean = float(shares[one] @ by_one)
        alone[one] += by_one
        alone[two] += by_two
        together[one, two] = table - by_one[:, None] - by_two[None, :] + mean
    return PairTables(
        steps=[one - float(share @ one) for one, share in zip(alone, shares, strict=True)],
        pairs={key: table for key, table in together.items() if np.abs(table).max() > NOTHING},
    )
