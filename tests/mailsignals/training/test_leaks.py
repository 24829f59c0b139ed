"""Fields of the account list that give away who left, by what was written down afterwards."""

import datetime as dt
from collections.abc import Callable, Mapping

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsignals.training.leaks import leaks

READ_AT = dt.datetime(2026, 6, 1, 8, tzinfo=dt.UTC)
GONE, OTHERS = 6, 40
SCHEMA = {
    "account_id": pl.String(),
    "field": pl.String(),
    "value": pl.String(),
    "valid_from": pl.Date(),
    "seen_at": pl.Datetime("us", "UTC"),
}
LEFT = pl.DataFrame(
    {
        "account_id": [f"G{n}" for n in range(GONE)] + [f"S{n}" for n in range(OTHERS)],
        "churned_on": [dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(GONE)] + [None] * OTHERS,
    }
)


def listed(
    gone: Callable[[int], str | None], others: Callable[[int], str | None], *, field: str = "arr"
) -> pl.DataFrame:
    """One field of a list without history, read in June, when six had left since January."""
    values = [(f"G{n}", gone(n)) for n in range(GONE)] + [(f"S{n}", others(n)) for n in range(OTHERS)]
    rows = [(account, field, value, None, READ_AT) for account, value in values]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def with_history(facts: pl.DataFrame, before: Mapping[str, str | None]) -> pl.DataFrame:
    """The same with values that were known long before."""
    seen = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    field = facts["field"][0]
    rows = [(account, field, value, seen.date(), seen) for account, value in before.items()]
    return pl.concat(
        [pl.DataFrame(rows, schema=SCHEMA, orient="row"), facts.with_columns(valid_from=READ_AT.date())]
    )


@pytest.mark.parametrize(
    ("field", "gone", "others", "word"),
    [
        ("arr", lambda _: "0.0", lambda n: f"{n}000.0", "'0.0'"),
        ("arr", lambda n: "0.0" if n else "500.0", lambda n: f"{n + 1}000.0", "'0.0'"),
        ("csm", lambda _: "offboarding@us.test", lambda n: f"csm{n % 4}@us.test", "'offboarding@us.test'"),
        ("stage", lambda _: "former", lambda n: ("live", "trial")[n % 2], "'former'"),
        ("renewal_on", lambda _: None, lambda n: f"2027-01-{n % 28 + 1:02}", "empty"),
        ("renewal_on", lambda _: " ", lambda n: None if n % 4 == 0 else "2027-01-01", "empty"),
        ("tier", lambda _: "none", lambda n: ("small", "large")[n % 2], "'none'"),
    ],
)
def test_a_value_that_only_those_who_left_have_is_refused(
    field: str, gone: Callable[[int], str | None], others: Callable[[int], str | None], word: str
) -> None:
    """The field, the accounts and both dates of each are named, and what to do about it."""
    (leak,) = leaks(listed(gone, others, field=field), LEFT, fields=["name", field])
    assert (leak.field, leak.refused) == (field, True)
    assert set(leak.accounts) <= {f"G{n}" for n in range(GONE)}
    assert leak.dates[-1] == (dt.date(2026, 1, GONE), READ_AT.date())
    assert leak.sentence.startswith(f"The model does not use {field}: it is {word} for ")
    assert f"{leak.accounts[0]} (churned {leak.dates[0][0]}, seen 2026-06-01)" in leak.sentence
    assert "accounts.history_file" in leak.sentence


@pytest.mark.parametrize(
    ("gone", "others"),
    [
        (lambda n: f"{n}000", lambda n: f"{n}000"),  # alike
        (lambda n: "0" if n < 2 else f"{n}", lambda n: f"{n}"),  # two accounts
        (lambda n: "free" if n < 4 else "paid", lambda n: "free" if n < 8 else "paid"),  # a real difference
        (lambda _: None, lambda _: None),  # nobody has a value
    ],
)
def test_what_others_have_too_is_no_leak(
    gone: Callable[[int], str | None], others: Callable[[int], str | None]
) -> None:
    """A value that several others have as well may be a reason why accounts leave, and stays an input."""
    assert leaks(listed(gone, others), LEFT, fields=["arr"]) == []


def test_a_value_that_was_written_before_is_no_leak() -> None:
    """What was known while they were customers gives nothing away: it may predict."""
    early = listed(lambda _: "0", lambda n: f"{n}000").with_columns(
        seen_at=pl.lit(dt.datetime(2025, 12, 1, tzinfo=dt.UTC)).cast(pl.Datetime("us", "UTC"))
    )
    assert leaks(early, LEFT, fields=["arr"]) == []


def test_with_a_history_the_earlier_values_are_used() -> None:
    """Where the value of before is known, models read that; the leak is named and the field stays."""
    now = listed(lambda _: "0", lambda n: f"{n}000")
    before = {f"G{n}": f"{n + 3}000" for n in range(GONE)}
    (leak,) = leaks(with_history(now, before), LEFT, fields=["arr"])
    assert not leak.refused
    assert leak.sentence.startswith("The model uses only earlier values of arr")


def test_another_owner_afterwards_is_seen_with_a_history() -> None:
    """Six new owners, each another, are no value in common: that it changed after they left is."""
    now = listed(lambda n: f"new{n}", lambda n: f"csm{n}", field="csm")
    before = {f"G{n}": f"old{n}" for n in range(GONE)} | {f"S{n}": f"csm{n}" for n in range(OTHERS)}
    (leak,) = leaks(with_history(now, before), LEFT, fields=["csm"])
    assert "it is changed for 6 of 6" in leak.sentence


def test_few_accounts_or_none_are_no_trouble() -> None:
    """Nobody left, everybody left, one account, or no facts at all: there is nothing to refuse."""
    facts = listed(lambda _: "0", lambda n: f"{n}000")
    nobody = LEFT.with_columns(churned_on=pl.lit(None, dtype=pl.Date))
    everybody = LEFT.with_columns(churned_on=pl.lit(dt.date(2026, 1, 1)))
    for left in (nobody, everybody, LEFT.head(1), LEFT.clear()):
        assert leaks(facts, left, fields=["arr"]) == []
    assert leaks(facts.clear(), LEFT, fields=["arr"]) == []


@given(st.permutations(range(GONE + OTHERS)))
def test_the_order_of_the_list_does_not_matter(order: list[int]) -> None:
    """The same facts in another order give the same leak."""
    facts = listed(lambda _: "0", lambda n: f"{n}000")
    assert leaks(facts[order], LEFT, fields=["arr"]) == leaks(facts, LEFT, fields=["arr"])
