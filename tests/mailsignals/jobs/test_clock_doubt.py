"""The clock against its witnesses: providers' dates, and mail that is later than now."""

import datetime as dt

import pytest

from mailsignals.jobs.clock_doubt import believed_time, clock_doubt, deletion_doubt
from mailsignals.jobs.clock_evidence import ClockEvidence
from mailsignals.store.tables.clock_tables import ProviderDate
from tests.mailsignals.jobs.simple import HOUR, NOON

A_DAY, DAYS = dt.timedelta(days=1), dt.timedelta(days=200)

pytestmark = pytest.mark.scenario("clock-jumps")


def dated(date_at: dt.datetime, noted_at: dt.datetime) -> ClockEvidence:
    """A date that Gmail reported, and the clock at that moment."""
    return ClockEvidence(dates=[ProviderDate(provider="gmail", date_at=date_at, noted_at=noted_at)])


def test_old_mail_proves_nothing() -> None:
    """An archive, a quiet company and a weekend look alike; without witnesses the clock is believed."""
    assert clock_doubt(ClockEvidence(), now=NOON) is None
    assert deletion_doubt(ClockEvidence(), now=NOON) is None


@pytest.mark.parametrize("apart", [A_DAY, DAYS])
def test_a_provider_shows_that_the_clock_is_behind(apart: dt.timedelta) -> None:
    """Its date stays a proof for as long as the clock is before it."""
    text = clock_doubt(dated(NOON + apart, NOON - HOUR), now=NOON)
    assert text is not None
    assert " behind: Gmail reported " in text
    assert clock_doubt(dated(NOON + apart, NOON + apart), now=NOON) == text
    assert clock_doubt(dated(NOON + A_DAY - HOUR, NOON), now=NOON) is None


@pytest.mark.parametrize("apart", [A_DAY, DAYS])
def test_a_provider_shows_that_the_clock_is_ahead_until_it_is_set_right(apart: dt.timedelta) -> None:
    """The date counts while the clock runs on, and no longer once it was set back."""
    ahead = NOON + apart
    text = clock_doubt(dated(NOON, ahead), now=ahead + HOUR)
    assert text is not None
    assert " ahead: Gmail reported 2026-03-04 12:00 UTC. Correct the time of this machine." in text
    assert clock_doubt(dated(NOON, ahead), now=NOON + HOUR) is None
    assert clock_doubt(dated(NOON, ahead - 2 * HOUR), now=ahead) is None or apart > A_DAY


def test_mail_later_than_the_clock_shows_that_it_is_behind() -> None:
    """One or two emails may have a wrong time; a provider that confirms the clock counts for more."""
    later = [NOON + DAYS, NOON + DAYS, NOON + 300 * A_DAY]
    text = clock_doubt(ClockEvidence(later_mail=later), now=NOON)
    assert text is not None
    assert text.startswith(
        "The system's clock is at least 200 days behind: the store has emails of 2026-09-20"
    )
    assert clock_doubt(ClockEvidence(later_mail=later[:2]), now=NOON) is None
    confirmed = ClockEvidence(dates=dated(NOON, NOON).dates, later_mail=later)
    assert clock_doubt(confirmed, now=NOON + HOUR) is None


def test_deleting_needs_a_clock_that_was_confirmed_lately() -> None:
    """A clock that jumped ahead deletes nothing before a provider was asked."""
    confirmed = dated(NOON, NOON)
    assert deletion_doubt(confirmed, now=NOON + A_DAY) is None
    assert "last confirmed by a provider 200 days ago" in str(deletion_doubt(confirmed, now=NOON + DAYS))
    assert clock_doubt(confirmed, now=NOON + DAYS) is None
    imported = ClockEvidence(run_before_at=NOON)
    assert deletion_doubt(imported, now=NOON + 2 * A_DAY) is None
    assert "The last job before today ended 200 days ago" in str(deletion_doubt(imported, now=NOON + DAYS))


def test_limits_of_age_follow_from_dates_that_are_certain() -> None:
    """Neither does a clock that is ahead drop mail, nor does one that is behind read everything again."""
    confirmed = dated(NOON, NOON)
    assert believed_time(confirmed, now=NOON + HOUR) == NOON + HOUR
    assert believed_time(confirmed, now=NOON + DAYS) == NOON + 7 * A_DAY
    assert believed_time(confirmed, now=NOON - DAYS) == NOON
    assert believed_time(ClockEvidence(), now=NOON) == NOON
    assert believed_time(ClockEvidence(later_mail=[NOON + DAYS] * 3), now=NOON) == NOON + DAYS
