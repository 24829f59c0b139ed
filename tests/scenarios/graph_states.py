"""M22 to M34, M43 and M46: who may read what, and how fast."""

from pathlib import Path

import pytest

from connectors.base import GiveUpError, RetryLaterError, SignInError
from connectors.microsoft365 import ClientSecret, DeviceCode, GraphBearerToken
from connectors.provider import Mailbox as Address
from mailsignals.errors import UserError
from mailsignals.store import Store
from mailsignals.sync.plan import Step
from tests.scenarios.graph_faults import FOR_EVER, after, answering, cut, deltas, gets, spoiling
from tests.scenarios.graph_table import scenario
from tests.scenarios.graph_tenant import ANA, HURRIED, GraphTenant
from tests.support.graph import errors
from tests.support.loopback import Answer
from tests.support.waiting import PATIENCE_SECONDS


@scenario("M23")
def never_a_fifth_at_once(graph: GraphTenant) -> None:
    """However many single messages are asked for, no more than four are under way."""
    keys = [graph.box.put() for _ in range(60)]
    graph.done()
    graph.server.latency = 0.01
    for key in keys:
        graph.box.move(key, "archive")
    for folder in graph.box.folders.values():
        if folder.well_known == "archive":
            folder.changes.clear()
    graph.done()
    assert graph.server.throttled == 0
    assert 2 <= graph.server.most_at_once <= 4


@scenario("M24")
def the_window_is_kept_to(graph: GraphTenant) -> None:
    """Of so many requests in ten minutes none is refused, and the rest waits."""
    graph.server.window = 40
    graph.options["requests_per_10_minutes"] = 40
    for _ in range(3):
        graph.box.folder("Kunden")
    graph.box.count = 20_000
    graph.done()
    assert graph.server.throttled == 0
    assert graph.clock.elapsed > 600


@scenario("M25 M26")
def single_messages_fail_each_in_its_own_way(graph: GraphTenant) -> None:
    """One is refused for now, one is missing for good, one answers late; each gets what is right for it, once."""
    keys = [graph.box.put() for _ in range(8)]
    graph.done()
    for key in keys:
        graph.box.move(key, "archive")
    next(f for f in graph.box.folders.values() if f.well_known == "archive").changes.clear()
    graph.box.purge(keys[0])
    graph.fault(
        answering(gets(keys[1]), errors.throttled("2")), answering(gets(keys[2]), Answer(status=503), times=2)
    )
    graph.done()
    asked = [request.path for request in graph.server.log if gets()(request)]
    assert all(sum(key in path for path in asked) <= 4 for key in keys)


@scenario("M27")
def the_server_is_out_of_order(graph: GraphTenant) -> None:
    """Empty 503, 504 with a page, 500, a reset, and silence pass."""
    graph.options = {"timeouts": HURRIED}
    graph.box.count = 1_200
    troubles = [
        Answer(status=503),
        Answer(status=504, body=b"<html>gateway"),
        errors.graph_error(500, "ErrorInternalServerTransientError"),
        Answer(reset=True),
        Answer(wait=PATIENCE_SECONDS),
        errors.graph_error(503, "ErrorMailboxStoreUnavailable"),
    ]
    for number, trouble in enumerate(troubles):
        graph.fault(answering(deltas if number % 2 else lambda _: True, trouble))
    graph.done()


@scenario("M27")
def the_server_stays_out_of_order(graph: GraphTenant) -> None:
    """The mailbox is left for later after a bounded number of tries."""
    graph.fault(answering(lambda request: "/v1.0/" in request.path, Answer(status=503), times=FOR_EVER))
    assert isinstance(graph.sync().error, RetryLaterError)
    assert len(graph.server.log) < 40
    graph.server.faults.clear()
    graph.done()


@scenario("M30")
def mailboxes_come_and_go(graph: GraphTenant) -> None:
    """Each trouble has a name of its own and a remedy; the others are read; who comes back is read again."""
    troubles = {
        "onpremise@us.test": (errors.no_mailbox, "no mailbox"),
        "later@us.test": (errors.resource_not_found, "no mailbox"),
        "denied@us.test": (errors.access_denied, "not authorised"),
    }
    for address, (trouble, _) in troubles.items():
        graph.server.mailbox(address).trouble = trouble
    graph.box.put()
    graph.addresses = (ANA, *troubles, "nobody@us.test")
    outcomes = graph.sync_all()
    assert outcomes[ANA].complete
    found = {name: outcome.error for name, outcome in outcomes.items() if outcome.error}
    assert {name: error.state for name, error in found.items()} == {
        **{address: state for address, (_, state) in troubles.items()},
        "nobody@us.test": "not found",
    }
    assert all(isinstance(error, GiveUpError) and error.remedy for error in found.values())
    assert graph.sync_all(patient=True)["denied@us.test"].step is Step.WAIT
    for address in troubles:
        graph.server.mailbox(address).trouble = None
    graph.server.mailbox("nobody@us.test")
    assert all(outcome.complete for outcome in graph.sync_all().values())


@scenario("M31")
def the_token_ends_in_the_middle(graph: GraphTenant) -> None:
    """One that is no longer accepted is renewed once."""
    graph.box.count = 1_700
    graph.fault(after(deltas, graph.server.entra.revoke, skip=1))
    graph.done()
    assert graph.server.entra.asked == 2


