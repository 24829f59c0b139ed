"""What monitoring may read, at which address and under which name."""

import logging
from collections.abc import Sequence

import httpx2
import pytest
from prometheus_client import CollectorRegistry, Counter
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from mailsignals.config.dashboard import DashboardSection
from mailsignals.config.schedule import ServiceSection, probe_warning
from mailsignals.jobs.health import Health, HealthProblem, State
from mailsignals.service.probe_access import ProbeAccess
from mailsignals.service.probes import metrics_route, probe_routes, serve_probes
from tests.support.waiting import PATIENCE_SECONDS

PUBLIC = DashboardSection(url="https://mail.us.test")
FAILING = Health(
    state=State.FAILING, problems=[HealthProblem(state=State.FAILING, text="bo@us.test: it is gone.")]
)
DETAILS = {"state": "failing", "problems": ["<address>: it is gone."]}
BARE = {"state": "failing"}


def _routes(access: ProbeAccess) -> list[Route]:
    registry = CollectorRegistry()
    Counter("figures", "Some.", registry=registry)
    return [*probe_routes(lambda: FAILING, lambda: True, access), metrics_route(registry, access)]


def _client(
    bound: str,
    host: str,
    section: DashboardSection = PUBLIC,
    *,
    own_address: bool = False,
    elsewhere: bool = False,
) -> TestClient:
    access = ProbeAccess(bound=bound, dashboard=lambda: section, own_address=own_address, elsewhere=elsewhere)
    return TestClient(Starlette(routes=_routes(access)), base_url=f"http://{host}")


def _is_open(client: TestClient, **headers: str) -> bool:
    """Return whether details are shown; where not, neither problems nor metrics are."""
    health, metrics = client.get("/healthz", headers=headers), client.get("/metrics", headers=headers)
    assert health.status_code == 503
    assert client.get("/readyz", headers=headers).json() == {"ready": True}
    if metrics.status_code == 200:
        assert health.json() == DETAILS
        return True
    assert (health.json(), metrics.status_code) == (BARE, 403)
    assert "figures" not in metrics.text
    return False


@pytest.mark.parametrize("host", ["127.0.0.1:8321", "localhost:8321", "[::1]:8321"])
def test_this_machine_reads_all(host: str) -> None:
    """As before, without any key, also beside a published dashboard."""
    assert _is_open(_client("127.0.0.1", host))
    assert _is_open(_client("::1", host, DashboardSection()))


@pytest.mark.scenario("own-address-for-probes")
@pytest.mark.parametrize("bound", ["0.0.0.0", "::", "192.0.2.1", "mail.us.test"])
@pytest.mark.parametrize("host", ["127.0.0.1:8321", "192.0.2.1", "mail.us.test", "mailsignals:8321"])
def test_strangers_read_one_word(bound: str, host: str) -> None:
    """Where other machines can connect, nobody gets problems or metrics at the dashboard's address."""
    assert not _is_open(_client(bound, host))


@pytest.mark.scenario("own-address-for-probes")
def test_a_proxy_publishes_no_details() -> None:
    """It connects from this machine, for people elsewhere: by the published name, or with a header that shows it."""
    assert not _is_open(_client("127.0.0.1", "mail.us.test"))
    for header in ("X-Forwarded-For", "X-Forwarded-Email", "Forwarded", "X-Real-IP", "Via"):
        assert not _is_open(_client("127.0.0.1", "127.0.0.1:8321"), **{header: "192.0.2.7"}), header


@pytest.mark.scenario("own-address-for-probes")
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.parametrize("own", [False, True], ids=["dashboard", "own"])
def test_a_foreign_name_gets_nothing(path: str, *, own: bool) -> None:
    """A web page that made its own name lead here reads nothing; names that it can't have are answered."""
    for bound in ("127.0.0.1", "0.0.0.0"):
        for host in ("evil.test", "evil.test:8321", "mail.us.test.evil.test"):
            answer = _client(bound, host, own_address=own).get(path)
            assert (answer.status_code, "state" in answer.text) == (400, False)
        for host in ("10.1.2.3:8322", "mailsignals:8322", "mail.us.test"):
            assert _client(bound, host, own_address=own).get(path).status_code != 400
        assert _client(bound, "x", own_address=own).get(path, headers={"Host": ""}).status_code != 400
        assert _client(bound, "x", own_address=own).get(path, headers={"Host": "a@b/c"}).status_code == 400


def test_an_own_address_has_the_details() -> None:
    """Whatever it is, because the operator has set it; the dashboard's address then shows the state alone."""
    assert _is_open(_client("0.0.0.0", "10.1.2.3:8322", own_address=True))
    assert not _is_open(_client("127.0.0.1", "127.0.0.1:8321", elsewhere=True))


@pytest.mark.scenario("own-address-for-probes")
def test_the_own_address_is_served(caplog: pytest.LogCaptureFixture) -> None:
    """Over HTTP, with the configured host and port; without one, nothing more is served."""
    service = ServiceSection(probe_host="127.0.0.1", probe_port=0)
    with caplog.at_level(logging.INFO, "mailsignals"), serve_probes(service, _routes, lambda: PUBLIC):
        (record,) = caplog.records
        address = f"http://127.0.0.1:{vars(record)['port']}"
        assert httpx2.get(f"{address}/healthz", timeout=PATIENCE_SECONDS).json() == DETAILS
    with serve_probes(ServiceSection(), _unused, lambda: PUBLIC):
        assert len(caplog.records) == 1


def _unused(_: ProbeAccess) -> Sequence[Route]:
    raise AssertionError


@pytest.mark.parametrize(
    ("service", "warned"),
    [
        (ServiceSection(), False),
        (ServiceSection(host="::1"), False),
        (ServiceSection(host="0.0.0.0"), True),
        (ServiceSection(host="0.0.0.0", probe_host="127.0.0.1"), False),
    ],
    ids=["loopback", "loopback 6", "open", "own address"],
)
def test_metrics_that_are_off_are_named(service: ServiceSection, *, warned: bool) -> None:
    """Every command, the log and the page System say which key turns them on."""
    text = probe_warning(service)
    assert (text is not None) == warned
    assert text is None or text.startswith("service.probe_host is not set")
