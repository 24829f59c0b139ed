from collections.abc import Callable

import pytest

from tests.scenarios import (  # noqa: F401  # they fill the table
    gmail_doubts,
    gmail_faults,
    gmail_history,
    gmail_listing,
    gmail_states,
)
from tests.scenarios.gmail_table import scenario
from tests.scenarios.gmail_tenant import GmailTenant


# The vendor's client opens a connection of its own to renew a token within a batch, and leaves it open.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("number", scenario.scenarios)
def test_gmail(gmail: GmailTenant, number: str) -> None:
    """After each scenario the store holds what the mailbox holds, and a further run changes nothing."""
    play: Callable[[GmailTenant], None] = scenario.scenarios[number]
    play(gmail)
    gmail.server.faults.clear()
    gmail.assert_true(gmail.addresses)
    gmail.assert_settled(gmail.addresses)
