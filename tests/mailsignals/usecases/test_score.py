"""Recording a day: once, in order, and what is held back of it."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from mailsignals.errors import UserError
from mailsignals.flags.flags import visible_flags
from mailsignals.flags.holdout import holdout_effect
from mailsignals.store import Store
from mailsignals.usecases.digests import chosen_pages
from mailsignals.usecases.feedback import feedback_rules
from mailsignals.usecases.score import score
from tests.mailsignals.usecases.offices import MIDNIGHT, loaded

A_DAY = dt.timedelta(days=1)


def test_a_day_is_recorded_once(flagged: Path) -> None:
    """The second time nothing is added, and the first record is named."""
    recorded = score(loaded(flagged), MIDNIGHT + A_DAY / 2).recorded
    assert (recorded.on, recorded.at, recorded.rows.height) == (dt.date(2026, 3, 2), MIDNIGHT, 0)
    with Store.open(flagged / "store", mode="read") as store:
        assert store.scores.frame().height == 12


def test_no_day_before_the_newest_is_recorded(flagged: Path) -> None:
    """The record grows at its end alone."""
    with pytest.raises(UserError, match="2026-03-02 is recorded already"):
        score(loaded(flagged), MIDNIGHT - A_DAY)


@pytest.mark.slow
def test_what_is_held_back_is_listed_by_risk_alone(stocked: Path) -> None:
    """Neither among flags, nor in a digest, nor open to a word about it; there is nothing to learn yet."""
    with loaded(stocked).at(MIDNIGHT) as snapshot:
        rows = snapshot.risk
    high = set(rows.filter(level="high")["account_id"])
    workspace = loaded(stocked, "[model]\nhold_back = 0.5")
    score(workspace, MIDNIGHT)
    with workspace.at(MIDNIGHT) as snapshot:
        kept, found = snapshot.store.scores.of_flagged(), snapshot.recorded_flags
        cards = {card.account_id for page in chosen_pages(snapshot, csm=None) for card in page.digest.cards}
        assert set(snapshot.risk["account_id"]) == set(rows["account_id"])
    drawn = set(kept.filter("held_back")["account_id"])
    assert set(kept.filter(pl.col("held_back").is_not_null())["account_id"]) == high
    assert set(visible_flags(found)["account_id"]) == high - drawn
    assert not cards & drawn
    book = workspace.book.accounts
    for account in drawn:
        row = book.row(by_predicate=pl.col("account_id") == account, named=True)
        rules = feedback_rules(workspace.settings, row, by="ana", at=MIDNIGHT + A_DAY)
        with pytest.raises(UserError, match="no open flag"):
            rules.snoozed(dt.date(2026, 3, 9), None)
    learnt = holdout_effect(found, as_of=MIDNIGHT, timezone=workspace.timezone)
    assert learnt.shown_left == 0
    assert "No holdout comparison yet." in learnt.text
