"""Changes of an account's risk in words, between two figures of one kind alone."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

import polars as pl

from mailsignals.wording.numbers import chance, number_of, predicted_event

Against: TypeAlias = Literal["told", "week"]
TOLD: Final = "told"
WEEK: Final = "week"
AGAINST: Mapping[str, str] = MappingProxyType({TOLD: "last told", WEEK: "a week ago"})
"""A risk is compared with that of the CSM's last digest, else of the last recorded day; or a week ago."""

_COLUMNS: Mapping[str, str] = MappingProxyType({TOLD: "before", WEEK: "week"})


def risk_words(row: Mapping[str, Any]) -> str | None:
    """Return the chance in words, or else the rank; none where an account is not judged."""
    if row["risk"] is not None:
        return chance(row["risk"])
    return None if row["score"] is None else rank(row["score"])


def rank(score: float) -> str:
    """Return a score (0 to 100) in words: ``riskier than 90 %``."""
    return f"riskier than {number_of(score)} %"


def change(row: Mapping[str, Any], against: str) -> Mapping[str, Any] | None:
    """Say how the risk of an account has moved; none where nothing can be compared.

    Args:
        row: of the table of accounts.
        against: a key of ``AGAINST``.

    Returns:
        ``word`` (``up from``, ``down from``, ``as``), ``then``, ``now`` and ``on``.

        ``then`` is none where it is said in the same words as ``now``, and ``now`` where ``risk_words`` has it.
    """
    of = _COLUMNS[against]
    say: Callable[[float], str] = chance
    now, then = row["risk"], row[f"{of}_risk"]
    if now is None or then is None or not _of_one_event(row["source"], row[f"{of}_source"]):
        now, then, say = row["score"], row[f"{of}_score"], rank
    if now is None or then is None:
        return None
    told = {"now": say(now) if say is rank and row["risk"] is not None else None, "on": row[f"{of}_on"]}
    if say(now) == say(then):
        return {"word": "as", "then": None, **told}
    return {"word": "up from" if now > then else "down from", "then": say(then), **told}


def _of_one_event(one: str, other: str | None) -> bool:
    """True if two models say how likely the same is."""
    return other is not None and predicted_event(one) == predicted_event(other)


def difference(against: str) -> pl.Expr:
    """Return by how much the risk has grown: in probability, or else in hundredths of the score; null if unknown."""
    of = _COLUMNS[against]

    def silent(name: str) -> pl.Expr:
        return pl.col(name).str.starts_with("silence-")

    risks = pl.when(silent("source") == silent(f"{of}_source")).then(pl.col("risk") - pl.col(f"{of}_risk"))
    return pl.coalesce(risks, (pl.col("score") - pl.col(f"{of}_score")) / 100)
