"""M9 to M18: what happens to messages and folders from one run to the next."""

from tests.scenarios.graph_faults import (
    after,
    answering,
    editing,
    first_deltas,
    gets,
)
from tests.scenarios.graph_table import scenario
from tests.scenarios.graph_tenant import GraphTenant
from tests.support.graph import errors

ELSEWHERE = "{}v1.0/users/ana@us.test/mailFolders/x/messages/delta"


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
    """In the first round as later, what left a folder and was never seen is requested once: it may be elsewhere."""
    graph.fault(
        editing(
            first_deltas,
            lambda document: document["value"].append({"id": "AAkX=", "@removed": {"reason": "changed"}}),
        )
    )
    graph.done()
    assert graph.server.requests["get"] == 1
    graph.box.purge(graph.box.put())
    graph.done()
    graph.done()
    assert graph.server.requests["get"] == 2


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
