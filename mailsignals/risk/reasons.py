"""Reasons for the risk of an account, in sentences with numbers: its largest terms, by theme."""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from mailsignals.risk.contacts import absence_text, without_absence
from mailsignals.risk.mark import Mark, Row
from mailsignals.risk.terms import RiskTerm
from mailsignals.wording.money import money
from mailsignals.wording.numbers import Quantity, percent
from models.feature import Feature

REASON = pl.Struct(
    {
        "cause": pl.String(),
        "mark": pl.String(),
        "signal": pl.String(),
        "value": pl.Float64(),
        "before": pl.Float64(),
        "share": pl.Float64(),
        "text": pl.String(),
    }
)
"""One reason: its cause and theme (``mark``), its signal and number (``value``), the earlier or usual number
(``before``), its share of the risk (0 to 1), and a sentence. A reason for having no risk has no cause and no share."""

ALSO = pl.Struct(
    {
        "mark": pl.String(),
        "signal": pl.String(),
        "value": pl.Float64(),
        "before": pl.Float64(),
        "text": pl.String(),
    }
)
"""A fact that is also worth knowing: a mark that holds and adds nothing to the risk."""

LEAST_SHARE = 0.05
"""Reasons with a smaller share of the risk are left out."""

SILENCE = frozenset({"active_days", "inbound", "days_since_inbound", "overdue_ratio"})
"""Signals that a contact's absence may explain."""

Reason = dict[str, Any]


def reasons(row: Row, terms: Sequence[RiskTerm]) -> list[Reason]:
    """Return what raises the risk of an account above that of the median account, the largest share first.

    The positive terms of one theme are one reason, worded by the largest of them that got worse in its own words too.

    Args:
        row: the account with ``currency``, a column for each term, the parts ``quiet_share`` and ``leaving_share`` of
            its causes, and ``value NAME`` and ``usual NAME`` of each feature.
        terms: of both causes.
    """
    found = [
        reason
        for cause in ("quiet", "leaving")
        for reason in _of_cause(row, [term for term in terms if term.cause == cause])
    ]
    large = [reason for reason in found if reason["share"] >= LEAST_SHARE]
    return _with_absence(row, sorted(large, key=lambda reason: -reason["share"]))


def _with_absence(row: Row, found: Sequence[Reason]) -> list[Reason]:
    """Return the reasons, with the absence of contacts behind the first one on silence."""
    first = next((place for place, reason in enumerate(found) if reason["signal"] in SILENCE), None)
    return [
        {**reason, "text": reason["text"] + absence_text(row)} if place == first else reason
        for place, reason in enumerate(found)
    ]


def _of_cause(row: Row, terms: Sequence[RiskTerm]) -> Iterable[Reason]:
    raised = sorted(
        ((row[term.column], place) for place, term in enumerate(terms) if (row[term.column] or 0.0) > 0),
        key=lambda one: (-one[0], one[1]),
    )
    whole = sum(added for added, _ in raised)
    themes: dict[str, list[tuple[float, RiskTerm]]] = {}
    for added, place in raised:
        themes.setdefault(terms[place].theme, []).append((added, terms[place]))
    for theme, own in themes.items():
        first = next((term for _, term in own if term.feature and _tells(row, term.feature)), None)
        if first is not None and first.feature is not None:
            share = row[f"{first.cause}_share"] * sum(added for added, _ in own) / whole
            yield _reason(row, first.cause, theme, first.feature, share)


def _tells(row: Row, feature: Feature) -> bool:
    """Return whether the sentence of a feature shows a number that is worse than usual, if it compares at all."""
    value, usual = row[f"value {feature.name}"], row[f"usual {feature.name}"]
    if value is None or "usual" not in feature.text:
        return value is not None
    about = "~" if ":~" in feature.text else ""
    return (
        usual is not None
        and (value - usual) * feature.sign > 0
        and format(Quantity(value), about) != format(Quantity(usual), about)
    )


def _reason(row: Row, cause: str, theme: str, feature: Feature, share: float) -> Reason:
    value, usual = row[f"value {feature.name}"], row[f"usual {feature.name}"]
    text = feature.text.format(
        value=Quantity(value),
        usual=None if usual is None else Quantity(usual),
        money=money(value, row.get("currency", "")),
    )
    return {
        "cause": cause,
        "mark": theme,
        "signal": feature.signal,
        "value": value,
        "before": usual,
        "share": share,
        "text": text,
    }


def also_worth_knowing(row: Row, marks: Sequence[Mark], told: Sequence[Reason]) -> list[Reason]:
    """Return the marks that hold, in ``ALSO``, without those whose signal a reason already shows.

    Args:
        row: the account with ``mark NAME``, ``value NAME`` and ``before NAME`` of each mark.
        marks: the gravest first.
        told: its reasons.
    """
    said = {reason["signal"] for reason in told}
    if said & SILENCE:
        said.add("away_contacts")
        row = without_absence(row)
    return [
        {
            "mark": mark.name,
            "signal": mark.signal,
            "value": row[f"value {mark.name}"],
            "before": row[f"before {mark.name}"],
            "text": mark.text(row),
        }
        for mark in marks
        if row[f"mark {mark.name}"] and mark.signal not in said
    ]


def too_little_sight(row: Row) -> list[Reason]:
    """Return the only reason of an account without enough visible mail: the share that is not visible."""
    gap = row["visibility_gap_90"]
    return [
        {
            "cause": None,
            "mark": "not_enough_sight",
            "signal": "visibility_gap",
            "value": gap,
            "before": None,
            "share": None,
            "text": f"{percent(gap)} of the emails that theirs refer to are not visible.",
        }
    ]
