"""Who has left, by the account list or by what people said, and when that was learnt."""

import datetime as dt

import polars as pl
import pytest

from mailsignals.accounts.dated import FACT_SCHEMA
from mailsignals.flags.feedback import departures_known
from mailsignals.store.tables.feedback import FEEDBACK_SCHEMA

START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
EARLY, LATE = dt.date(2026, 2, 1), dt.date(2026, 2, 20)

FACTS = pl.DataFrame(
    [
        ("A", "churned_on", None, None, START),
        ("A", "churned_on", f"{LATE}", (START + 9 * DAY).date(), START + 9 * DAY),
        ("B", "churned_on", None, None, START),
        ("B", "tier", "gold", None, START),
    ],
    schema=FACT_SCHEMA,
    orient="row",
)
FEEDBACK = pl.DataFrame(
    [
        ("A", START + 5 * DAY, "ana@us.test", "churned", None, EARLY, None),
        ("B", START + 6 * DAY, "ana@us.test", "churned", None, EARLY, None),
        ("B", START + 7 * DAY, "ana@us.test", "undone", None, None, None),
    ],
    schema=FEEDBACK_SCHEMA,
    orient="row",
)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (4, []),
        (5, [("A", EARLY, START + 5 * DAY)]),
        (6, [("A", EARLY, START + 5 * DAY), ("B", EARLY, START + 6 * DAY)]),
        (7, [("A", EARLY, START + 5 * DAY)]),
        (9, [("A", LATE, START + 5 * DAY)]),
    ],
)
def test_a_departure_is_known_once_the_list_or_somebody_says_so(days: int, expected: list[object]) -> None:
    """The list has the last word on the date; what was taken back never happened."""
    found = departures_known(FACTS, FEEDBACK, as_of=START + days * DAY, timezone="UTC")
    assert found.rows() == expected
