"""M19 to M29: rounds that end too early, and pages and messages that cannot be had."""

import datetime as dt

from connectors.base import UNREADABLE
from tests.scenarios.graph_faults import (
    FOR_EVER,
    answering,
    cut,
    cut_where,
    deltas,
    first_deltas,
    gets,
    spoiling,
)
from tests.scenarios.graph_table import scenario
from tests.scenarios.graph_tenant import GraphTenant
from tests.support.graph import errors
from tests.support.loopback import Answer

ELSEWHERE = "{}v1.0/users/ana@us.test/mailFolders/x/messages/delta"


@scenario("M19")
def many_messages_in_a_window(graph: GraphTenant) -> None:
    """No filter that caps is used: 6,000 messages of one folder all come."""
    graph.box.count = 6_000
    graph.done()


@scenario("M20")
def a_round_ends_too_early(graph: GraphTenant) -> None:
    """A first round that gave less than the folder holds is walked again."""
    graph.box.count = 1_700

    def end(answer: Answer) -> Answer:
        return Answer(
            headers=answer.headers, body=answer.body.replace(b"@odata.nextLink", b"@odata.deltaLink")
        )

    graph.fault(spoiling(first_deltas, end))
    graph.done()


@scenario("M20")
def a_round_always_ends_too_early(graph: GraphTenant) -> None:
    """If it stays so, what is missing is found by comparing ids."""
    for _ in range(620):
        graph.box.put()

    def end(answer: Answer) -> Answer:
        text = answer.body.replace(b"@odata.nextLink", b"@odata.deltaLink")
        start = text.rfind(b"?$token=")
        return Answer(headers=answer.headers, body=text[:start] + b'?$token=end"}' if start > 0 else text)

    graph.fault(
        spoiling(first_deltas, end, times=FOR_EVER),
        answering(
            lambda request: request.one("$token") == "end",
            Answer.of(
                {
                    "value": [],
                    "@odata.deltaLink": f"{ELSEWHERE.format(graph.server.root)}?$token=end",
                }
            ),
            times=FOR_EVER,
        ),
    )
    graph.done()
    graph.assert_true()
    graph.server.links.expire()
    graph.settles = False


@scenario("M21")
def ids_that_stay(graph: GraphTenant) -> None:
    """Immutable ids are asked for in every request, pages and single messages among them."""
    graph.box.count = 1_200
    keys = [graph.box.put() for _ in range(3)]
    graph.done()
    graph.box.move(keys[0], "archive")
    graph.done()
    assert set(keys) <= graph.rows().keys()


@scenario("M28")
def a_page_is_always_cut_off(graph: GraphTenant) -> None:
    """The page shrinks until all but one message are had; that one is set aside, or had by itself."""
    keys = [graph.box.put() for _ in range(30)]
    graph.fault(cut_where(keys[11], holds="internetMessageId"))
    graph.done()
    assert graph.skipped() == {}


@scenario("M28")
def large_pages_are_cut_off(graph: GraphTenant) -> None:
    """Pages above a size are cut off where they hold a certain message."""
    keys = [graph.box.put() for _ in range(30)]
    graph.fault(cut_where(keys[11], size=6))
    graph.done()
    assert graph.server.requests["get"] == 0


@scenario("M28")
def a_page_with_recipients_is_cut_off(graph: GraphTenant) -> None:
    """And the message itself cannot be had either: it is set aside, and later asked for again."""
    keys = [graph.box.put() for _ in range(30)]
    graph.fault(cut_where(keys[11], holds="toRecipients"), spoiling(gets(keys[11]), cut, times=FOR_EVER))
    graph.exempt = {keys[11]}
    graph.done()
    assert graph.skipped() == {keys[11]: UNREADABLE}
    graph.assert_true()
    graph.exempt = set()
    graph.server.faults.clear()
    graph.wait(days=0.1)
    graph.done()


@scenario("M29")
def one_message_is_corrupt(graph: GraphTenant) -> None:
    """Exchange says that it cannot give it out: it is set aside, and nothing else is lost."""
    keys = [graph.box.put() for _ in range(30)]

    def refuse(answer: Answer) -> Answer:
        return errors.corrupt() if keys[11].encode() in answer.body and b"subject" in answer.body else answer

    graph.fault(
        spoiling(deltas, refuse, times=FOR_EVER), answering(gets(keys[11]), errors.corrupt(), times=FOR_EVER)
    )
    graph.exempt = {keys[11]}
    graph.done()
    assert graph.skipped() == {keys[11]: UNREADABLE}
    graph.assert_true()
    graph.exempt = set()
    graph.server.faults.clear()
    graph.wait(days=0.1)
    graph.done()


@scenario("X6")
def an_earlier_horizon(graph: GraphTenant) -> None:
    """Only mail from the horizon on is kept; with an earlier one only the span between is read."""
    now = graph.clock.now()
    for day in range(60):
        instant = f"{now - dt.timedelta(days=day):%Y-%m-%dT%H:%M:%SZ}"
        graph.box.put(receivedDateTime=instant, sentDateTime=instant)
    graph.options["horizon"] = now - dt.timedelta(days=10, hours=1)
    graph.done()
    assert len(graph.rows()) == 11
    walked = graph.server.requests["delta"]
    graph.options["horizon"] = now - dt.timedelta(days=30, hours=1)
    graph.done()
    assert len(graph.rows()) == 31
    assert graph.server.requests["delta"] - walked == 4
    graph.options["horizon"] = None
    graph.done()
