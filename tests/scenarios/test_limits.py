"""Waits and limits that providers demand, over runs in processes of their own."""

import dataclasses
import datetime as dt
import importlib
from pathlib import Path

import pytest

from connectors.base import RAISED
from connectors.mail import MailOrigin, Own
from connectors.mail.headers import Headers
from connectors.mail.reader import Reading
from mailsignals.store import Store
from mailsignals.store.tables.mailbox_status import Trouble
from mailsignals.sync.plan import Step
from tests.scenarios import graph_faults
from tests.scenarios.gmail_tenant import GmailTenant
from tests.scenarios.graph_faults import FOR_EVER, answering, deltas
from tests.scenarios.graph_tenant import ANA, GraphTenant
from tests.support.gmail import errors as gmail_errors
from tests.support.graph import errors
from tests.support.loopback import Answer, Fault, Request

HOUR = dt.timedelta(hours=1)
FIVE = tuple(f"{name}@us.test" for name in ("ana", "bo", "cy", "di", "ed"))


def troubled(folder: Path, provider: str) -> dict[str, Trouble]:
    """What keeps mailboxes from being read."""
    with Store.open(folder, mode="read") as store:
        return {each.mailbox: each.trouble for each in store.mailbox_status.of(provider) if each.trouble}


def asked(graph: GraphTenant, address: str) -> int:
    """The requests for a mailbox."""
    name = graph.server.mailbox(address).object_id
    return sum(name in request.path or address in request.path for request in graph.server.log)


@pytest.mark.scenario("limits-outlive-runs")
@pytest.mark.parametrize("patient", [True, False])
def test_an_hour_that_graph_demands_of_one_mailbox_stands(graph: GraphTenant, *, patient: bool) -> None:
    """The others are read, the run doesn't sleep, and nobody asks for that one before, in any process."""
    graph.addresses = FIVE
    for address in FIVE:
        graph.server.mailbox(address).put()
    name = graph.server.mailbox("cy@us.test").object_id

    def of_cy(request: Request) -> bool:
        return name in request.path or "cy@" in request.path

    graph.fault(answering(of_cy, errors.throttled("3600"), times=FOR_EVER))
    outcomes = graph.sync_all(patient=patient)
    assert {name for name, outcome in outcomes.items() if not outcome.complete} == {"cy@us.test"}
    assert graph.clock.elapsed < 60
    trouble = troubled(graph.folder, "microsoft365")["cy@us.test"]
    assert (trouble.state, trouble.demanded) == ("waiting", True)
    assert abs(trouble.next_try_at - graph.clock.start - HOUR) < dt.timedelta(minutes=1)
    graph.server.faults.clear()
    before = asked(graph, "cy@us.test")
    assert before == 1
    graph.clock.pause(3_000)
    assert graph.sync_all(patient=patient)["cy@us.test"].step is Step.WAIT
    assert asked(graph, "cy@us.test") == before
    graph.clock.pause(660)
    assert graph.sync_all(patient=patient)["cy@us.test"].complete


@pytest.mark.scenario("limits-outlive-runs")
def test_an_hour_that_graph_demands_of_the_tenant_stops_all(graph: GraphTenant) -> None:
    """All mailboxes wait, also one that was never tried, and neither a folder nor a group is asked for."""
    graph.addresses = FIVE[:3]
    for address in FIVE:
        graph.server.mailbox(address)
    graph.sync_all()
    answer = errors.throttled("3600")
    scoped = dataclasses.replace(
        answer, headers={**answer.headers, "x-ms-throttle-scope": "Tenant_Application/Read/a/b"}
    )
    graph.fault(answering(lambda request: "/users/" in request.path, scoped, times=FOR_EVER))
    graph.sync_all()
    graph.server.faults.clear()
    graph.addresses = FIVE
    before = len(graph.server.log)
    outcomes = graph.sync_all()
    assert {outcome.step for outcome in outcomes.values()} == {Step.WAIT}
    assert set(troubled(graph.folder, "microsoft365")) == set(FIVE[:3])
    assert len(graph.server.log) == before
    graph.clock.pause(3_660)
    assert all(outcome.complete for outcome in graph.sync_all().values())


