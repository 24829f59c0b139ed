"""A snapshot of the past is what the daily run would have said then."""

import datetime as dt
from collections.abc import Sequence

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mailsignals.config import Settings
from mailsignals.risk.outlook import outlook
from mailsignals.risk.silences import paces_at
from mailsignals.risk.state import state
from mailsignals.schema import BOOK_SCHEMA
from mailsignals.signals.active_days import active_days
from mailsignals.signals.facts import Facts
from mailsignals.training.snapshots import CONTRACT_FIELDS, mondays, snapshots, weeks_to_learn_from
from tests.mailsignals.histories import (
    ACCOUNTS,
    AS_OFS,
    BERLIN,
    DAY,
    HORIZON,
    START,
    facts_of,
    random_touches,
)

SETTINGS = Settings.model_validate({"company": {"name": "Us", "domains": ["us.test"], "timezone": BERLIN}})
BOOK = pl.DataFrame(
    {
        "account_id": [f"A{number}" for number in range(ACCOUNTS)],
        "started_on": [None, dt.date(2024, 5, 1), dt.date(2025, 6, 1), None],
        "churned_on": [dt.date(2026, 1, 10), None, None, None],
        "renewal_on": [dt.date(2026, 1, 10), dt.date(2027, 5, 1), None, None],
    },
    schema_overrides=BOOK_SCHEMA,
).with_columns(
    pl.lit(None, dtype=dtype).alias(name)
    for name, dtype in BOOK_SCHEMA.items()
    if name not in {"account_id", "started_on", "churned_on", "renewal_on"}
)
KEYS = ["account", "as_of"]
PEOPLE = pl.DataFrame({"address": [f"p{n}@x.test" for n in range(40)]})


def taken(*as_ofs: dt.datetime, seed: int = 1, until: dt.datetime | None = None) -> pl.DataFrame:
    """Snapshots of a random past, in which no week without mail differs from a week with none."""
    touches = random_touches(seed=seed)
    kept = facts_of(touches if until is None else touches.filter(pl.col("sent_at") <= until))
    return snapshots(kept, BOOK, SETTINGS, list(as_ofs), heard=heard(kept, *as_ofs)).with_columns(
        pl.selectors.contains("_week_").fill_null(0)
    )


def heard(facts: Facts, *as_ofs: dt.datetime) -> pl.DataFrame:
    """The accounts that had written by some instants."""
    days = active_days(facts, timezone=BERLIN)
    return pl.concat(paces_at(days, at, BERLIN) for at in as_ofs)


@pytest.mark.slow
def test_snapshots_taken_together_are_each_one_alone() -> None:
    """A snapshot does not depend on the others that are asked for."""
    alone = pl.concat(taken(at) for at in AS_OFS)
    assert_frame_equal(taken(*AS_OFS).sort(KEYS), alone.sort(KEYS), check_dtypes=False)


@pytest.mark.slow
@pytest.mark.parametrize("at", AS_OFS)
def test_a_snapshot_is_what_the_daily_run_sees(at: dt.datetime) -> None:
    """Every figure, and the state, are those of the outlook at that instant."""
    found = facts_of(random_touches(seed=1))
    first = heard(found, at).select("account", "first_inbound_at")
    today = outlook(found, BOOK, PEOPLE, as_of=at, reply_horizon=HORIZON, timezone=BERLIN)
    today = today.join(first, on="account", how="left", maintain_order="left").with_columns(
        usual_quiet=pl.lit(None, dtype=pl.Float64)
    )
    today = today.with_columns(state=state(at, timezone=BERLIN, max_visibility_gap=0.5))
    snapshot = taken(*AS_OFS).filter(pl.col("as_of") == at).sort("account")
    shared = [name for name in snapshot.columns if name in today.columns and name != "inbound_trend_90"]
    assert {"state", "visibility_gap_90", "touches_180", "inbound_past", "last_inbound_at"} <= set(shared)
    weeks = pl.selectors.contains("_week_").fill_null(0)
    assert_frame_equal(
        snapshot.select(shared), today.select(shared).with_columns(weeks), check_dtypes=False, rel_tol=1e-9
    )


