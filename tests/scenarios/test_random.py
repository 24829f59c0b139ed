"""Whatever happens to a mailbox, in whatever order, the store ends where the mailbox is."""

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.scenarios import graph_faults
from tests.scenarios.gmail_tenant import GmailTenant
from tests.scenarios.graph_tenant import GraphTenant
from tests.support.gmail import batch_faults, faults
from tests.support.gmail.clock import ManualClock
from tests.support.gmail.matching import batches, gets, histories, lists
from tests.support.gmail.server import GmailServer
from tests.support.graph import errors
from tests.support.graph.server import GraphServer

PLANS = st.lists(
    st.tuples(
        st.integers(0, 2**32), st.integers(0, 12), st.sampled_from(["run", "stop", "fault", "expire", "week"])
    ),
    min_size=1,
    max_size=7,
)


def happen_in_gmail(gmail: GmailTenant, chance: random.Random) -> None:
    """Something happens in the mailbox."""
    box = gmail.box
    names = [message.id for message in box.store]
    arrivals: list[Callable[[], object]] = [box.deliver, box.send, box.chat, box.draft, box.send_to_self]
    if not names or chance.random() < 0.5:
        chance.choice(arrivals)()
        return
    name = chance.choice(names)
    if name in box.drafts.values():
        draft = next(draft for draft, message in box.drafts.items() if message == name)
        chance.choice([box.autosave, box.send_draft])(draft)
        return
    chance.choice([box.trash, box.untrash, box.spam, box.unspam, box.purge, box.archive])(name)


def trouble_in_gmail(gmail: GmailTenant, chance: random.Random) -> None:
    """Something goes wrong for a while."""
    gmail.fault(
        chance.choice(
            [
                faults.unavailable(batches),
                faults.internal_error(gets(), times=3),
                faults.cut_json(lists),
                faults.too_many_concurrent(gets(), times=4),
                faults.not_found(gets(), times=2),
                faults.minute_used_up(histories),
                batch_faults.parts_missing(),
                batch_faults.truncated(),
                batch_faults.content_id_of_another()
                if len(gmail.box.store) > 40
                else faults.bad_gateway(lists),
            ]
        )
    )


# The vendor's client opens a connection of its own to renew a token within a batch, and leaves it open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(plan=PLANS)
def test_gmail_ends_where_the_mailbox_is(
    tmp_path_factory: pytest.TempPathFactory, plan: list[tuple[int, int, str]]
) -> None:
    """Incremental runs come to the same as one that reads everything anew, whatever happened in between."""
    clock, folder = ManualClock(), tmp_path_factory.mktemp("gmail")
    with GmailServer(now=clock.now).running() as server:
        gmail = GmailTenant(server, clock, folder / "store")
        for seed, operations, then in plan:
            chance = random.Random(seed)
            for _ in range(operations):
                happen_in_gmail(gmail, chance)
            if then == "stop":
                gmail.fault(faults.after(chance.choice([lists, batches, histories]), gmail.stop.set))
            elif then == "fault":
                trouble_in_gmail(gmail, chance)
            elif then == "expire":
                gmail.box.history.expire(also_newest=chance.random() < 0.3)
            elif then == "week":
                gmail.wait(days=8)
            gmail.sync()
            gmail.stop.clear()
            server.faults.clear()
        gmail.wait(days=8)  # what was set aside is asked for again, and everything is compared
        gmail.done()
        gmail.assert_true()
        gmail.assert_settled()
        before = gmail.rows()
        gmail.folder = folder / "anew"
        gmail.done()
        assert _sorted(gmail.rows()) == _sorted(before)


def _sorted(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Labels are a set."""
    same = [row | {"labels": sorted(row["labels"])} for row in rows]  # type: ignore[call-overload]
    return sorted(same, key=lambda row: str(row["provider_id"]))


def happen_in_graph(graph: GraphTenant, chance: random.Random) -> None:
    """Something happens in the mailbox."""
    box = graph.box
    own = [folder.id for folder in box.folders.values() if folder.well_known is None]
    if not box.items or chance.random() < 0.45:
        arrivals: list[Callable[[], object]] = [
            box.put,
            lambda: box.put("sentitems"),
            box.draft,
            lambda: box.put("junkemail"),
            lambda: box.folder("Kunden", parent=box.id_of(chance.choice(["inbox", "junkemail"]))),
        ]
        chance.choice(arrivals)()
        return
    key = chance.choice(list(box.items))
    if box.items[key].fields["isDraft"]:
        box.send(key)
        return
    target = chance.choice([*own, "inbox", "archive", "deleteditems", "junkemail"])
    changes: list[Callable[[], object]] = [
        lambda: box.move(key, target),
        lambda: box.purge(key),
        lambda: box.change(key, isRead=True),
    ]
    chance.choice(changes)()


def trouble_in_graph(graph: GraphTenant, chance: random.Random) -> None:
    """Something goes wrong for a while."""
    matches = chance.choice([graph_faults.deltas, graph_faults.gets()])
    graph.fault(
        chance.choice(
            [
                graph_faults.answering(matches, errors.throttled("2"), times=2),
                graph_faults.answering(matches, errors.graph_error(503, "ServiceUnavailable"), times=3),
                graph_faults.spoiling(matches, graph_faults.cut, times=2),
                graph_faults.answering(graph_faults.later_deltas, errors.stale("resyncRequired", 410)),
            ]
        )
    )


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(plan=PLANS)
def test_microsoft_365_ends_where_the_mailbox_is(
    tmp_path_factory: pytest.TempPathFactory, plan: list[tuple[int, int, str]]
) -> None:
    """Incremental runs come to the same as one that reads everything anew, whatever happened in between."""
    clock, folder = ManualClock(), tmp_path_factory.mktemp("graph")
    with GraphServer(now=clock.now).running() as server:
        graph = GraphTenant(server, clock, folder / "store")
        for seed, operations, then in plan:
            chance = random.Random(seed)
            for _ in range(operations):
                happen_in_graph(graph, chance)
            if then == "stop":
                graph.fault(graph_faults.after(graph_faults.deltas, graph.stop.set, skip=chance.randrange(4)))
            elif then == "fault":
                trouble_in_graph(graph, chance)
            elif then == "expire":
                server.links.expire()
            elif then == "week":
                graph.wait(days=8)
            graph.sync()
            graph.stop.clear()
            server.faults.clear()
        graph.wait(days=8)
        graph.done()
        graph.assert_true()
        graph.settles = False
        graph.assert_settled()
        before = graph.rows()
        graph.folder = folder / "anew"
        graph.done()
        assert graph.rows() == before