@pytest.mark.scenario("limits-outlive-runs")
@pytest.mark.parametrize("status", [403, 429, 503])
def test_an_hour_that_gmail_demands_stands(gmail: GmailTenant, status: int) -> None:
    """Asking early makes Google's lock-out longer, so nobody does, however it was demanded."""
    gmail.box.fill(30)
    until = gmail.clock.start + HOUR
    locked = gmail_errors.api_error(
        status,
        f"User-rate limit exceeded. Retry after {until:%Y-%m-%dT%H:%M:%S}.000Z",
        reason="userRateLimitExceeded",
    )
    gmail.fault(Fault(matches=lambda request: "/gmail/" in request.path, answer=locked, times=None, skip=2))
    assert gmail.sync().trouble is not None
    assert gmail.clock.elapsed < 60
    trouble = troubled(gmail.folder, "gmail")["ana@us.test"]
    assert (trouble.state, trouble.demanded) == ("waiting", True)
    gmail.server.faults.clear()
    before = gmail.server.counts.requests.total()
    gmail.clock.pause(3_000)
    assert gmail.sync().step is Step.WAIT
    assert gmail.server.counts.requests.total() == before
    gmail.clock.pause(601)
    gmail.done()


@pytest.mark.scenario("early-429")
def test_a_concurrency_complaint_lowers_concurrency(graph: GraphTenant) -> None:
    """After one, fewer requests are under way at once, the rate stays, and the next run remembers it."""
    keys = [graph.box.put() for _ in range(50)]
    graph.done()
    for key in keys:
        graph.box.move(key, "archive")
    next(f for f in graph.box.folders.values() if f.well_known == "archive").changes.clear()
    graph.fault(answering(graph_faults.gets(), errors.throttled("1")))
    graph.server.most_at_once, graph.server.latency = 0, 0.005
    before = graph.clock.elapsed
    graph.done()
    assert graph.clock.elapsed - before <= 6
    with Store.open(graph.folder, mode="read") as store:
        state = store.provider_limits.of("microsoft365").load("tenant/client", ANA)
    assert state is not None
    assert (state.places, state.rate) == (2, None)


@pytest.mark.scenario("one-mailbox-raises")
@pytest.mark.parametrize("link", ["http://[::1", "https://\0/", "x" * 70_000])
def test_a_link_that_is_none_parks_its_mailbox(graph: GraphTenant, link: str) -> None:
    """The others are read in the same run."""
    graph.addresses = FIVE
    for address in FIVE:
        graph.server.mailbox(address).put()
    name = graph.server.mailbox("cy@us.test").object_id

    def of_cy(request: Request) -> bool:
        return deltas(request) and (name in request.path or "cy@" in request.path)

    page = Answer.of({"value": [], "@odata.nextLink": link})
    graph.fault(answering(of_cy, page, times=FOR_EVER))
    outcomes = graph.sync_all()
    assert {name for name, outcome in outcomes.items() if not outcome.complete} == {"cy@us.test"}
    assert troubled(graph.folder, "microsoft365")["cy@us.test"].state != "ready"


@pytest.mark.scenario("one-mailbox-raises")
@pytest.mark.parametrize("room", ["gmail", "microsoft365"])
def test_one_email_that_raises_is_skipped(
    graph: GraphTenant, gmail: GmailTenant, monkeypatch: pytest.MonkeyPatch, room: str
) -> None:
    """The rest of its mailbox is read, whatever raised; once it can be read, it is."""
    tenant = gmail if room == "gmail" else graph
    for _ in range(5):
        gmail.box.deliver()
        graph.box.put()
    reader = importlib.import_module("connectors.mail.reader")
    original, bad = reader._read, set[str]()

    def raising(headers: Headers, origin: MailOrigin, own: Own) -> Reading:
        bad.update([origin.provider_id or ""] if not bad else [])
        if origin.provider_id in bad:
            raise TypeError("a subject")
        reading: Reading = original(headers, origin, own)
        return reading

    monkeypatch.setattr(reader, "_read", raising)
    tenant.done()
    assert tenant.skipped() == dict.fromkeys(bad, RAISED)
    assert tenant.stored().height == 4
    monkeypatch.setattr(reader, "_read", original)
    tenant.wait(days=0.1)
    tenant.done()
    assert tenant.stored().height == 5
