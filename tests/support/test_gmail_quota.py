"""Quota and concurrency of the Gmail test server."""

import json
import threading
from collections.abc import Iterator

import pytest
from googleapiclient.errors import HttpError

from tests.support.gmail import CURRENT, LEGACY, MOVING, GmailServer, ManualClock, Quota, errors
from tests.support.gmail.quota import Profile, Window
from tests.support.gmail.vendor import VendorClient, vendor_client

ANA = "ana@us.test"


@pytest.fixture
def clock() -> ManualClock:
    """A clock that only the test moves; it starts with a full minute."""
    return ManualClock()


@pytest.fixture
def server(clock: ManualClock) -> Iterator[GmailServer]:
    """A server that is listening, and must not fail itself."""
    server = GmailServer(now=clock.now)
    server.mailbox(ANA).fill(100)
    with server.running():
        yield server
    assert server.errors == []


@pytest.fixture
def client(server: GmailServer) -> Iterator[VendorClient]:
    """The vendor's client with a token for Ana's mailbox."""
    with vendor_client(server, ANA) as client:
        yield client


def small(units: int, **more: int) -> Profile:
    """A profile with so many units for a user in a minute."""
    return Profile(units=CURRENT.units, per_user=units, **more)


def refused(client: VendorClient) -> str | None:
    """The reason why a profile (1 unit) is refused; None: it is not."""
    try:
        client.profile()
    except HttpError as error:
        return reason_of(error)
    return None


def reason_of(error: HttpError) -> str:
    """``reason`` in ``errors``; the client's ``error_details`` shows ``details`` instead, where there are any."""
    return str(json.loads(error.content)["error"]["errors"][0]["reason"])


@pytest.mark.parametrize(("profile", "get", "minute"), [(CURRENT, 20, 6_000), (LEGACY, 5, 15_000)])
def test_both_of_googles_profiles(profile: Profile, get: int, minute: int) -> None:
    """What a get costs, and the units of a user in a minute, as in Google's tables."""
    assert profile.units["users.messages.get"] == get
    assert profile.units["users.threads.get"] == 2 * get
    assert (profile.per_user, profile.per_project) == (minute, 1_200_000)
    assert MOVING.per_user / MOVING.window_seconds == 250


@pytest.mark.parametrize("window", ["fixed", "sliding"])
def test_units_come_back(
    server: GmailServer, client: VendorClient, clock: ManualClock, window: Window
) -> None:
    """A fixed window begins anew with the minute; in a sliding one units come back after a minute each."""
    server.quota = Quota(small(3), now=clock.now, window=window)
    clock.pause(50)
    assert [refused(client) for _ in range(4)] == [None, None, None, "rateLimitExceeded"]
    clock.pause(11)
    assert refused(client) == (None if window == "fixed" else "rateLimitExceeded")
    clock.pause(50)
    assert refused(client) is None


def test_what_is_refused_costs_nothing(server: GmailServer, client: VendorClient, clock: ManualClock) -> None:
    """A get that does not fit leaves its units to a cheaper request."""
    server.quota = Quota(small(19), now=clock.now)
    with pytest.raises(HttpError, match="Queries per minute per user"):
        client.get(client.ids()[0])
    assert refused(client) is None
    assert server.counts.throttled == {"quota": 1}
    assert server.counts.units == {"users.messages.list": 5, "users.getProfile": 1}
    assert server.counts.requests["users.messages.get"] == 1


def test_parts_of_a_batch_cost_as_much_as_alone(
    server: GmailServer, client: VendorClient, clock: ManualClock
) -> None:
    """Of 10 gets in a batch with units for 4, 6 are refused by themselves."""
    ids = client.ids()[:10]
    server.quota = Quota(small(80), now=clock.now)
    answers = client.batch({message_id: client.getting(message_id) for message_id in ids})
    assert sum(isinstance(answer, HttpError) for answer in answers.values()) == 6


def test_users_have_their_own_units_and_share_those_of_the_project(
    server: GmailServer, client: VendorClient, clock: ManualClock
) -> None:
    """One user's minute does not end another's; the project's and the day's are everybody's."""
    server.mailbox("bo@us.test")
    with vendor_client(server, "bo@us.test") as other:
        server.quota = Quota(small(1), now=clock.now)
        assert (refused(client), refused(client), refused(other)) == (None, "rateLimitExceeded", None)
        server.quota = Quota(small(9, per_project=1), now=clock.now)
        assert (refused(client), refused(other)) == (None, "rateLimitExceeded")
        server.quota = Quota(small(9, per_day=1), now=clock.now)
        assert (refused(client), refused(other)) == (None, "dailyLimitExceeded")
        clock.pause(86_400)
        with vendor_client(server, ANA) as later:
            assert refused(later) is None


@pytest.mark.parametrize(
    ("refuse", "status", "reason"),
    [
        (errors.queries_per_minute, 403, "rateLimitExceeded"),
        (errors.user_rate_limit, 403, "userRateLimitExceeded"),
        (errors.resource_exhausted, 429, "rateLimitExceeded"),
    ],
)
def test_google_has_several_ways_to_refuse(
    server: GmailServer, client: VendorClient, clock: ManualClock, refuse: object, status: int, reason: str
) -> None:
    """Which one a server uses is a setting."""
    server.quota = Quota(small(0), now=clock.now, refuse=refuse)  # type: ignore[arg-type]
    with pytest.raises(HttpError) as error:
        client.profile()
    assert (error.value.status_code, reason_of(error.value)) == (status, reason)


def test_a_batch_is_as_many_requests_at_once_as_it_has_parts(
    server: GmailServer, client: VendorClient
) -> None:
    """What is over the limit of a user is 429 Too many concurrent requests; the rest is answered."""
    ids = client.ids()[:30]
    server.concurrent = 20
    answers = client.batch({message_id: client.getting(message_id) for message_id in ids})
    errors_ = [answer for answer in answers.values() if isinstance(answer, HttpError)]
    assert len(errors_) == server.counts.throttled["concurrent"] == 10
    assert all("Too many concurrent requests for user" in str(error) for error in errors_)
    assert len(client.batch({one: client.getting(one) for one in ids[:20]})) == 20
    assert server.counts.throttled["concurrent"] == 10


def test_single_requests_count_while_they_last(server: GmailServer) -> None:
    """Two requests at once are one too many where one is allowed; another user does not matter."""
    server.mailbox("bo@us.test")
    server.concurrent, server.latency = 1, 0.3
    results: list[str | None] = []

    def ask(address: str) -> None:
        with vendor_client(server, address) as client:
            results.append(refused(client))

    threads = [threading.Thread(target=ask, args=[who]) for who in (ANA, ANA, "bo@us.test")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, results)) == ["None", "None", "rateLimitExceeded"]
