"""The date of a server's answers, beside the clock at that moment."""

import datetime as dt

import pytest

from connectors.transport.http import Client
from connectors.transport.server_dates import ServerDate, ServerDates
from tests.support.loopback import Answer, Loopback, Request

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
REPORTED = "Mon, 02 Mar 2026 08:59:30 GMT"

pytestmark = pytest.mark.scenario("clock-jumps")


class Anything(Loopback):
    """Answers everything."""

    def route(self, request: Request) -> Answer:
        """Return an empty document."""
        del request
        return Answer.of({})


def test_the_newest_date_is_kept_with_the_time_of_its_arrival() -> None:
    """Both are in UTC, also where the header has another zone, or none."""
    dates = ServerDates(lambda: NOW)
    dates.note(REPORTED)
    assert dates.last == ServerDate(NOW - dt.timedelta(seconds=30), NOW)
    dates.note("Mon, 02 Mar 2026 10:00:00 +0200")
    assert dates.last == ServerDate(NOW - dt.timedelta(hours=1), NOW)
    dates.note("Mon, 02 Mar 2026 08:59:30 -0000")
    assert dates.last == ServerDate(NOW - dt.timedelta(seconds=30), NOW)


@pytest.mark.parametrize("header", [None, "", "soon", "Mon, 99 Mar 2026 08:59:30 GMT"])
def test_an_unreadable_date_is_ignored(header: str | None) -> None:
    """The one before stays."""
    dates = ServerDates(lambda: NOW)
    dates.note(REPORTED)
    dates.note(header)
    assert dates.last == ServerDate(NOW - dt.timedelta(seconds=30), NOW)


def test_before_the_first_answer_there_is_no_date() -> None:
    """Nothing is concluded then."""
    assert ServerDates(lambda: NOW).last is None


def test_a_client_notes_the_date_of_each_answer() -> None:
    """Whatever the answer is."""
    dates = ServerDates(lambda: NOW)
    client = Client(dates=dates)
    with Anything().running() as server:
        client.get(f"{server.root}/x", headers={})
    client.close()
    assert dates.last is not None
    assert dates.last.noted_at == NOW
