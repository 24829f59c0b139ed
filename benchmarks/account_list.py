"""Account list of a simulated company, at the end and at earlier times."""

import datetime as dt

import numpy as np
import polars as pl

from benchmarks.account_lives import DAYS, YEAR_DAYS, Array, Ends, Habits
from mailsignals.schema import BOOK_SCHEMA, INSTANT

HISTORY_SCHEMA = pl.Schema(
    {
        "account_id": pl.String(),
        "field": pl.String(),
        "value": pl.String(),
        "valid_from": pl.Date(),
        "seen_at": INSTANT,
    }
)
"""One row per value, with the day from which it holds, and the time of its entry."""

ENTERED_LATE, LATE_DAYS = 0.45, (7, 56)
"""Share of churn dates that are entered late, and the range of the delay in days."""
UPGRADED, HANDED_OVER, RENEWED_AT = 0.1, 0.25, (0.85, 1.3)
"""Shares of accounts whose tier and CSM change once; the range of factors on revenue at a renewal."""


def account_list(
    habits: Habits, ends: Ends, *, tiers: tuple[str, ...], csms: Array, seed: int, begin: dt.date
) -> pl.DataFrame:
    """Return the account list in ``BOOK_SCHEMA``, with every churn date up to the end of the simulation.

    Args:
        habits: the habits of the accounts.
        ends: the churn dates of the accounts.
        tiers: the names of tiers, lowest first.
        csms: the number of each account's CSM.
        seed: the seed of the company, which is a part of every id.
        begin: the first day.
    """
    since = pl.lit(begin)
    left = pl.when(pl.col("left") < DAYS).then(since + pl.duration(days="left"))
    return (
        pl.DataFrame(
            {
                "account": np.arange(len(csms)),
                "csm": csms,
                "day": habits.starts.astype(np.int64),
                "left": ends.recorded.clip(max=DAYS).astype(np.int64),
                "renewal": ends.renewal.astype(np.int64),
                "yearly": ends.yearly,
                "arr": habits.revenue,
                "tier": [tiers[place] for place in habits.size_class.tolist()],
            }
        )
        .with_columns(
            account_id=pl.format("C{}-{}", pl.lit(seed), "account"),
            name=pl.format("Customer {}", "account"),
            csm=_csm(seed, "csm"),
            started_on=since + pl.duration(days="day"),
            churned_on=left,
            renewal_on=pl.when("yearly").then(since + pl.duration(days="renewal")),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in BOOK_SCHEMA.items())
    )


def account_history(
    rng: np.random.Generator, book: pl.DataFrame, *, tiers: tuple[str, ...], seed: int, begin: dt.date
) -> pl.DataFrame:
    """Return the values of each account's fields in ``HISTORY_SCHEMA``, including those after the churn.

    Some churn dates are entered late. On entry, revenue becomes 0 and the stage ``former``.

    Args:
        rng: the source of randomness.
        book: the result of ``account_list``, with the values of current customers.
        tiers: the names of tiers, lowest first.
        seed: the seed of the company.
        begin: the first day.
    """
    count, end = book.height, begin + dt.timedelta(days=DAYS)
    chance = rng.random((5, count))
    lower = dict(zip(tiers[1:], tiers, strict=False))
    low, high = np.log(RENEWED_AT)
    rate = np.exp(rng.uniform(low, high, count))
    late = np.where(chance[0] < ENTERED_LATE, rng.integers(*LATE_DAYS, count), 0)
    known = book.with_columns(
        since=pl.max_horizontal("started_on", pl.lit(begin)),
        last=pl.col("churned_on").fill_null(end),
        entered=pl.col("churned_on") + pl.duration(days=pl.lit(pl.Series(late))),
        upgraded=pl.Series(chance[1] < UPGRADED) & pl.col("tier").is_in(list(lower)),
        handed=pl.Series(chance[2] < HANDED_OVER),
        rate=pl.Series(rate),
        renewed=pl.coalesce("renewal_on", pl.col("started_on") + pl.duration(days=YEAR_DAYS * 8)),
        other=_csm(seed, pl.Series(rng.integers(0, max(1, count // 40), count))),
    ).with_columns(
        (pl.col("since") + ((pl.col("last") - pl.col("since")) * pl.Series(share))).alias(name)
        for name, share in (("upgraded_on", chance[3]), ("handed_on", chance[4]))
    )
    inside = pl.col("renewed").is_between("since", "last", closed="none")
    rises = pl.when(inside).then("rate").otherwise(1.0)
    before = pl.col("tier").replace(lower)
    parts = [
        _values(known, "started_on", pl.col("started_on"), "since"),
        _values(known, "renewal_on", pl.col("renewal_on"), "since"),
        _values(known, "stage", pl.lit("customer"), "since"),
        _values(known, "csm", pl.when("handed").then("other").otherwise("csm"), "since"),
        _values(known.filter("handed"), "csm", pl.col("csm"), "handed_on"),
        _values(known, "tier", pl.when("upgraded").then(before).otherwise("tier"), "since"),
        _values(known.filter("upgraded"), "tier", pl.col("tier"), "upgraded_on"),
        _values(known, "arr", (pl.col("arr") / rises / 100).round() * 100, "since"),
        _values(known.filter(inside), "arr", pl.col("arr"), "renewed"),
        _values(known, "churned_on", pl.col("churned_on"), "churned_on", seen="entered"),
        _values(known, "arr", pl.lit(0.0), "entered"),
        _values(known, "stage", pl.lit("former"), "entered"),
    ]
    return pl.concat(parts).drop_nulls("valid_from").sort("account_id", "field", "valid_from")


def listed(book: pl.DataFrame, history: pl.DataFrame, at: dt.datetime) -> pl.DataFrame:
    """Return the account list as of a time in ``BOOK_SCHEMA``: the values and churn dates known by then."""
    known = history.filter(pl.col("seen_at") <= at, pl.col("valid_from") <= at.date())
    last = known.group_by("account_id", "field", maintain_order=True).agg(pl.col("value").last())
    wide = last.pivot("field", index="account_id", values="value")
    dated = [name for name in BOOK_SCHEMA if name in wide.columns and name != "account_id"]
    joined = book.select(pl.all().exclude(dated)).join(
        wide.select("account_id", *dated), on="account_id", how="left", maintain_order="left"
    )
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in BOOK_SCHEMA if name not in joined.columns]
    return joined.with_columns(absent).select(
        pl.col(name).str.to_date()
        if dtype == pl.Date and joined.schema.get(name, pl.String) == pl.String
        else pl.col(name).cast(dtype)
        for name, dtype in BOOK_SCHEMA.items()
    )


def _csm(seed: int, number: str | pl.Series) -> pl.Expr:
    column = pl.col(number) if isinstance(number, str) else pl.lit(number)
    return pl.format("csm{}-{}@us.example", pl.lit(seed), column)


def _values(
    known: pl.DataFrame, field: str, value: pl.Expr, since: str, *, seen: str | None = None
) -> pl.DataFrame:
    return known.select(
        "account_id",
        field=pl.lit(field),
        value=value.cast(pl.String),
        valid_from=pl.col(since).cast(pl.Date),
        seen_at=pl.col(seen or since).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
    ).cast(HISTORY_SCHEMA)
