"""The prepared table of who does what."""

import datetime as dt

import polars as pl

from mailsignals.readmodel.tables.people import WEEKS, work_by_week
from mailsignals.schema import INSTANT, Role

AS_OF = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
WEEK, TICK = dt.timedelta(weeks=1), dt.timedelta(microseconds=1)
BO, KIM = 1, 2


def marked(*rows: tuple[int, str, bool, bool, dt.datetime]) -> pl.LazyFrame:
    """Touches that went through ``turns.with_conversations``: person, role, outbound, opening, sent at."""
    schema = pl.Schema(
        {
            "person": pl.UInt32(),
            "role": Role,
            "outbound": pl.Boolean(),
            "opening": pl.Boolean(),
            "sent_at": INSTANT,
        }
    )
    return pl.DataFrame(rows, schema=schema, orient="row").lazy()


def test_each_mail_is_of_one_kind() -> None:
    """It opens a conversation, or is in a ticket, or goes on with what was asked of others or begun by us."""
    at = AS_OF - TICK
    found = work_by_week(
        marked(
            (KIM, "support", False, True, at),  # a ticket
            (BO, "support", True, False, at),
            (KIM, "support", False, False, at),
            (BO, "support", True, False, at),
            (BO, "support", True, True, at),  # we begin
            (BO, "support", True, False, at),
            (KIM, "cs", False, True, at),  # asked of customer success
            (BO, "support", True, False, at),
        ),
        AS_OF,
    )
    assert found.drop("role").rows() == [(BO, WEEKS - 1, 5, 1, 2, 2)]


def test_a_week_ends_with_its_instant() -> None:
    """What was sent at the instant is of the newest week, a week before of the one before, 13 weeks before of none."""
    times = (
        AS_OF - WEEKS * WEEK,
        AS_OF - WEEKS * WEEK + TICK,
        AS_OF - WEEK,
        AS_OF - WEEK + TICK,
        AS_OF,
        AS_OF + TICK,
    )
    found = work_by_week(marked(*((BO, "cs", True, True, at) for at in times)), AS_OF).sort("week")
    assert found.select("week", "mails").rows() == [(0, 1), (WEEKS - 2, 1), (WEEKS - 1, 2)]


def test_a_ticket_that_began_long_ago_is_a_ticket() -> None:
    """Its opening is older than 13 weeks, and the answer of today is support all the same."""
    found = work_by_week(
        marked((KIM, "support", False, True, AS_OF - 99 * WEEK), (BO, "support", True, False, AS_OF)), AS_OF
    )
    assert found["tickets"].to_list() == [1]
