"""M1 to M21: walks of folders, what they tell, and how they are taken up again."""

import datetime as dt
from functools import partial

from connectors.base import UNREADABLE, RetryLaterError
from tests.scenarios.graph_faults import (
    FOR_EVER,
    after,
    answering,
    cut,
    cut_where,
    deltas,
    editing,
    first_deltas,
    gets,
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
    assert len(graph.rows()) == 1_000
    before = graph.server.requests["delta"]
    graph.done()
    walked = sum(not graph.box.left_out(folder) for folder in graph.box.folders)
    assert graph.server.requests["delta"] - before <= walked + 1


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


@scenario("M9")
def a_partial_update(graph: GraphTenant) -> None:
    """What is not in an update is kept; being read is nothing to us, and costs no request."""
    key = graph.box.put()
    graph.done()
    gets_before = graph.server.requests["get"]
    graph.box.change(key, isRead=True)
    graph.done()
    assert graph.server.requests["get"] == gets_before


@scenario("M10")
def a_partial_update_of_something_unknown(graph: GraphTenant) -> None:
    """It is asked for as a whole."""
    graph.done()
    key = graph.box.put()
    graph.box.change(key, isRead=True)
    graph.box.folders[graph.box.items[key].folder].changes.pop(-2)
    graph.done()
    assert key in graph.rows()


@scenario("M11")
def moves(graph: GraphTenant) -> None:
    """A message that moves is kept, with the folder it lies in, whatever is told first."""
    own = graph.box.folder("Kunden", parent=graph.box.id_of("inbox"))
    keys = [graph.box.put() for _ in range(4)]
    graph.done()
    graph.box.move(keys[0], "archive")
    graph.box.move(keys[1], own)
    graph.box.move(keys[2], "deleteditems")
    graph.box.move(keys[3], "junkemail")
    graph.done()
    assert keys[3] not in graph.rows()
    graph.box.move(keys[0], "inbox")
    graph.box.move(keys[3], "inbox")
    graph.done()
    assert graph.rows()[keys[0]]["labels"] == ["inbox"]


@scenario("M12")
def there_and_back(graph: GraphTenant) -> None:
    """Away and back between two rounds is told as gone; the mailbox knows better."""
    key = graph.box.put()
    graph.done()
    graph.box.move(key, "archive")
    graph.box.move(key, "inbox")
    graph.done()
    assert graph.rows()[key]["labels"] == ["inbox"]


@scenario("M13")
def gone_for_ever(graph: GraphTenant) -> None:
    """What was told as gone, and is not found, is gone."""
    keys = [graph.box.put() for _ in range(3)]
    graph.done()
    graph.box.purge(keys[0])
    graph.fault(answering(gets(keys[1]), errors.item_not_found()))
    graph.box.move(keys[1], "archive")
    outcome = graph.done()
    assert outcome.report is not None
    assert outcome.report.removed == 1


@scenario("M14")
def something_unknown_is_gone(graph: GraphTenant) -> None:
    """In the first round as later, word of something that was never seen changes nothing."""
    graph.fault(
        editing(
            first_deltas,
            lambda document: document["value"].append({"id": "AAkX=", "@removed": {"reason": "changed"}}),
        )
    )
    graph.done()
    graph.box.purge(graph.box.put())
    graph.done()
    assert graph.server.requests["get"] == 0


@scenario("M15")
def the_in_place_archive(graph: GraphTenant) -> None:
    """What goes to where we cannot see is no longer held."""
    key = graph.box.put()
    graph.done()
    graph.box.to_in_place_archive(key)
    graph.done()


@scenario("M16")
def folders_come_and_go(graph: GraphTenant) -> None:
    """Folders are known by their ids, whatever they are called and wherever they lie."""
    own = graph.box.folder("A/B: Größe", parent=graph.box.id_of("inbox"))
    graph.box.put(own)
    below_junk = graph.box.folder("Inbox", parent=graph.box.id_of("junkemail"))
    graph.box.put(below_junk)
    graph.done()
    graph.box.folders[own].name = "Drafts"
    later = graph.box.folder("later", parent=own)
    key = graph.box.put(later)
    graph.done()
    graph.box.move(key, "archive")
    graph.box.drop_folder(later)
    graph.done()
    assert key in graph.rows()


@scenario("M16")
def a_folder_goes_during_a_walk(graph: GraphTenant) -> None:
    """The walk of the others goes on."""
    own = graph.box.folder("weg")
    graph.box.put()
    graph.fault(
        after(lambda request: request.path.endswith("/mailFolders/delta"), lambda: graph.box.drop_folder(own))
    )
    graph.done()


@scenario("M17")
def the_tree_is_refused(graph: GraphTenant) -> None:
    """Where the tree cannot be had as a whole its levels are listed."""
    graph.server.knows_tree = False
    own = graph.box.folder("Kunden", parent=graph.box.id_of("inbox"))
    graph.box.put(graph.box.folder("Acme", parent=own))
    graph.done()
    graph.settles = False


@scenario("M18")
def search_folders(graph: GraphTenant) -> None:
    """What a search folder shows lies elsewhere."""
    graph.box.folder("Ungelesen", is_search=True)
    graph.box.put()
    graph.done()
    assert graph.server.requests["delta"] == 4


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


@scenario("M8 reconcile")
def a_walk_left_something_out(graph: GraphTenant) -> None:
    """What no round ever told is found when ids and folders are compared after a week."""
    keys = [graph.box.put() for _ in range(10)]
    graph.done()
    graph.box.purge(keys[0])
    graph.box.move(keys[1], "archive")
    graph.box.put()
    for folder in graph.box.folders.values():
        folder.changes.clear()
    graph.done()
    assert keys[0] in graph.rows()
    graph.wait(days=8)
    graph.done()


def interrupted_after(graph: GraphTenant, *, pages: int) -> None:
    """A run that is stopped after so many pages of a walk."""
    graph.fault(after(deltas, graph.stop.set, skip=pages - 1))
    assert not graph.sync().complete
    graph.server.faults.clear()
    graph.stop.clear()
