"""What all scenarios share: nothing leaves this machine."""

import functools
import socket
from collections.abc import Iterator
from pathlib import Path

import httpcore2
import pytest

from connectors.transport.roots import is_loopback
from tests.scenarios.gmail_tenant import GmailTenant
from tests.scenarios.graph_tenant import GraphTenant
from tests.support.gmail.clock import ManualClock
from tests.support.gmail.server import GmailServer
from tests.support.graph.server import GraphServer


@pytest.fixture(autouse=True)
def nothing_leaves_this_machine(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A connection to anywhere else fails the test, whoever makes it."""
    strangers: list[object] = []
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else "localhost"
        if not is_loopback(str(host)):
            strangers.append(address)
            pytest.fail(f"a connection to {address}")
        connect(self, address)  # type: ignore[arg-type]  # as it was given

    monkeypatch.setattr(socket.socket, "connect", guarded)
    return strangers


@pytest.fixture(scope="session", autouse=True)
def trust_is_read_once() -> Iterator[None]:
    """Read the certificates that this machine trusts once: no scenario needs one, and each client reads them all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpcore2, "default_ssl_context", functools.cache(httpcore2.default_ssl_context))
        yield


@pytest.fixture
def gmail(tmp_path: Path) -> Iterator[GmailTenant]:
    """A Workspace with Ana's empty mailbox."""
    clock = ManualClock()
    with GmailServer(now=clock.now).running() as server:
        yield GmailTenant(server, clock, tmp_path / "store")


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[GraphTenant]:
    """A tenant with Ana's empty mailbox."""
    clock = ManualClock()
    with GraphServer(now=clock.now).running() as server:
        yield GraphTenant(server, clock, tmp_path / "store")
