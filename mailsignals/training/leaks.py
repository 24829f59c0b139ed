"""Facts of the account list that give away who left, because they were written down after the customer had left.

ARR that is set to 0, an owner called "offboarding", the stage "former", a renewal date that is taken out: none of them
was known while there was something to predict, and a model that sees them looks excellent and is worthless.
"""

import dataclasses
import datetime as dt
import math
from collections.abc import Iterator, Sequence

import polars as pl

LEAST_ACCOUNTS = 3
"""So many accounts that left must have the value."""
RARER, APART = 10, 0.6
"""A value that is this many times rarer among the others, or rarer by this share of them, gives away who left."""
CHANCE = 0.01
"""A value that chance would bring as often as this gives nothing away (Fisher's exact test, one-sided)."""
NAMED = 3
"""So many accounts are named in a sentence."""

_EMPTY, _CHANGED = "empty", "changed"
FACTS = ("account_id", "field", "value", "valid_from", "seen_at")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Leak:
    """A field that alone separates churned accounts from the others by what was written after they left."""

    field: str
    accounts: tuple[str, ...]
    """Ids of the accounts that left and have the value, in order of their churn dates."""
    dates: tuple[tuple[dt.date, dt.date], ...]
    """For each of them, the day on which it churned and the day on which the value was seen."""
    refused: bool
    """Whether the field must not be an input, because most of these accounts have no value from before they left."""
    sentence: str


def leaks(
    facts: pl.DataFrame, departures: pl.DataFrame, *, fields: Sequence[str], timezone: str = "UTC"
) -> list[Leak]:
    """Return the fields that give away who left, at most one leak per field, in the order of ``fields``.

    A field leaks if one value of it (empty, a certain value, or another than before) was written down after the churn
    date of at least three accounts, is ten times or 60 points rarer among the others, and is no chance. It is refused
    unless most of these accounts have a value from before, which a model reads instead.

    Args:
        facts: ``account_id``, ``field``, ``value`` (text; null is empty), ``valid_from`` (null where the past of the
            value is unknown: it holds from when it was seen) and ``seen_at`` (an instant). A list without a history
            has one row per account and field, seen when the list was read.
        departures: ``account_id`` and ``churned_on``; accounts without a churn date have not left.
        fields: those to look at.
        timezone: of days.
    """
    left = departures.drop_nulls("churned_on").select("account_id", "churned_on")
    seen_on = pl.col("seen_at").dt.convert_time_zone(timezone).dt.date()
    ordered = facts.with_columns(since=pl.coalesce("valid_from", seen_on)).sort(
        "since", "seen_at", maintain_order=True
    )
    by = ["account_id", "field"]
    latest = (
        ordered.group_by(by, maintain_order=True)
        .agg(
            pl.col("value").last(),
            pl.col("value").get(-2, null_on_oob=True).alias("before"),
            (pl.len() > 1).alias("has_before"),
            pl.col("seen_at").last(),
            first_seen=seen_on.min(),
        )
        .join(left, on="account_id", how="left", maintain_order="left")
        .with_columns(seen_on=seen_on)
        .with_columns(changed=pl.col("has_before") & pl.col("before").ne_missing(pl.col("value")))
    )
    found = (_leak_of(latest.filter(pl.col("field") == field), field) for field in fields)
    return [leak for leak in found if leak is not None]


def _leak_of(rows: pl.DataFrame, field: str) -> Leak | None:
    """The value that gives away most, if any does."""
    gone, others = (
        rows.filter(pl.col("churned_on").is_not_null()),
        rows.filter(pl.col("churned_on").is_null()),
    )
    late = gone.filter(pl.col("seen_on") > pl.col("churned_on")).sort("churned_on", "account_id")
    if late.height < LEAST_ACCOUNTS or others.is_empty():
        return None
    best: tuple[int, Leak] | None = None
    for word, holds in _questions(late):
        own, theirs = late.filter(holds), others.filter(holds).height
        share, other_share = own.height / gone.height, theirs / others.height
        tells = share >= RARER * other_share or share - other_share >= APART
        if (
            own.height >= LEAST_ACCOUNTS
            and tells
            and _by_chance(own.height, gone.height, theirs, others.height) <= CHANCE
        ):
            leak = _worded(field, word, own, gone.height, theirs, others.height)
            best = max(best, (own.height, leak), key=lambda one: one[0]) if best else (own.height, leak)
    return best[1] if best else None


def _questions(late: pl.DataFrame) -> Iterator[tuple[str, pl.Expr]]:
    """What may have been written down: nothing, each value that several have, or another value than before."""
    value = pl.col("value")
    empty = value.is_null() | (value.str.strip_chars() == "")
    yield _EMPTY, empty
    counts = late.filter(~empty).group_by("value").len().filter(pl.col("len") >= LEAST_ACCOUNTS)
    for text in counts.sort("len", "value", descending=[True, False])["value"].to_list():
        yield f"'{text}'", value == text
    yield _CHANGED, pl.col("changed")


def _by_chance(own: int, gone: int, theirs: int, others: int) -> float:
    """How likely so many of those who left, or more, would have the value if it had nothing to do with leaving."""
    having, everybody = own + theirs, gone + others
    ways = sum(
        math.comb(gone, number) * math.comb(others, having - number)
        for number in range(own, min(gone, having) + 1)
        if having - number <= others
    )
    return ways / math.comb(everybody, having)


def _worded(field: str, word: str, own: pl.DataFrame, gone: int, theirs: int, others: int) -> Leak:
    dates = tuple(own.select("churned_on", "seen_on").iter_rows())
    accounts = tuple(own["account_id"].to_list())
    named = [
        f"{account} (churned {churned}, seen {seen})"
        for account, (churned, seen) in list(zip(accounts, dates, strict=True))[:NAMED]
    ]
    with_past = own.filter(pl.col("first_seen") <= pl.col("churned_on")).height
    refused = with_past * 2 <= own.height
    more = f" and {len(accounts) - NAMED} more" if len(accounts) > NAMED else ""
    return Leak(
        field=field,
        accounts=accounts,
        dates=dates,
        refused=refused,
        sentence=(
            f"{'The model does not use' if refused else 'The model uses only earlier values of'} {field}: it is {word} "
            f"for {len(accounts)} of {gone} churned accounts and {theirs} of {others} others, and was entered after "
            f"they churned: {', '.join(named)}{more}."
            + (" To use it, add its earlier values to accounts.history_file." if refused else "")
        ),
    )
