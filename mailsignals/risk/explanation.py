"""Explanations of each account's risk: reasons, further facts, and all terms, as columns."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from mailsignals.config.risk import Marks
from mailsignals.errors import UserError
from mailsignals.risk.marks import MARKS
from mailsignals.risk.reasons import (
    ALSO,
    REASON,
    Reason,
    also_worth_knowing,
    reasons,
    too_little_sight,
)
from mailsignals.risk.state import JUDGED
from mailsignals.risk.terms import RiskTerm, against_median
from mailsignals.wording.risk import STATES
from models.risk import CAUSES

PART = pl.Struct(
    {
        "cause": pl.String(),
        "input": pl.String(),
        "value": pl.Float64(),
        "usual": pl.Float64(),
        "adds": pl.Float64(),
    }
)
"""The log odds that one input adds to a cause; the parts of a cause, with ``USUAL``, add up to it."""
USUAL = "typical customer"
"""The part of the median account, with which the other parts compare."""

_KNOWN_TO_TELL = (*JUDGED, "lapsed")


def with_explanations(
    found: pl.DataFrame, terms: Sequence[RiskTerm], marks: Marks, *, currency: str
) -> pl.DataFrame:
    """Return the rows with ``reasons`` (``REASON``), ``also`` (``ALSO``) and ``parts`` (``PART``), each a list.

    Args:
        found: the outlook with risk, both causes and a column for each term.
        terms: of both causes.
        marks: the thresholds of the marks.
        currency: of ARR, for sentences.
    """
    features = {term.feature.name: term.feature for term in terms if term.feature}
    worded = against_median(found, terms).with_columns(
        pl.lit(currency).alias("currency"),
        *(mark.holds(marks).fill_null(value=False).alias(f"mark {mark.name}") for mark in MARKS),
        *(mark.value.alias(f"value {mark.name}") for mark in MARKS),
        *(mark.before.alias(f"before {mark.name}") for mark in MARKS),
        *(feature.value.cast(pl.Float64).alias(f"value {name}") for name, feature in features.items()),
        *(feature.usual.cast(pl.Float64).alias(f"usual {name}") for name, feature in features.items()),
    )
    told: list[list[Reason]] = []
    also: list[list[Reason]] = []
    for row in worded.iter_rows(named=True):
        own = _own_reasons(row, terms)
        told.append(own)
        also.append(also_worth_knowing(row, MARKS, own) if row["state"] in _KNOWN_TO_TELL else [])
    return found.with_columns(
        _as_lists("reasons", told, REASON),
        _as_lists("also", also, ALSO),
        _parts(worded, terms),
    )


def _as_lists(name: str, told: Sequence[Sequence[Reason]], one: pl.Struct) -> pl.Series:
    """Return one list per row, made of all at once: a frame for each of thousands of lists would take seconds."""
    places = [place for place, own in enumerate(told) for _ in own]
    flat = pl.DataFrame([reason for own in told for reason in own], schema=pl.Schema(one)).to_struct()
    lists = pl.DataFrame({"place": places, name: flat}, schema={"place": pl.Int64, name: one})
    grouped = lists.group_by("place", maintain_order=True).agg(name)
    rows = pl.DataFrame({"place": range(len(told))}, schema={"place": pl.Int64})
    nothing = pl.lit([], dtype=pl.List(one))
    return rows.join(grouped, on="place", how="left", maintain_order="left").select(
        pl.col(name).fill_null(nothing)
    )[name]


def _own_reasons(row: dict[str, Any], terms: Sequence[RiskTerm]) -> list[Reason]:
    if row["risk"] is not None:
        return reasons(row, terms)
    return too_little_sight(row) if row["state"] == "not_enough_sight" else []


def _parts(worded: pl.DataFrame, terms: Sequence[RiskTerm]) -> pl.Series:
    """Return the value, usual value and added log odds of each input, per row; null for accounts without a chance.

    By cause, the median account first, then by size.
    """
    nothing = pl.lit(None, dtype=pl.Float64)
    rows = []
    for cause in CAUSES:
        usual = _part(cause, USUAL, nothing, nothing, pl.col(f"{cause} usual"))
        own = [
            _part(
                cause,
                term.name,
                pl.col(f"value {term.name}") if term.feature else nothing,
                pl.col(f"usual {term.name}") if term.feature else nothing,
                pl.col(term.column),
            )
            for term in terms
            if term.cause == cause
        ]
        adds = pl.element().struct.field("adds")
        largest = (
            pl.concat_list(own)
            .list.eval(pl.element().sort_by(adds.abs(), descending=True, maintain_order=True))
            .list.eval(pl.element().filter(adds.is_not_null()))
            if own
            else pl.lit([], dtype=pl.List(PART))
        )
        known = pl.col(f"{cause}_log_odds").is_not_null()
        rows.append(
            pl.when(known).then(pl.concat_list(usual, largest)).otherwise(pl.lit([], dtype=pl.List(PART)))
        )
    parts = worded.select(parts=pl.concat_list(rows), judged=pl.col("quiet_log_odds").is_not_null())
    return parts.select(parts=pl.when("judged").then("parts"))["parts"]


def _part(cause: str, name: str, value: pl.Expr, usual: pl.Expr, adds: pl.Expr) -> pl.Expr:
    return pl.struct(
        pl.lit(cause).alias("cause"),
        pl.lit(name).alias("input"),
        value.alias("value"),
        usual.alias("usual"),
        adds.alias("adds"),
    )


def parts_of(assessed: pl.DataFrame, account_id: str) -> tuple[dict[str, Any], pl.DataFrame]:
    """Return one account's row of ``assess``, and all that adds to its two chances, in ``PART``.

    Raises:
        UserError: the account does not exist, or has no chance of going quiet.
    """
    found = assessed.filter(pl.col("account_id") == account_id)
    if found.is_empty():
        raise UserError(f"--explain {account_id}: the account list does not have this account_id.")
    row = found.row(0, named=True)
    if row["parts"] is None:
        raise UserError(
            f"--explain {account_id}: this account has no risk on that date ({STATES[row['state']]})."
        )
    return row, pl.DataFrame(row["parts"], schema=pl.Schema(PART))
