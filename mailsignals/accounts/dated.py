"""Facts of accounts with dates: each value, the day from which it holds, and the time at which it became known.

A fact without ``valid_from`` has an unknown past: it holds from the time at which it was read.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from mailsignals.schema import BOOK_SCHEMA, INSTANT

FACT_SCHEMA = pl.Schema(
    {
        "account_id": pl.String(),
        "field": pl.String(),
        "value": pl.String(),
        "valid_from": pl.Date(),
        "seen_at": INSTANT,
    }
)
"""One row per value of a field of an account, in any order.

``value`` is a text (days in ISO 8601; null: the field was empty). ``valid_from`` is a day in the company's time zone,
null if the past of the value is unknown. ``seen_at`` is the time at which the value became known.
"""

FIELDS = tuple(name for name in BOOK_SCHEMA if name != "account_id")
"""The fields that every account list has."""

PAIR = ("account_id", "field")
SINCE, KNOWN_AT = "since", "known_at"


def no_facts() -> pl.DataFrame:
    """Return an empty frame in ``FACT_SCHEMA``."""
    return FACT_SCHEMA.to_frame()


def listed_values(book: pl.DataFrame) -> pl.DataFrame:
    """Return the values of an account list: ``account_id``, ``field`` and ``value``, one row per cell."""
    # Column by column, because other columns may have any name.
    return pl.concat(
        book.select("account_id", field=pl.lit(name), value=pl.col(name).cast(pl.String))
        for name in book.columns
        if name != "account_id"
    )


def with_starts(facts: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """Return facts with ``since``, the time from which each holds, sorted by account, field and ``since``.

    A value holds from midnight of its first day. If it became known during that day, or its past is unknown, it holds
    from the time at which it became known.

    Args:
        facts: ``FACT_SCHEMA``.
        timezone: the time zone of days.
    """
    seen_at, day = pl.col("seen_at"), pl.col("valid_from")
    in_its_day = seen_at.dt.convert_time_zone(timezone).dt.date() == day
    since = pl.when(in_its_day.fill_null(value=True)).then(seen_at).otherwise(_midnight(day, timezone))
    return facts.unique().with_columns(since=since).sort(*PAIR, SINCE, "seen_at", "value", nulls_last=False)


def _typed(dtype: pl.DataType) -> pl.Expr:
    """The value of a fact in the type of the account list."""
    value = pl.col("value")
    return value.str.to_date("%Y-%m-%d") if dtype == pl.Date else value.cast(dtype)


def _midnight(day: pl.Expr, timezone: str) -> pl.Expr:
    """The beginning of a day; an hour later where the clock skips midnight."""
    local = day.cast(pl.Datetime("us"))
    starts = [
        each.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
        for each in (local, local + pl.duration(hours=1))
    ]
    return pl.coalesce(starts).dt.convert_time_zone("UTC")


def facts_held_at(facts: pl.DataFrame, at: dt.datetime, *, timezone: str) -> pl.DataFrame:
    """Return the facts that hold at a point in time, in ``FACT_SCHEMA``: one row per account and field with any."""
    return (
        with_starts(facts, timezone)
        .filter(pl.col(SINCE) <= at)
        .group_by(PAIR, maintain_order=True)
        .last()
        .select(FACT_SCHEMA.names())
    )


def changes(facts: pl.DataFrame, book: pl.DataFrame, *, at: dt.datetime, timezone: str) -> pl.DataFrame:
    """Return the new facts in an account list that is read at a point in time, in ``FACT_SCHEMA``.

    A value that differs from the current one is new from that day on. A field of an account without facts gets a fact
    with an unknown past.

    Args:
        facts: the facts that are known by then.
        book: the rows of the account list.
        at: the time of the reading.
        timezone: the time zone of days.
    """
    before = facts_held_at(facts, at, timezone=timezone).select(
        *PAIR, before="value", known=pl.lit(value=True)
    )
    known = pl.col("known").fill_null(value=False)
    today = pl.lit(at).cast(INSTANT).dt.convert_time_zone(timezone).dt.date()
    return (
        listed_values(book)
        .join(before, on=PAIR, how="left", maintain_order="left")
        .filter(~known | pl.col("value").ne_missing(pl.col("before")))
        .select(*PAIR, "value", valid_from=pl.when(known).then(today), seen_at=pl.lit(at).cast(INSTANT))
    )


def facts_at(facts: pl.DataFrame, book: pl.DataFrame, at: dt.datetime, *, timezone: str) -> pl.DataFrame:
    """Return the rows of an account list with the values that hold at a point in time.

    The earliest known value of a field also holds before its time, and a field without facts is as listed.

    Args:
        facts: ``FACT_SCHEMA``, with those of the list itself.
        book: the rows of the list, which also determine the accounts and fields.
        at: the point in time.
        timezone: the time zone of days.
    """
    moved = changed_facts(facts, book)
    if moved.is_empty():
        return book
    place = ((pl.col(SINCE) <= at).sum().cast(pl.Int64) - 1).clip(lower_bound=0)
    held = (
        with_starts(moved, timezone)
        .unique([*PAIR, SINCE], keep="last", maintain_order=True)
        .group_by(PAIR, maintain_order=True)
        .agg(pl.col("value").get(place), dated=pl.lit(value=True))
    )
    for (field,), values in held.group_by("field", maintain_order=True):
        name = str(field)
        then = values.select("account_id", "dated", then=_typed(book.schema[name]))
        # The list's own columns may have any name.
        own = book.select("account_id", today=name).join(
            then, on="account_id", how="left", maintain_order="left"
        )
        book = book.with_columns(
            own.select(pl.when(pl.col("dated")).then("then").otherwise("today").alias(name)).to_series()
        )
    return book


def changed_facts(facts: pl.DataFrame, book: pl.DataFrame) -> pl.DataFrame:
    """Return the facts of fields with several values, if an account list has the account and the field."""
    several = facts.group_by(PAIR).agg(pl.col("value").n_unique()).filter(pl.col("value") > 1)
    return facts.join(several, on=PAIR, how="semi").filter(
        pl.col("account_id").is_in(book["account_id"].implode()),
        pl.col("field").is_in([name for name in book.columns if name != "account_id"]),
    )


def steps(facts: pl.DataFrame, book: pl.DataFrame, field: str, *, timezone: str) -> pl.DataFrame:
    """Return the values of a field over time, for the accounts in which it changed, by account and time.

    Returns:
        ``account`` (the position in the list), ``since`` (null for the first value of an account, which also holds
        before its time) and ``value``, typed as in the list.
    """
    moved = changed_facts(facts.filter(pl.col("field") == field), book)
    account = pl.col("account_id")
    return (
        with_starts(moved, timezone)
        .unique(["account_id", SINCE], keep="last", maintain_order=True)
        .select(
            account=account.replace_strict(
                book["account_id"],
                pl.int_range(book.height, dtype=pl.UInt32, eager=True),
                return_dtype=pl.UInt32,
            ),
            since=pl.when(account != account.shift(1, fill_value="")).then(None).otherwise(SINCE),
            value=_typed(book.schema[field]),
        )
        .sort("account", maintain_order=True)
    )


def known_facts(
    facts: pl.DataFrame,
    accounts: pl.Series,
    ats: Sequence[dt.datetime],
    *,
    timezone: str,
    fields: Mapping[str, pl.DataType],
) -> pl.DataFrame:
    """Return the values of fields that were known and held at points in time.

    Args:
        facts: ``FACT_SCHEMA``.
        accounts: the ids of accounts; an account's number is its position.
        ats: the points in time.
        timezone: the time zone of days.
        fields: the fields, with the type of their values.

    Returns:
        ``account`` (UInt32), ``as_of``, and for each field its value and, as ``known_FIELD``, whether anything was
        known of it; by account and time. A value is null if the field was empty, and if nothing was known.
    """
    numbers = pl.DataFrame({"account_id": accounts}).with_row_index("account").cast({"account": pl.UInt32})
    instants = pl.DataFrame({"as_of": sorted(set(ats))}, schema={"as_of": INSTANT})
    grid = numbers.select("account").join(instants, how="cross", maintain_order="left_right")
    wanted = facts.filter(pl.col("field").is_in(list(fields))).join(numbers, on="account_id")
    learnt = replacements(wanted, timezone)
    for name, dtype in fields.items():
        own = learnt.filter(pl.col("field") == name).select(
            "account", KNOWN_AT, _typed(dtype).alias(name), known=pl.lit(value=True)
        )
        grid = grid.join_asof(
            own.sort("account", KNOWN_AT),
            left_on="as_of",
            right_on=KNOWN_AT,
            by="account",
            check_sortedness=False,
        ).drop(KNOWN_AT)
        grid = grid.with_columns(pl.col("known").fill_null(value=False)).rename({"known": f"known_{name}"})
    return grid


def replacements(facts: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """Return the facts in the order in which they replaced each other, with ``known_at``, the time of each change.

    A fact that became known late never replaces a fact that holds later.
    """
    place = pl.col("place")
    return (
        with_starts(facts, timezone)
        .with_columns(known_at=pl.max_horizontal(SINCE, "seen_at"))
        .with_row_index("place")
        .sort(*PAIR, KNOWN_AT, place)
        .filter(place >= place.cum_max().over(PAIR))
        .unique([*PAIR, KNOWN_AT], keep="last", maintain_order=True)
        .drop("place")
    )


def churn_dates(facts: pl.DataFrame, as_of: dt.datetime, *, timezone: str) -> pl.DataFrame:
    """Return the churn dates in account lists as of a point in time: ``account_id``, ``churned_on`` and ``seen_at``.

    ``seen_at`` is the time at which the date became known. A past date in the first list counts as known on the day
    itself, because the time of its entry is unknown.
    """
    seen_at, day = pl.col("seen_at"), _typed(pl.Date())
    own = facts.filter(pl.col("field") == "churned_on")
    first = pl.col("valid_from").is_null() & (seen_at == seen_at.min().over("account_id"))
    on_the_day = pl.when(first).then(pl.min_horizontal(seen_at, _midnight(day, timezone))).otherwise(seen_at)
    learnt = replacements(own.with_columns(seen_at=pl.coalesce(on_the_day, seen_at)), timezone)
    runs = pl.col("value").rle_id().over("account_id")
    return (
        learnt.filter(pl.col(KNOWN_AT) <= as_of)
        .with_columns(run=runs)
        .filter(pl.col("run") == pl.col("run").max().over("account_id"))
        .group_by("account_id", maintain_order=True)
        .agg(churned_on=day.last(), seen_at=pl.col(KNOWN_AT).min())
        .filter(pl.col("churned_on").is_not_null())
    )
