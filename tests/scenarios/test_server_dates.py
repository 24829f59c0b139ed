"""Both providers keep the date of their server's answers, whatever this machine's clock shows."""

import datetime as dt

import pytest

from connectors.transport.server_dates import ReportsDates
from mailsignals import clock
from tests.scenarios.gmail_tenant import GmailTenant
from tests.scenarios.graph_tenant import GraphTenant

pytestmark = pytest.mark.scenario("clock-jumps")


def test_gmail_keeps_the_date_of_its_answers(gmail: GmailTenant) -> None:
    """The clock of the program is one that moves only when somebody waits."""
    _check(gmail)


def test_graph_keeps_the_date_of_its_answers(graph: GraphTenant) -> None:
    """As Gmail does."""
    _check(graph)


def _check(tenant: GmailTenant | GraphTenant) -> None:
    provider = tenant.provider()
    assert isinstance(provider, ReportsDates)
    (mailbox,) = provider.mailboxes()
    assert provider.check(mailbox).error is None
    provider.close()
    last = provider.dates.last
    assert last is not None
    assert abs(last.date_at - clock.now()) < dt.timedelta(minutes=5)
    assert last.noted_at == tenant.clock.now()
