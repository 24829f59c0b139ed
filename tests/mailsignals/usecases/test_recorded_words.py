"""Recorded days and feedback of an earlier time."""

from pathlib import Path

import polars as pl
from polars.testing import assert_frame_equal

from mailsignals.store import Store
from mailsignals.store.tables.feedback import FEEDBACK_SCHEMA
from mailsignals.usecases.recorded_words import keep_recorded_words
from tests.mailsignals.flags.records import at, recorded
from tests.mailsignals.usecases.test_feedback import settings_of

FEEDBACK = pl.DataFrame(
    [
        {
            "account_id": "A",
            "given_at": at(2, 9),
            "given_by": "bo",
            "kind": "dismissed",
            "note": "They are happy.",
        },
        {"account_id": "A", "given_at": at(1, 9), "given_by": "ana", "kind": "snoozed", "until": "worse"},
    ],
    schema=FEEDBACK_SCHEMA,
)


def test_days_and_feedback_come_back_as_they_were(tmp_path: Path) -> None:
    """They are kept in the order of time; a second time changes nothing."""
    with Store.open(tmp_path / "store", mode="write"):
        pass
    settings, days = settings_of(tmp_path / "store"), recorded("hhl")
    for _ in range(2):
        keep_recorded_words(settings, days.reverse(), FEEDBACK)
        with Store.open(tmp_path / "store", mode="read") as store:
            assert_frame_equal(store.scores.frame(), days, check_row_order=False)
            assert_frame_equal(store.feedback.frame(), FEEDBACK.sort("given_at"))


def test_a_store_goes_on_from_its_newest_day(tmp_path: Path) -> None:
    """A day that is not later than the newest recorded one is left out."""
    with Store.open(tmp_path / "store", mode="write") as store:
        store.scores.add(recorded("lh").filter(pl.col("scored_on") == pl.col("scored_on").max()))
    keep_recorded_words(settings_of(tmp_path / "store"), recorded("hhh"), FEEDBACK.clear())
    with Store.open(tmp_path / "store", mode="read") as store:
        assert store.scores.frame().sort("scored_on")["level"].to_list() == ["high", "high"]
