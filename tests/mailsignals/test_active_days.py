"""Active days: one row a local day on which an account wrote, with its first and last mail."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mailsignals.signals.active_days import ACTIVE_DAY_SCHEMA, active_days
from tests.mailsignals.histories import facts_of, random_touches
from tests.models.mail_days import days_of


@pytest.mark.parametrize("timezone", ["UTC", "America/Los_Angeles", "Asia/Kathmandu"])
def test_active_days_are_those_of_inbound_touches(timezone: str) -> None:
    """Counted one touch at a time, in the company's time zone; our own mail makes no active day."""
    touches = random_touches(seed=4)
    inbound = touches.filter(~pl.col("outbound")).select("account", "sent_at").rows()
    found = active_days(facts_of(touches), timezone=timezone)
    assert found.schema == ACTIVE_DAY_SCHEMA
    assert_frame_equal(found, days_of(inbound, timezone))


def test_without_mail_there_are_no_days() -> None:
    """No touch, or none of theirs: an empty frame of the same columns."""
    nothing = active_days(facts_of(random_touches(seed=1).filter("outbound")), timezone="UTC")
    assert nothing.is_empty()
    assert nothing.schema == ACTIVE_DAY_SCHEMA
