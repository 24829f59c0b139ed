"""One account: who may see it, and its rows."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from mailsignals.flags.flags import FLAG_SCHEMA
from mailsignals.readmodel.queries.account import (
    contact_counts,
    find_account,
    first_contacts,
    further_columns,
    prepared_flags,
    recorded_days,
    response_months,
    signal_windows,
)
from mailsignals.readmodel.roles import Role
from mailsignals.store.tables.feedback import FEEDBACK_SCHEMA
from tests.mailsignals.flags import records
from tests.mailsignals.readmodel.queries.frames import accounts_of, scope_of

ACCOUNTS = accounts_of({"account_id": "A1"}, {"account_id": "B1", "csm": "bo@us.test"}).with_columns(
    account=pl.Series([1, 0], dtype=pl.UInt32), churned_on=pl.lit(None, dtype=pl.Date)
)
CONTACTS = pl.DataFrame(
    {"account": [0, 1, 1], "person": [0, 1, 2], "successor": [None, 2, None]},
    schema={"account": pl.UInt32, "person": pl.UInt32, "successor": pl.UInt32},
)
PEOPLE = pl.DataFrame({"address": ["lee@b.test", "kim@a.test", "flo@a.test"]})


@pytest.mark.parametrize(
    ("role", "address", "seen"),
    [
        (Role.HEAD, "head@us.test", {"A1", "B1"}),
        (Role.CSM, "ANA@us.test", {"A1"}),
        (Role.CSM, None, set()),
    ],
)
def test_another_s_account_is_as_absent_as_none(
    tmp_path: Path, role: Role, address: str | None, seen: set[str]
) -> None:
    """A head finds all, a CSM their own, whoever has not signed in nothing."""
    scope = scope_of(tmp_path, {"accounts": ACCOUNTS}, role, address=address)
    found = {name for name in ("A1", "B1", "nobody") if find_account(scope, name) is not None}
    assert found == seen


def test_rows_of_an_account_are_its_own_with_addresses(tmp_path: Path) -> None:
    """Of a table that is sorted by account, read whole or not; people have addresses, and nobody none."""
    scope = scope_of(
        tmp_path, {"accounts": ACCOUNTS, "account_contacts": CONTACTS, "people": PEOPLE}, Role.HEAD
    )
    own = find_account(scope, "A1")
    assert own is not None
    assert own.table("account_contacts").equals(own.scan("account_contacts").collect())
    assert first_contacts(own, 9).rows() == [
        (1, "kim@a.test", "flo@a.test"),
        (1, "flo@a.test", None),
    ]
    assert first_contacts(own, 1).height == 1


def test_what_programs_get_of_an_account(tmp_path: Path) -> None:
    """Recorded days, windows and flags of it alone, the newest flag first, and how many people write."""
    days = [dt.date(2026, 2, 1), dt.date(2026, 3, 1)]
    windows = [(name, days_of, days_of // 30) for name in ("A1", "B1") for days_of in (30, 60, 90)]
    tables = {
        "accounts": ACCOUNTS,
        "flags": pl.DataFrame({"account_id": ["A1", "B1", "A1"], "opened_on": [days[0], days[0], days[1]]}),
        "history": pl.DataFrame({"account_id": ["B1", "A1"], "scored_on": days}),
        "signals": pl.DataFrame(
            windows, schema=["account_id", "window_days", "active_contacts"], orient="row"
        ),
        "correspondents": pl.DataFrame({"account_id": ["A1"], "contacts": [7], "colleagues": [2]}),
        "account_further": pl.DataFrame(
            {"account": [0, 1], "further": [{"plan": "x", "region": "y"}, {"plan": "pro", "region": None}]},
            schema_overrides={"account": pl.UInt32},
        ),
    }
    scope = scope_of(tmp_path, tables, Role.HEAD)
    own, other = find_account(scope, "A1"), find_account(scope, "B1")
    assert own is not None
    assert other is not None
    assert prepared_flags(own)["opened_on"].to_list() == [days[1], days[0]]
    assert recorded_days(own)["scored_on"].to_list() == [days[1]]
    active = {"active_30": 1, "active_60": 2, "active_90": 3}
    assert contact_counts(own, signal_windows(own)) == {"contacts": 7, "colleagues": 2, **active}
    assert contact_counts(other, signal_windows(other)) == {"contacts": 0, "colleagues": 0, **active}
    assert further_columns(own) == {"plan": "pro"}


def test_flags_that_are_held_back_are_not_among_an_account_s(tmp_path: Path) -> None:
    """A flag is what was recorded and said up to this moment; one that is held back is shown to nobody."""
    scope = scope_of(tmp_path, {"accounts": ACCOUNTS}, Role.HEAD, timezone="Europe/Berlin", now=records.at(9))
    own = find_account(scope, "A1")
    assert own is not None
    nothing = pl.DataFrame(schema=FEEDBACK_SCHEMA)
    found = {
        hidden: own.flags(records.recorded("lhh", "A1", held_back=hidden), nothing)
        for hidden in (False, True)
    }
    assert found[False]["opened_on"].to_list() == [records.on(1)]
    assert found[True].is_empty()
    assert own.flags(records.recorded("lml", "A1"), nothing).schema == FLAG_SCHEMA


def test_response_months_are_medians_and_unanswered_shares_of_both_sides() -> None:
    """By local month of the turn, for 12 months; a young turn without a reply is neither replied nor unanswered."""
    as_of = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    turns = [
        (dt.datetime(2025, 3, 31, 21, tzinfo=dt.UTC), 9.0, False),  # a month too early
        (dt.datetime(2025, 3, 31, 22, tzinfo=dt.UTC), 1.0, False),  # 1 April in Berlin
        (dt.datetime(2026, 2, 3, 9, tzinfo=dt.UTC), 2.0, False),
        (dt.datetime(2026, 2, 4, 9, tzinfo=dt.UTC), 6.0, False),
        (dt.datetime(2026, 2, 5, 9, tzinfo=dt.UTC), None, False),
        (dt.datetime(2026, 2, 6, 9, tzinfo=dt.UTC), None, True),
        (dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC), None, True),  # may still be answered
    ]
    answers = pl.LazyFrame(
        {
            "started_at": [at for at, _, _ in turns],
            "answered_at": [hours and at + dt.timedelta(hours=hours) for at, hours, _ in turns],
            "hours": [hours for _, hours, _ in turns],
            "outbound": [outbound for _, _, outbound in turns],
        }
    )
    found = response_months(
        answers, as_of=as_of, timezone="Europe/Berlin", reply_horizon=dt.timedelta(days=7)
    ).collect()
    assert found["month_on"].to_list() == [dt.date(2025, 4, 1), dt.date(2026, 2, 1), dt.date(2026, 3, 1)]
    ours = ("our_replies", "our_hours", "our_unanswered", "our_unanswered_share")
    assert found.select(ours).rows() == [(1, 1.0, 0, 0.0), (2, 4.0, 1, 1 / 3), (0, None, 0, None)]
    theirs = ("their_replies", "their_hours", "their_unanswered", "their_unanswered_share")
    assert found.select(theirs).rows() == [(0, None, 0, None), (0, None, 1, 1.0), (0, None, 0, None)]
