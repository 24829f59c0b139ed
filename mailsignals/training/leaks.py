"""Leaks: fields of the account list that reveal churn, because they were filled in after the churn date.

Examples are an ARR of 0, an owner called "offboarding", the stage "former" and a removed renewal date. None of them was
known while churn could still be predicted. A model that reads them looks excellent in a test and fails in use.
"""

import dataclasses
import datetime as dt
import math
from collections.abc import Iterator, Sequence

import polars as pl

LEAST_ACCOUNTS = 3
"""Number of churned accounts that must have the value."""
RARER, APART = 10, 0.6
"""A value reveals churn if it is this many times rarer among other accounts, or rarer by this share of them."""
CHANCE = 0.01
"""Probability by chance above which a value reveals nothing (Fisher's exact test, one-sided)."""
NAMED = 3
"""Number of accounts that a sentence names."""

_EMPTY, _CHANGED = "empty", "changed"
FACTS = ("account_id", "field", "value", "valid_from", "seen_at")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Leak:
    """A field that alone separates churned accounts from others by values entered after the churn."""

    field: str
    accounts: tuple[str, ...]
    """Ids of the churned accounts that have the value, in order of their churn dates."""
    dates: tuple[tuple[dt.date, dt.date], ...]
    """Churn date of each account, and the date on which the value was first seen."""
    refused: bool
    """Whether the field must not be an input, because most of these accounts have no value from before the churn."""
    sentence: str


def leaks(
    facts: pl.DataFrame, departures: pl.DataFrame, *, fields: Sequence[str], timezone: str = "UTC"
) -> list[Leak]:
    """Return the fields that reveal churn, at most one leak per field, in the order of ``fields``.

    A field leaks if one of its values was entered after the churn date of at least three accounts. That value may be
    empty, a certain text, or any changed one. It must be ten times or 60 percentage points rarer among other accounts,
    and statistically significant. The field is refused unless most of these accounts have an earlier value for models.

    Args:
        facts: ``account_id``, ``field``, ``value`` (text; null is empty), ``valid_from`` (null where the past of the
            value is unknown: it holds from when it was seen) and ``seen_at`` (a time). A list without a history
            has one row per account and field, seen when the list was read.
        departures: ``account_id`` and ``churned_on``, null for accounts that have not churned.
        fields: names of the fields to check.
        timezone: time zone of the dates.
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
    """Return the leak of a field that covers the most churned accounts; None if no value reveals churn."""
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
    """Yield the conditions to test: empty, each value that several accounts have, and a changed value."""
    value = pl.col("value")
    empty = value.is_null() | (value.str.strip_chars() == "")
    yield _EMPTY, empty
    counts = late.filter(~empty).group_by("value").len().filter(pl.col("len") >= LEAST_ACCOUNTS)
    for text in counts.sort("len", "value", descending=[True, False])["value"].to_list():
        yield f"'{text}'", value == text
    yield _CHANGED, pl.col("changed")


def _by_chance(own: int, gone: int, theirs: int, others: int) -> float:
    """Return the probability of at least so many churned accounts with the value, if it were unrelated to churn."""
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