def test_what_comes_later_is_not_in_a_snapshot() -> None:
    """With all later mail taken away a snapshot is the same."""
    at = AS_OFS[3]
    assert_frame_equal(taken(at), taken(at, until=at))


def test_a_renewal_is_taken_to_come_every_year() -> None:
    """The book knows one renewal date; before it, the same day of the year counts, for who left as for who stays."""
    rows = taken(dt.datetime(2025, 4, 11, tzinfo=dt.UTC)).sort("account")
    assert rows["renewal_days"][0] == pytest.approx(274, abs=1)
    assert rows["renewal_days"][1] == pytest.approx(20, abs=1.5)
    assert rows["renewal_days"][2] is None
    assert rows["tenure_days"].to_list() == [None, 345, 0, None]


def test_mondays_are_the_same_for_everybody() -> None:
    """Snapshots lie on Mondays, midnight UTC, whatever the instants between which they are asked for."""
    found = mondays(START, START + 30 * DAY)
    assert [monday.weekday() for monday in found] == [0] * 4
    assert found == mondays(START - DAY, START + 31 * DAY)
    assert mondays(found[0], found[0]) == [found[0]]


def test_weeks_to_learn_from_begin_when_there_is_a_past() -> None:
    """An account that wrote from the start has four weeks of past then; without any mail there is nothing."""
    found = facts_of(random_touches(seed=2))
    first = found.touches.select(pl.col("sent_at").min()).collect().item()
    weeks = weeks_to_learn_from(found, AS_OFS[-1])
    assert dt.timedelta(days=119) <= weeks[0] - first < dt.timedelta(days=126)
    assert weeks[-1] <= AS_OFS[-1] < weeks[-1] + 7 * DAY
    assert weeks_to_learn_from(found, START - DAY) == []


def test_the_contract_is_what_was_known_then() -> None:
    """Nothing is known before it was learnt, whatever the list says today; the state goes by today's list."""
    first, second = AS_OFS[2], AS_OFS[3]

    def known(ats: Sequence[dt.datetime]) -> pl.DataFrame:
        return pl.DataFrame(
            [
                {**dict.fromkeys(CONTRACT_FIELDS), "account": 1, "as_of": at, "tier": "gold", "arr": 5.0}
                | ({"started_on": dt.date(2024, 5, 1)} if at == second else {})
                for at in ats
            ],
            schema={
                "account": pl.UInt32(),
                "as_of": pl.Datetime("us", "UTC"),
                **{name: BOOK_SCHEMA[name] for name in CONTRACT_FIELDS},
            },
        ).with_columns(pl.col(name).is_not_null().alias(f"known_{name}") for name in CONTRACT_FIELDS)

    found = facts_of(random_touches(seed=1))
    wrote = heard(found, first, second)
    plain = snapshots(found, BOOK, SETTINGS, [first, second], heard=wrote).sort(KEYS)
    rows = snapshots(found, BOOK, SETTINGS, [first, second], heard=wrote, known=known).sort(KEYS)
    flags = [f"known_{name}" for name in CONTRACT_FIELDS]
    changed = ["tier", "arr", "renewal_on", "tenure_from", "tenure_days", "renewal_days"]
    assert_frame_equal(rows.drop(changed, flags), plain.drop(changed, flags))
    own = rows.filter(pl.col("account") == 1)
    assert own["arr"].to_list() == [5.0, 5.0]
    assert own["tenure_days"].is_null().to_list() == [True, False]
    others = rows.filter(pl.col("account") != 1)
    assert others.select(pl.col(changed).count().sum()).row(0) == (0,) * len(changed)
    assert not others.select(pl.any_horizontal(pl.col(flags).any())).item()
