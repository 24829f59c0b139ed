"""systemd receives the state of the service, and the watchdog follows the scheduler's progress."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailsignals.service.scheduler import Scheduler
from mailsignals.service.systemd import SystemdNotifier
from tests.support.systemd import Supervisor
from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="needs sockets of Unix")


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    """A supervisor on a socket with a short path."""
    made = Supervisor(os.path.relpath(tmp_path / "notify"))
    yield made
    made.close()
    while OPENED:
        OPENED.pop().close()


def notifier(supervisor: Supervisor, **more: str) -> SystemdNotifier:
    """Return the notifier of a unit with a watchdog of 120 seconds; the supervisor closes it."""
    made = SystemdNotifier.of(
        {"NOTIFY_SOCKET": supervisor.address, "WATCHDOG_USEC": "120000000", **more},
    )
    OPENED.append(made)
    return made


OPENED: list[SystemdNotifier] = []


def test_states_are_sent(supervisor: Supervisor) -> None:
    """Ready, reloading, ready again, stopping: each is one message."""
    sender = notifier(supervisor)
    sender.ready()
    sender.reloading()
    sender.ready()
    sender.stopping()
    assert supervisor.received() == ["READY=1", "RELOADING=1", "READY=1", "STOPPING=1"]


def test_the_watchdog_is_fed_by_progress_alone(supervisor: Supervisor) -> None:
    """A scheduler that stands still feeds it once, one that goes on each time."""
    sender = notifier(supervisor)
    sender.beat(1)
    sender.beat(1)
    assert supervisor.received() == ["WATCHDOG=1"]
    sender.beat(2)
    assert supervisor.received() == ["WATCHDOG=1"]


def test_a_scheduler_that_hangs_starves_the_watchdog(supervisor: Supervisor) -> None:
    """A wake-up moves the real scheduler on; once it is stopped, nothing more is sent."""
    scheduler = Scheduler()
    sender = notifier(supervisor)
    scheduler.start()
    before = scheduler.looks
    scheduler.wakeup()
    wait_until(lambda: scheduler.looks > before)
    sender.beat(scheduler.looks)
    assert supervisor.received() == ["WATCHDOG=1"]
    scheduler.shutdown(wait=True)
    sender.beat(scheduler.looks)
    supervisor.received()
    for _ in range(3):
        sender.beat(scheduler.looks)
    assert supervisor.received() == []


def test_the_pause_fits_the_watchdog(supervisor: Supervisor) -> None:
    """Three beats fit into its interval; without one the usual pause holds."""
    assert notifier(supervisor).pause_seconds(30) == 30
    assert notifier(supervisor, WATCHDOG_USEC="3000000").pause_seconds(30) == 1
    assert SystemdNotifier.of({}).pause_seconds(30) == 30


@pytest.mark.parametrize("more", [{"WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": "0"}])
def test_a_watchdog_of_another_process_is_not_fed(supervisor: Supervisor, more: dict[str, str]) -> None:
    """Nor one whose interval is no number."""
    sender = notifier(supervisor, **more)
    sender.beat(1)
    assert supervisor.received() == []


def test_without_systemd_nothing_is_sent() -> None:
    """On a laptop or in a container there is no socket."""
    sender = SystemdNotifier.of({})
    sender.ready()
    sender.beat(1)


def test_a_lost_supervisor_does_not_stop_the_service(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A socket that nobody reads is logged."""
    SystemdNotifier.of({"NOTIFY_SOCKET": str(tmp_path / "none")}).ready()
    assert [record.message for record in caplog.records] == ["systemd_not_notified"]


@pytest.mark.skipif(not Path("/proc/net/unix").exists(), reason="Linux alone has abstract addresses")
def test_an_abstract_address_is_understood(tmp_path: Path) -> None:
    """Services in namespaces of their own have one."""
    supervisor = Supervisor(f"@{tmp_path}")
    sender = notifier(supervisor)
    sender.ready()
    assert supervisor.received() == ["READY=1"]
    sender.close()
    supervisor.close()
