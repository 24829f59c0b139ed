"""Bounds of connections: who makes room for whom, and who has waited for too long."""

import dataclasses

import pytest

from mailsignals.service.connections import (
    ConnectionBounds,
    Connections,
    Phase,
    client_key,
    handle_limit,
    is_overdue,
)

BOUNDS = ConnectionBounds(connections=6, per_client=3)


@dataclasses.dataclass(eq=False)
class Held:
    """A connection that a test holds open."""

    address: str
    phase: Phase
    since: float
    stalled: bool = False
    closed: bool = False

    def has_stalled(self, now: float, bounds: ConnectionBounds) -> bool:  # noqa: ARG002  # the test decides
        """Return what the test decided."""
        return self.stalled

    def abort(self) -> None:
        """Note that it was closed."""
        self.closed = True


def _open(*held: Held) -> Connections:
    found = Connections(BOUNDS, is_proxy=lambda address: address == "127.0.0.1")
    for each in held:
        found.add(each)
    return found


@pytest.mark.scenario("half-open-connections")
def test_the_longest_waiting_connection_makes_room() -> None:
    """A full server ends a connection that waits for its client, never one that it works for."""
    held = [Held(f"10.0.0.{number}", Phase.HEAD, since=number) for number in range(1, 6)]
    works = Held("10.0.1.1", Phase.WORK, since=0)
    connections = _open(works, *held)
    assert connections.make_room("10.0.9.9")
    assert [each.closed for each in (works, *held)] == [False, True, False, False, False, False]


def test_a_server_that_works_for_all_turns_away() -> None:
    """No request in progress is ended for another one."""
    works = [Held(f"10.0.0.{number}", Phase.WORK, since=0) for number in range(6)]
    assert not _open(*works).make_room("10.0.9.9")
    assert not any(each.closed for each in works)


def test_one_client_only_displaces_itself() -> None:
    """Beyond its own bound, a client ends its own longest waiting connection; others keep theirs."""
    mine = [Held("10.0.0.1", Phase.IDLE, since=number) for number in (5, 4, 3)]
    other = Held("10.0.0.2", Phase.HEAD, since=1)
    assert _open(*mine, other).make_room("10.0.0.1")
    assert [each.closed for each in (*mine, other)] == [False, False, True, False]


def test_a_proxy_has_the_overall_bound_alone() -> None:
    """All connections of a reverse proxy come from one address."""
    held = [Held("127.0.0.1", Phase.WORK, since=0) for _ in range(5)]
    assert _open(*held).make_room("127.0.0.1")
    assert not any(each.closed for each in held)


def test_a_network_counts_as_one_client_in_ipv6() -> None:
    """A machine has as many addresses in its own network as it likes; mapped addresses are those of IPv4."""
    assert client_key("2001:db8::1") == client_key("2001:db8::ffff:2") != client_key("2001:db8:0:1::1")
    assert client_key("::ffff:10.0.0.1") == client_key("10.0.0.1")
    assert client_key("") == ""


@pytest.mark.parametrize(
    ("phase", "seconds"), [(Phase.HEAD, 10), (Phase.BODY, 30), (Phase.IDLE, 15)], ids=str
)
def test_waiting_for_a_client_has_an_end(phase: Phase, seconds: int) -> None:
    """Each phase has its time; data that drips does not extend it."""
    assert not is_overdue(Held("", phase, since=100), ConnectionBounds(), now=100 + seconds)
    assert is_overdue(Held("", phase, since=100), ConnectionBounds(), now=100.1 + seconds)


def test_work_takes_as_long_as_it_takes_unless_nobody_reads() -> None:
    """A slow answer is not the client's fault, an unread one is."""
    assert not is_overdue(Held("", Phase.WORK, since=0), ConnectionBounds(), now=10_000)
    assert is_overdue(Held("", Phase.WORK, since=0, stalled=True), ConnectionBounds(), now=1)


@pytest.mark.parametrize(
    ("handles", "most"), [(1024, 512), (256, 128), (None, 512), (1_000_000, 512), (4, 8)]
)
def test_half_of_the_handles_stay_free(handles: int | None, most: int) -> None:
    """Jobs and the store can open files while every connection is taken."""
    bounds = ConnectionBounds.within(handles)
    assert bounds.connections == most
    assert bounds.per_client <= most


def test_the_limit_of_this_process_is_known() -> None:
    """It is a number, or there is none."""
    found = handle_limit()
    assert found is None or found > 0
