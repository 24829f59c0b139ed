"""The list of accounts at risk of a simulated company."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mailsignals.accounts import match, read_book
from mailsignals.config import load_settings
from mailsignals.demo import simulate, write_company
from mailsignals.risk.assess import RISK_SCHEMA, assess
from mailsignals.signals.facts import facts
from mailsignals.touches.build import TouchRules, build
from mailsignals.turns import ConversationRules
from models.risk import UNTRAINED
from tests.mailsignals.risk.office import quiet_at
from tests.mailsignals.risk.test_reasons import TEXTS

DEMO_AT = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The risk of the customers of a small simulated company."""
    folder: Path = tmp_path_factory.mktemp("demo")
    write_company(simulate(accounts=40, seed=3, until=DEMO_AT), folder)
    told = load_settings(folder / "config.toml", environ={})
    book = read_book(told.accounts.file, tiers=told.tier_names)
    touches = build(
        pl.scan_parquet(folder / "messages.parquet"),
        lambda them: match(them, company=told.our_company, book=book, free_mail=told.free_mail),
        TouchRules(urgency_words=told.signals.urgency_words),
    )
    mail = facts(
        touches.frame.lazy(),
        touches.links.lazy(),
        touches.programs.lazy(),
        accounts=pl.Series(range(book.accounts.height), dtype=pl.UInt32),
        rules=ConversationRules(),
        promises=told.promises(book.accounts["tier"]),
    )
    quiet = quiet_at(mail, book.accounts, settings=told, at=DEMO_AT)
    return assess(mail, book.accounts, touches.people, told, as_of=DEMO_AT, quiet=quiet)


def _told(rows: pl.DataFrame, column: str) -> Sequence[Mapping[str, Any]]:
    return rows.explode(column).drop_nulls(column).unnest(column).to_dicts()


def test_the_columns_are_those_that_are_written(demo: pl.DataFrame) -> None:
    """Every column of the output is there, in its type."""
    assert demo.select(RISK_SCHEMA.names()).schema == RISK_SCHEMA
    assert demo["source"].unique().to_list() == [UNTRAINED]


def test_every_reason_has_its_number_and_reads_well(demo: pl.DataFrame) -> None:
    """No reason lacks its number, and no sentence holds a gap or a wrong plural."""
    for column in ("reasons", "also"):
        told = _told(demo.select(column), column)
        assert len(told) > 15
        assert [one for one in told if one["value"] is None] == []
        assert [one["text"] for one in told if TEXTS.search(one["text"])] == []


def test_each_csm_gets_a_list_that_can_be_worked_off(demo: pl.DataFrame) -> None:
    """No CSM has more than five accounts at high risk, nor over a tenth of theirs but one, each of 20% or more."""
    active = demo.filter(pl.col("state") == "active")
    for (_,), mine in active.group_by("csm"):
        high = mine.filter(pl.col("level") == "high")
        assert high.height <= min(5, max(1, mine.height // 10))
        assert (high["risk"] >= 0.2).all()
