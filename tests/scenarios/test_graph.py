from collections.abc import Callable

import pytest

from tests.scenarios import (  # noqa: F401  # they fill the table
    graph_broken,
    graph_messages,
    graph_moves,
    graph_states,
    graph_walks,
)
from tests.scenarios.graph_table import scenario
from tests.scenarios.graph_tenant import GraphTenant


@pytest.mark.slow
@pytest.mark.parametrize("number", scenario.scenarios)
def test_graph(graph: GraphTenant, number: str) -> None:
    """After each scenario the store holds what the mailbox holds, and a further run changes nothing."""
    play: Callable[[GraphTenant], None] = scenario.scenarios[number]
    play(graph)
    graph.server.faults.clear()
    graph.assert_true(graph.addresses)
    graph.assert_settled(graph.addresses)
