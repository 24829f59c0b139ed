"""M1 to M8: walks of folders, and how they are taken up again."""

from functools import partial

from connectors.base import RetryLaterError
from tests.scenarios.graph_faults import (
    FOR_EVER,
    after,
    answering,
    deltas,
    editing,
    first_deltas,
    later_deltas,
    spoiling,
)
from tests.scenarios.graph_table import scenario
from tests.scenarios.graph_tenant import GraphTenant
from tests.support.graph import errors
from tests.support.loopback import Answer

ELSEWHERE = "{}v1.0/users/ana@us.test/mailFolders/x/messages/delta"


@scenario("M1")
def empty_folders(graph: GraphTenant) -> None:
    """A mailbox without messages is read to its end."""
    graph.done()


@scenario("M2")
def empty_pages(graph: GraphTenant) -> None:
    """A page may be empty and be followed by one that is not."""
    graph.box.count = 1_700
    held: list[object] = []

    def hold_back(document: dict[str, object]) -> None:
        held.append(document["value"])
        document["value"] = []

    def give_back(document: dict[str, object]) -> None:
        document["value"] = [item for page in [*held, document["value"]] for item in page]  # type: ignore[attr-defined]

    graph.fault(editing(deltas, hold_back, times=2), editing(deltas, give_back))
    graph.done()


@scenario("M3")
def one_message_comes_twice(graph: GraphTenant) -> None:
    """The last word on it counts."""
    key = graph.box.put()

    def twice(document: dict[str, list[dict[str, object]]]) -> None:
        document["value"] = [item | {"subject": "of before"} for item in document["value"]] + document[
            "value"
        ]

    graph.fault(editing(first_deltas, twice))
    graph.done()
    assert graph.rows()[key]["subject"] == graph.box.items[key].fields["subject"]


@scenario("M4")
def a_link_leads_to_itself(graph: GraphTenant) -> None:
    """A walk in circles is begun again, a bounded number of times, and goes on once the server leads on."""
    for _ in range(700):
        graph.box.put()

    def lead_back(answer: Answer) -> Answer:
        text = answer.body.replace(b"deltaLink", b"nextLink")
        start = text.rindex(b"?$token=")
        return Answer(headers=answer.headers, body=text[:start] + b'?$token=round"}')

    graph.fault(
        answering(
            lambda request: request.one("$token") == "round",
            Answer.of(
                {"value": [], "@odata.nextLink": f"{graph.server.root}v1.0/users/ana@us.test/x?$token=round"}
            ),
            times=FOR_EVER,
        ),
        spoiling(deltas, lead_back, times=FOR_EVER),
    )
    outcome = graph.sync()
    assert isinstance(outcome.error, RetryLaterError)
    assert graph.server.requests["delta"] < 30
    graph.server.faults.clear()
    graph.done()


@scenario("M5")
def a_link_leads_elsewhere(graph: GraphTenant) -> None:
    """A token is not sent to another host, over http to one, or to nobody's mailbox."""
    graph.box.count = 1_200
    for bad in (
        "https://evil.test/v1.0/users/a/x",
        "http://graph.test/v1.0/users/a/x",
        f"{graph.server.root}v1.0/users//x",
    ):
        graph.fault(editing(first_deltas, partial(dict.update, **{"@odata.nextLink": bad})))
    outcome = graph.sync()
    assert isinstance(outcome.error, RetryLaterError)
    graph.done()


@scenario("M6")
def a_run_that_was_interrupted_goes_on(graph: GraphTenant) -> None:
    """It goes on at the next page."""
    graph.box.count = 1_700
    interrupted_after(graph, pages=2)
    assert len(graph.rows()) in {500, 1_000}
    before = graph.server.requests["delta"]
    graph.done()
    walked = sum(not graph.box.left_out(folder) for folder in graph.box.folders)
    assert graph.server.requests["delta"] - before <= walked + 2


@scenario("M6")
def a_link_of_an_old_generation(graph: GraphTenant) -> None:
    """A link that died meanwhile means that the folder is walked again; what went is noticed, nothing is doubled."""
    for _ in range(1_200):
        graph.box.put()
    interrupted_after(graph, pages=2)
    graph.box.purge(next(iter(graph.rows())))
    graph.server.links.expire()
    graph.done()


@scenario("M7")
def a_stop_in_the_middle_of_a_round(graph: GraphTenant) -> None:
    """The link of the next round is not kept before its round was read: nothing after the stop is missing."""
    graph.box.count = 1_700
    for pages in (1, 1, 1):
        interrupted_after(graph, pages=pages)
    graph.done()


@scenario("M8")
def links_expire_in_every_way(graph: GraphTenant) -> None:
    """410, and all that means the same in any letters: the folder is walked again, and what went goes."""
    keys = [graph.box.put() for _ in range(20)]
    graph.done()
    ways = [
        errors.stale("SyncStateNotFound", 410, Location="x"),
        errors.stale("syncStateNotFound", 400),
        errors.stale("resyncRequired", 404),
        errors.stale("SyncStateInvalid", 400),
        Answer.of({"error": {"code": "ErrorX", "message": "The sync state generation is not found"}}, 400),
        Answer(status=410),
    ]
    for number, way in enumerate(ways):
        graph.box.purge(keys[number])
        for folder in graph.box.folders.values():
            folder.changes.clear()
        graph.fault(answering(later_deltas, way))
        graph.done()
        assert keys[number] not in graph.rows()


def interrupted_after(graph: GraphTenant, *, pages: int) -> None:
    """A run that is stopped after so many pages of a walk."""
    graph.fault(after(deltas, graph.stop.set, skip=pages - 1))
    assert not graph.sync().complete
    graph.server.faults.clear()
    graph.stop.clear()
