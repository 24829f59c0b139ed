"""The prepared company: what the demo's own code makes, at any date."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mailsignals.clock import local_date
from mailsignals.demo.places import HOME
from mailsignals.demo.preparation import FOLDER, imported, prepared_simulation, record_dates, recorded_dates
from mailsignals.demo.prepared_company import (
    DAYS_FILE,
    DAYS_RECORDED,
    UNSEEN,
    UNTIL,
    PreparedCompany,
    prepared_company,
    shifted,
)
from mailsignals.demo.simulation import MESSAGES_FILE, Simulation, write_company
from mailsignals.flags.news import ENTERED
from mailsignals.usecases.import_files import import_files
from mailsignals.usecases.recorded_words import keep_recorded_words
from mailsignals.workspace import Workspace

WEEK: Sequence[dt.datetime] = [UNTIL + dt.timedelta(weeks=21, days=-ago, hours=-3) for ago in range(7)]
"""A time on each weekday, on the other side of a change of the clocks."""


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    """The company as the demo's own code makes it today."""
    return prepared_simulation()


def test_the_package_stays_small() -> None:
    """The files are in every wheel."""
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 1_500_000


@pytest.mark.slow
def test_the_files_are_what_the_code_makes(simulation: Simulation, tmp_path: Path) -> None:
    """A change of the demo's code is followed by ``python -m mailsignals.demo.preparation``."""
    write_company(simulation, tmp_path)
    assert_frame_equal(pl.read_parquet(FOLDER / MESSAGES_FILE), simulation.messages)
    for made in tmp_path.iterdir():
        if made.name != MESSAGES_FILE:
            assert (FOLDER / made.name).read_text("utf-8") == made.read_text("utf-8"), made.name


@pytest.mark.slow
def test_recorded_days_are_what_the_program_records(simulation: Simulation, tmp_path: Path) -> None:
    """The risk of the last recorded day is computed again; a difference calls for making the files anew."""
    workspace, last = imported(simulation, tmp_path), list(recorded_dates())[-1]
    (rows,) = record_dates(workspace, [last])
    stored = pl.read_csv(FOLDER / DAYS_FILE, schema=rows.schema).filter(pl.col("scored_on") == last)
    assert_frame_equal(stored, rows)


@pytest.mark.parametrize("now", WEEK)
def test_the_company_ends_now(now: dt.datetime) -> None:
    """On every weekday: no email, change or feedback is later, and the mail of the last days is there."""
    company = prepared_company(now)
    made, today = company.simulation, local_date(now, HOME.zone)
    assert now - dt.timedelta(days=4) < made.messages["sent_at"].max() < now  # type: ignore[operator]
    assert made.account_history.select(pl.coalesce("seen_at", "valid_from").max()).item() <= today
    assert company.feedback["given_at"].max() < now  # type: ignore[operator]
    assert made.accounts["account_id"].n_unique() == made.accounts.height == 40


@pytest.mark.parametrize("now", WEEK)
def test_the_record_ends_a_week_ago(now: dt.datetime) -> None:
    """On every weekday thirty days are recorded, each at its midnight, and digests have a week of news."""
    days = prepared_company(now).days
    last = local_date(now - UNSEEN, HOME.zone)
    dates = [last - dt.timedelta(days=ago) for ago in reversed(range(DAYS_RECORDED))]
    assert days["scored_on"].unique().sort().to_list() == dates
    local = days["scored_at"].dt.convert_time_zone(HOME.zone)
    assert local.dt.time().unique().to_list() == [dt.time()]
    assert (local.dt.date() == days["scored_on"]).all()


def test_a_shift_keeps_weekdays_and_times_of_day() -> None:
    """Office hours stay office hours when the clocks have changed in between."""
    monday = dt.datetime(2026, 11, 30, 9, 0, tzinfo=ZoneInfo(HOME.zone))
    frame = pl.DataFrame(
        {"at": [monday], "on": [monday.date()]}, schema_overrides={"at": pl.Datetime("us", "UTC")}
    )
    moved = shifted(frame, 26).row(0, named=True)
    local = moved["at"].astimezone(ZoneInfo(HOME.zone))
    assert (local.weekday(), local.hour) == (0, 9)
    assert moved["on"] == local.date() == monday.date() + dt.timedelta(weeks=26)
    assert_frame_equal(shifted(shifted(frame, 26), -26), frame)


def test_an_hour_that_the_clocks_leave_out_is_kept() -> None:
    """An email of that hour is shifted by its length instead of being lost."""
    night = dt.datetime(2027, 3, 21, 2, 30, tzinfo=ZoneInfo(HOME.zone)).astimezone(dt.UTC)
    frame = pl.DataFrame({"at": [night]}, schema={"at": pl.Datetime("us", "UTC")})
    assert shifted(frame, 1)["at"].to_list() == [night + dt.timedelta(weeks=1)]


@pytest.mark.slow
@pytest.mark.parametrize("now", WEEK[::3])
def test_digests_have_news(now: dt.datetime, tmp_path: Path) -> None:
    """An account is new at high risk since the last recorded day, and feedback that was given counts."""
    workspace = opened(prepared_company(now), tmp_path, now)
    with workspace.at(now) as snapshot:
        assert ENTERED in snapshot.news["news"].to_list()
        assert {"dismissed", "snoozed"} <= set(snapshot.feedback["kind"])


def opened(company: PreparedCompany, folder: Path, now: dt.datetime) -> Workspace:
    """The company in a store, with its record."""
    write_company(company.simulation, folder)
    workspace = Workspace.load(folder / "config.toml")
    import_files(workspace, [folder / MESSAGES_FILE], "support@larkspur.example", now=lambda: now)
    keep_recorded_words(workspace.settings, company.days, company.feedback)
    return workspace
