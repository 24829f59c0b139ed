"""Why an account stands where it stands, in sentences with numbers."""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from mailsignals.risk.mark import Mark, Row
from mailsignals.risk.marks import absence_text
from mailsignals.wording.numbers import Quantity, count_noun, percent
from models.feature import Feature

REASON = pl.Struct(
    {
        "mark": pl.String(),
        "signal": pl.String(),
        "value": pl.Float64(),
        "before": pl.Float64(),
        "text": pl.String(),
    }
)
"""One reason: the mark (or the scorecard's block), the signal it rests on, the number, what it was, a sentence."""

AT_LEAST = 3
"""A flag has at least this many reasons; where fewer marks hold, the scorecard's own drivers are added."""

SILENCE = frozenset({"inbound", "days_since_inbound", "overdue_ratio"})
"""Signals that somebody's absence may explain."""

Reason = dict[str, Any]


def reasons(row: Row, marks: Sequence[Mark], drivers: Iterable[tuple[Feature, float]]) -> list[Reason]:
    """The marks that hold, then the scorecard's largest drivers until there are ``AT_LEAST``, as far as there are."""
    found = [_of_mark(row, mark) for mark in marks if row[f"mark {mark.name}"]]
    said = {reason["signal"] for reason in found}
    for feature, contribution in drivers:
        if len(found) >= AT_LEAST or contribution <= 0:
            break
        value, usual = row[f"value {feature.name}"], row[f"usual {feature.name}"]
        if feature.signal not in said and _tells(feature, value, usual):
            said.add(feature.signal)
            found.append(_of_feature(row, feature, value, usual))
    return found


def _tells(feature: Feature, value: float | None, usual: float | None) -> bool:
    """Whether the numbers say by themselves what the feature says against the day's other accounts."""
    if value is None or "{usual" not in feature.text:
        return value is not None
    return (
        usual is not None
        and (value - usual) * feature.sign > 0
        and f"{Quantity(value)}" != f"{Quantity(usual)}"
    )


def too_little_sight(row: Row, *, min_touches: int) -> list[Reason]:
    """Return the reason why an account is not judged: too few mails, or too many that we can't see.

    Args:
        row: the account's signals.
        min_touches: the number of mails in 180 days that a judgement requires.

    Returns:
        One reason.
    """
    touches, gap = row["touches_180"] or 0, row["visibility_gap_90"]
    if touches < min_touches:
        signal, value = "touches_180", float(touches)
        few = f"Only {count_noun(touches, 'mail')}" if touches else "No mail"
        text = f"{few} in 180 days: too little to judge."
    else:
        signal, value = "visibility_gap", gap
        text = f"{percent(gap)} of the mails that theirs refer to are in no mailbox that we read."
    return [{"mark": "not_enough_sight", "signal": signal, "value": value, "before": None, "text": text}]


def _of_mark(row: Row, mark: Mark) -> Reason:
    return {
        "mark": mark.name,
        "signal": mark.signal,
        "value": row[f"value {mark.name}"],
        "before": row[f"before {mark.name}"],
        "text": mark.text(row),
    }


def _of_feature(row: Row, feature: Feature, value: float, usual: float | None) -> Reason:
    text = feature.text.format(value=Quantity(value), usual=None if usual is None else Quantity(usual))
    return {
        "mark": feature.block,
        "signal": feature.signal,
        "value": value,
        "before": usual,
        "text": text + absence_text(row) if feature.signal in SILENCE else text,
    }