@scenario("M32")
def the_sign_in_service_is_out_of_order(graph: GraphTenant) -> None:
    """It is asked a bounded number of times, and the run says what is the matter."""
    graph.server.entra.refusal = (503, "temporarily_unavailable", "")
    error = graph.sync().error
    assert isinstance(error, RetryLaterError)
    assert graph.server.entra.asked <= 5
    graph.server.entra.refusal = None
    graph.done()


@scenario("M33")
def the_secret_has_expired(graph: GraphTenant) -> None:
    """Whatever is wrong with the app is everybody's trouble, and said in the portal's words."""
    refusals = {
        "AADSTS7000222: The provided client secret keys are expired.": "secret expired",
        "AADSTS7000215: Invalid client secret provided.": "secret rejected",
        "AADSTS700016: Application not found in the directory.": "unknown app",
        "AADSTS700027: The certificate is not registered.": "certificate rejected",
        "AADSTS65001: The user or administrator has not consented.": "no consent",
        "AADSTS999999: Something new.": "sign-in rejected",
    }
    for description, state in refusals.items():
        graph.server.entra.refusal = (401, "invalid_client", description)
        error = graph.sync().error
        assert isinstance(error, SignInError)
        assert (error.state, error.everywhere) == (state, True)
    graph.server.entra.refusal = None
    graph.sign_in = ClientSecret("wrong")
    error = graph.sync().error
    assert error is not None
    assert error.state == "secret rejected"
    graph.sign_in = GraphBearerToken(graph.server.entra.token)
    graph.done()


@scenario("M34")
def a_person_signs_in(graph: GraphTenant) -> None:
    """With a code typed into a page; the permission is kept for its owner alone, and asked for once."""
    told: list[str] = []
    cache = graph.folder.parent / "tokens.json"
    graph.sign_in = DeviceCode(prompt=told.append, cache=cache)
    for error, state in (
        ("authorization_declined", "declined"),
        ("expired_token", "code expired"),
    ):
        graph.server.entra.device = [(error, "")]
        refused = graph.sync().error
        assert isinstance(refused, SignInError)
        assert refused.state == state
    graph.server.entra.device = [("authorization_pending", "")]
    graph.box.put()
    graph.done()
    assert "ABCD" in told[0]
    assert cache.stat().st_mode & 0o777 == 0o600
    asked = len(told)
    graph.done()
    assert len(told) == asked
    assert isinstance(cache, Path)


@scenario("M43")
def two_programs_at_once(graph: GraphTenant) -> None:
    """While one writes, the other is refused."""
    graph.box.put()
    with Store.open(graph.folder, mode="write"), pytest.raises(UserError, match="another program is writing"):
        graph.sync()
    graph.done()


@scenario("M30")
def what_is_allowed_is_said(graph: GraphTenant) -> None:
    """Permissions that are not needed are named."""
    graph.server.entra.roles = ("Mail.ReadBasic.All", "Mail.Read")
    provider = graph.provider()
    checked = provider.check(Address(address=ANA))
    provider.close()
    assert (checked.error, checked.excess) == (None, ("Mail.Read",))
    graph.done()


@scenario("M30")
def what_sending_needs_is_too_much_for_reading(graph: GraphTenant) -> None:
    """Unless digests are sent by the app."""
    graph.server.entra.roles = ("Mail.ReadBasic.All", "Mail.Send")
    for sends, excess in ((False, ("Mail.Send",)), (True, ())):
        graph.options = {"sends": sends}
        provider = graph.provider()
        assert provider.check(Address(address=ANA)).excess == excess
        provider.close()
    graph.done()


@scenario("M30")
def a_group_of_mailboxes(graph: GraphTenant) -> None:
    """The members of a group are read; a group that is not there is an error that names it."""
    graph.server.groups["team@us.test"] = [graph.box, graph.server.mailbox("bo@us.test")]
    graph.options["group"] = "team@us.test"
    graph.addresses = ()
    assert set(graph.sync_all()) == {ANA, "bo@us.test"}
    graph.options["group"] = "nobody@us.test"
    with pytest.raises(GiveUpError, match=r"nobody@us\.test: the group does not exist"):
        graph.sync_all()
    graph.options["group"] = None
    graph.addresses = (ANA, "bo@us.test")


@scenario("M28")
def every_page_is_cut_off(graph: GraphTenant) -> None:
    """A server that never gives a whole page is left for later."""
    graph.box.put()
    graph.fault(spoiling(deltas, cut, times=FOR_EVER))
    assert isinstance(graph.sync().error, RetryLaterError)
    graph.server.faults.clear()
    graph.done()
    graph.settles = False


@scenario("X5")
def many_mailboxes_at_once(graph: GraphTenant) -> None:
    """Forty mailboxes are read side by side, and none gets another's mail."""
    graph.addresses = (ANA, *(f"p{number}@us.test" for number in range(40)))
    for address in graph.addresses:
        for _ in range(7):
            graph.server.mailbox(address).put()
    assert all(outcome.complete for outcome in graph.sync_all().values())
