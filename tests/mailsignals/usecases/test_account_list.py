"""What the account list said when: noted at each reading, and joined with its history file."""

import datetime as dt
import functools
import threading
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mailsignals.errors import UserError
from mailsignals.jobs.job import Context
from mailsignals.store import Store
from mailsignals.usecases.account_list import account_history, note_accounts
from mailsignals.usecases.job_list import job_list
from mailsignals.workspace import Workspace
from tests.mailsignals import small_company
from tests.mailsignals.usecases.offices import MIDNIGHT

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
TIERS = '\n[[tiers]]\nname = "silver"\nfirst_response_hours = 8\n'


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """The folder of a small company with a second tier, and a store without mail."""
    small_company.write(tmp_path)
    with (tmp_path / "config.toml").open("a", encoding="utf-8") as config:
        config.write(TIERS)
    with Store.open(tmp_path / "store", mode="write"):
        return tmp_path


def workspace(folder: Path, at: dt.datetime) -> Workspace:
    """The company, with its account list as it is read at an instant."""
    return Workspace.load(folder / "config.toml", now=at)


def with_tier(folder: Path, tier: str, *, account: str = "A01") -> None:
    """Write another tier of an account into the list."""
    rows = pl.read_csv(folder / "accounts.csv", infer_schema=False)
    own = pl.when(pl.col("account_id") == account).then(pl.lit(tier)).otherwise("tier").alias("tier")
    rows.with_columns(own).write_csv(folder / "accounts.csv")


def with_history(folder: Path, *lines: str) -> None:
    """Write a history file, and name it in the configuration."""
    text = "\n".join(["account_id,field,value,valid_from,seen_at", *lines])
    (folder / "history.csv").write_text(f"{text}\n", encoding="utf-8")
    config = (folder / "config.toml").read_text(encoding="utf-8")
    (folder / "config.toml").write_text(
        f'{config}\n[accounts]\nhistory_file = "history.csv"\n', encoding="utf-8"
    )


def tiers(folder: Path, read_at: dt.datetime, *as_ofs: dt.datetime) -> list[str]:
    """The tier of the first account at instants, by the list as it is read at an instant."""
    found = []
    for as_of in as_ofs:
        with workspace(folder, read_at).at(as_of) as snapshot:
            found.append(snapshot.accounts["tier"][0])
    return found


def test_each_reading_notes_what_changed(office: Path) -> None:
    """The first one everything, the second one nothing; a change holds from its reading on."""
    at = MIDNIGHT
    assert note_accounts(workspace(office, at), at) == 12 * 7
    assert note_accounts(workspace(office, at + DAY), at + DAY) == 0
    with_tier(office, "silver")
    assert note_accounts(workspace(office, at + 2 * DAY), at + 2 * DAY) == 1
    with_tier(office, "gold")
    assert note_accounts(workspace(office, at + 3 * DAY), at + 3 * DAY) == 1
    instants = (at - 90 * DAY, at + 2 * DAY - HOUR, at + 2 * DAY, at + 4 * DAY)
    assert tiers(office, at + 4 * DAY, *instants) == ["gold", "gold", "silver", "gold"]


def test_a_change_that_nobody_noted_counts_as_seen_when_the_list_was_read(office: Path) -> None:
    """For reading commands too, which write nothing; the past stays what it was."""
    at = MIDNIGHT
    note_accounts(workspace(office, at), at)
    with_tier(office, "silver")
    assert tiers(office, at + 9 * DAY, at + 8 * DAY, at + 9 * DAY) == ["gold", "silver"]
    with Store.open(office / "store", mode="read") as store:
        assert store.account_facts.newest() == at


def test_a_clock_that_goes_back_loses_nothing(office: Path) -> None:
    """A reading counts as later than the one before."""
    at = MIDNIGHT
    note_accounts(workspace(office, at), at)
    with_tier(office, "silver")
    assert note_accounts(workspace(office, at - DAY), at - DAY) == 1
    assert note_accounts(workspace(office, at - DAY), at - DAY) == 0
    assert tiers(office, at + DAY, at, at + DAY) == ["gold", "silver"]


def test_without_a_store_nothing_is_noted(office: Path) -> None:
    """The first import makes one."""
    (office / "store").rename(office / "elsewhere")
    assert note_accounts(workspace(office, MIDNIGHT), MIDNIGHT) == 0


def test_the_history_file_brings_the_past(office: Path) -> None:
    """It counts for figures, and was known from its days on; what the list says today is no change if it agrees."""
    with_history(office, "A01,tier,silver,2025-01-01,", "A01,tier,gold,2025-06-01,")
    late = MIDNIGHT
    spring, summer = (dt.datetime(2025, month, 15, tzinfo=dt.UTC) for month in (3, 7))
    assert tiers(office, late, spring, summer, late) == ["silver", "gold", "gold"]
    with workspace(office, late).at(late) as snapshot:
        known = snapshot.known_accounts([spring, summer, late]).filter(pl.col("account") == 0)
        assert known["tier"].to_list() == ["silver", "gold", "gold"]
        assert known["known_arr"].to_list() == [False, False, True]
        assert known["arr"].to_list() == [None, None, 1000.0]
    # The store keeps the list as well, so that it goes on where the file ends.
    assert note_accounts(workspace(office, late), late) == 12 * 7
    with_tier(office, "silver")
    assert tiers(office, late + DAY, late, late + DAY) == ["gold", "silver"]


