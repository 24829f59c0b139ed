"""Facts of accounts with dates: every value, the day from which it holds, and the instant at which it was learnt.

A fact without ``valid_from`` was learnt without its past: it is known to hold from the reading on.
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
"""One row for each value of a field of an account, in any order.

``value`` is a text (days in ISO 8601; null: the field was empty), ``valid_from`` a day of the company's time zone, null
where the past of the value is unknown, and ``seen_at`` the instant at which the value was learnt.
"""

FIELDS = tuple(name for name in BOOK_SCHEMA if name != "account_id")
"""The fields that every account list has."""

PAIR = ("account_id", "field")
SINCE, KNOWN_AT = "since", "known_at"


def no_facts() -> pl.DataFrame:
    """An empty frame in ``FACT_SCHEMA``."""
    return FACT_SCHEMA.to_frame()


def listed_values(book: pl.DataFrame) -> pl.DataFrame:
    """The values of an account list: ``account_id``, ``field`` and ``value``, one row for each cell."""
    # Column by column, because a further one may have any name.
    return pl.concat(
        book.select("account_id", field=pl.lit(name), value=pl.col(name).cast(pl.String))
        for name in book.columns
        if name != "account_id"
    )


def with_starts(facts: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """Facts with ``since``, the instant from which each holds, each once and sorted by account, field and ``since``.

    A value holds from midnight of its first day; one that was learnt in the course of that day, or whose past is
    unknown, from the instant at which it was learnt.

    Args:
        facts: ``FACT_SCHEMA``.
        timezone: of days.
    """
    seen_at, day = pl.col("seen_at"), pl.col("valid_from")
    in_its_day = seen_at.dt.convert_time_zone(timezone).dt.date() == day
    since = pl.when(in_its_day.fill_null(value=True)).then(seen_at).otherwise(_midnight(day, timezone))
    return facts.unique().with_columns(since=since).sort(*PAIR, SINCE, "seen_at", "value", nulls_last=False)


def _typed(dtype: pl.DataType) -> pl.Expr:
    """The value of a fact as an account list has it."""
    value = pl.col("value")
    return value.str.to_date("%Y-%m-%d") if dtype == pl.Date else value.cast(dtype)


def _midnight(day: pl.Expr, timezone: str) -> pl.Expr:
    """The first instant of a day; where the clock skips midnight, an hour later."""
    local = day.cast(pl.Datetime("us"))
    starts = [
        each.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
        for each in (local, local + pl.duration(hours=1))
    ]
    return pl.coalesce(starts).dt.convert_time_zone("UTC")


def held_at(facts: pl.DataFrame, at: dt.datetime, *, timezone: str) -> pl.DataFrame:
    """The facts that hold at an instant, in ``FACT_SCHEMA``: one row for each account and field that has any."""
    return (
        with_starts(facts, timezone)
        .filter(pl.col(SINCE) <= at)
        .group_by(PAIR, maintain_order=True)
        .last()
        .select(FACT_SCHEMA.names())
    )


def changes(facts: pl.DataFrame, book: pl.DataFrame, *, at: dt.datetime, timezone: str) -> pl.DataFrame:
    """The facts that an account list brings which is read at an instant, in ``FACT_SCHEMA``.

    A value that differs from the one that holds is new from that day on. A field of an account of which nothing was
    known is learnt without its past.

    Args:
        facts: what is known by then.
        book: the rows of the account list.
        at: the instant of the reading.
        timezone: of days.
    """
    before = held_at(facts, at, timezone=timezone).select(*PAIR, before="value", known=pl.lit(value=True))
    known = pl.col("known").fill_null(value=False)
    today = pl.lit(at).cast(INSTANT).dt.convert_time_zone(timezone).dt.date()
    return (
        listed_values(book)
        .join(before, on=PAIR, how="left", maintain_order="left")
        .filter(~known | pl.col("value").ne_missing(pl.col("before")))
        .select(*PAIR, "value", valid_from=pl.when(known).then(today), seen_at=pl.lit(at).cast(INSTANT))
    )


def facts_at(facts: pl.DataFrame, book: pl.DataFrame, at: dt.datetime, *, timezone: str) -> pl.DataFrame:
    """The rows of an account list with the values that hold at an instant.

    The earliest known value of a field holds before its time too, and a field of which no fact is known is as listed.

    Args:
        facts: ``FACT_SCHEMA``, with those of the list itself.
        book: the rows of the list, which also say which accounts and fields there are.
        at: the instant.
        timezone: of days.
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
    """The facts of fields that had several values, as far as an account list has the account and the field."""
    several = facts.group_by(PAIR).agg(pl.col("value").n_unique()).filter(pl.col("value") > 1)
    return facts.join(several, on=PAIR, how="semi").filter(
        pl.col("account_id").is_in(book["account_id"].implode()),
        pl.col("field").is_in([name for name in book.columns if name != "account_id"]),
    )


def steps(facts: pl.DataFrame, book: pl.DataFrame, field: str, *, timezone: str) -> pl.DataFrame:
    """The values of a field of the accounts in which it changed, by account and time.

    Returns:
        ``account`` (the position in the list), ``since`` (null of the first value of an account, which holds before
        its time too) and ``value``, typed as in the list.
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
    """The values of fields as they were known at instants: learnt by then, and holding by then.

    Args:
        facts: ``FACT_SCHEMA``.
        accounts: the ids of accounts; an account's number is its position.
        ats: the instants.
        timezone: of days.
        fields: the fields, with the type of their values.

    Returns:
        ``account`` (UInt32), ``as_of``, and for each field its value and, as ``known_FIELD``, whether anything was
        known of it; by account and instant. A value is null where the field was empty, and where nothing was known.
    """
    numbers = pl.DataFrame({"account_id": accounts}).with_row_index("account").cast({"account": pl.UInt32})
    instants = pl.DataFrame({"as_of": sorted(set(ats))}, schema={"as_of": INSTANT})
    grid = numbers.select("account").join(instants, how="cross", maintain_order="left_right")
    wanted = facts.filter(pl.col("field").is_in(list(fields))).join(numbers, on="account_id")
    learnt = learnt_in_turn(wanted, timezone)
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


def learnt_in_turn(facts: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """The facts as they replaced each other in what was known, with ``known_at``: from when on each was.

    A fact that was learnt late, and held before one that was known already, never replaces that one.
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
    """The churn dates that account lists gave by an instant: ``account_id``, ``churned_on`` and ``seen_at``.

    ``seen_at`` is the instant at which the date was learnt. A past date that stood in the first list ever read counts
    as learnt on the day itself, because nobody knows when it was written there.
    """
    seen_at, day = pl.col("seen_at"), _typed(pl.Date())
    own = facts.filter(pl.col("field") == "churned_on")
    first = pl.col("valid_from").is_null() & (seen_at == seen_at.min().over("account_id"))
    on_the_day = pl.when(first).then(pl.min_horizontal(seen_at, _midnight(day, timezone))).otherwise(seen_at)
    learnt = learnt_in_turn(own.with_columns(seen_at=pl.coalesce(on_the_day, seen_at)), timezone)
    runs = pl.col("value").rle_id().over("account_id")
    return (
        learnt.filter(pl.col(KNOWN_AT) <= as_of)
        .with_columns(run=runs)
        .filter(pl.col("run") == pl.col("run").max().over("account_id"))
        .group_by("account_id", maintain_order=True)
        .agg(churned_on=day.last(), seen_at=pl.col(KNOWN_AT).min())
        .filter(pl.col("churned_on").is_not_null())
    )