def test_a_list_without_a_past_is_no_input_before_it_was_read(office: Path) -> None:
    """For figures the earliest known values hold backwards all the same."""
    before = MIDNIGHT - 30 * DAY
    with workspace(office, MIDNIGHT).at(MIDNIGHT) as snapshot:
        known = snapshot.known_accounts([before, MIDNIGHT])
    assert known.filter(pl.col("as_of") == before)["known_tier"].any() is False
    assert known.filter(pl.col("as_of") == before)["tier"].null_count() == 12
    assert known.filter(pl.col("as_of") == MIDNIGHT)["known_churned_on"].all()
    assert tiers(office, MIDNIGHT, before) == ["gold"]


def test_a_broken_history_file_stops_nothing(office: Path) -> None:
    """What it says wrongly is left out, by name; the list's values stand in its place."""
    with_history(
        office, "A01,tier,silver,2025-01-01,", "A01,tier,gold,2025-01-01,", "A02,tier,silver,2025-01-01,"
    )
    company = workspace(office, MIDNIGHT)
    (problem,) = company.history.problems
    assert "line 3: account A01: tier is 'gold' from 2025-01-01 on, but 'silver' on line 2" in problem
    with company.at(dt.datetime(2025, 3, 1, tzinfo=dt.UTC)) as snapshot:
        assert snapshot.accounts["tier"][:2].to_list() == ["gold", "silver"]


def test_the_history_of_an_account_has_each_value_once(office: Path) -> None:
    """In the order of the list's columns and of time; a value that was read again is no row of its own."""
    with_history(office, "A01,tier,silver,2025-01-01,", "A01,tier,gold,2025-06-01,2025-06-20")
    note_accounts(workspace(office, MIDNIGHT), MIDNIGHT)
    with_tier(office, "silver")
    with workspace(office, MIDNIGHT + DAY).at(MIDNIGHT + DAY) as snapshot:
        found = account_history(snapshot, "A01")
        assert account_history(snapshot).filter(pl.col("account_id") == "A01").equals(found)
        with pytest.raises(UserError, match=r"A13: no such account in .*accounts.csv \(did you mean A1"):
            account_history(snapshot, "A13")
    assert found["field"].to_list() == [
        *("name", "tier", "tier", "tier", "csm", "started_on", "churned_on", "renewal_on", "arr")
    ]
    of_tier = found.filter(pl.col("field") == "tier")
    assert of_tier["value"].to_list() == ["silver", "gold", "silver"]
    assert of_tier["valid_from"].to_list() == [dt.date(2025, 1, 1), dt.date(2025, 6, 1), dt.date(2026, 3, 3)]
    assert [f"{at:%Y-%m-%d %H}" for at in of_tier["seen_at"]] == [
        "2024-12-31 23",
        "2025-06-19 22",
        "2026-03-02 23",
    ]


def test_a_list_that_changes_later_changes_nothing_before(stocked: Path) -> None:
    """Risk, tickets, signals and what models see as of a time are the same after every field has changed."""
    with (stocked / "config.toml").open("a", encoding="utf-8") as config:
        config.write(TIERS)

    def figures(read_at: dt.datetime) -> list[pl.DataFrame]:
        with workspace(stocked, read_at).at(MIDNIGHT) as snapshot:
            return [
                snapshot.risk,
                snapshot.signals,
                snapshot.ticket_rows,
                snapshot.known_accounts([MIDNIGHT - DAY, MIDNIGHT]),
                snapshot.departures,
            ]

    later = dt.datetime(2031, 1, 1, tzinfo=dt.UTC)
    before = figures(later)
    rows = pl.read_csv(stocked / "accounts.csv", infer_schema=False)
    rows.with_columns(
        tier=pl.lit("silver"),
        csm=pl.lit("cy@us.test"),
        name=pl.lit("Other ") + "account_id",
        churned_on=pl.lit("2026-02-01"),
        started_on=pl.lit("2025-12-01"),
        renewal_on=pl.lit("2027-12-01"),
        arr=pl.lit("0"),
    ).write_csv(stocked / "accounts.csv")
    for new, old in zip(figures(later), before, strict=True):
        assert_frame_equal(new, old)
    assert note_accounts(workspace(stocked, later), later) == 12 * 7
    for new, old in zip(figures(later), before, strict=True):
        assert_frame_equal(new, old)
    with workspace(stocked, later).at(later) as snapshot:
        assert snapshot.accounts["tier"].unique().to_list() == ["silver"]
        assert snapshot.departures["seen_at"].unique().to_list() == [later]


def noted(folder: Path) -> int:
    """How many values the store has of the account list."""
    with Store.open(folder / "store", mode="read") as store:
        return store.account_facts.frame().height


def test_imports_recorded_days_and_jobs_note_the_list(stocked: Path) -> None:
    """Each time the list says something new; what only reads notes nothing."""
    assert noted(stocked) == 12 * 7
    settings, at = workspace(stocked, MIDNIGHT).settings, dt.datetime(2031, 1, 1, tzinfo=dt.UTC)
    jobs = {job.name: job.work for job in job_list(settings)}
    for count, job in enumerate(("score", "digests", "prepare"), start=1):
        with_tier(stocked, "", account=f"A{count:02}")
        now = at + count * DAY
        with workspace(stocked, now).at(now) as snapshot:
            assert snapshot.accounts["tier"].null_count() == count
        assert noted(stocked) == 12 * 7 + count - 1
        given = Context(due_at=now, now=functools.partial(now.astimezone, dt.UTC), stop=threading.Event())
        jobs[job](workspace(stocked, now), given)
        assert noted(stocked) == 12 * 7 + count
