"""Mail that was removed by age does not come back with the next sync, unless it is kept for longer by then."""

import datetime as dt

import pytest

from mailsignals.config import Settings
from mailsignals.store import Store
from mailsignals.sync.providers import horizon
from tests.scenarios.gmail_tenant import GmailTenant
from tests.scenarios.graph_tenant import GraphTenant

DAYS = 100


def settings(mail_days: int) -> Settings:
    """A configuration that keeps mail for so many days."""
    document = {
        "company": {"name": "Us", "domains": ["us.test"]},
        "retention": {"mail_days": mail_days},
    }
    return Settings.model_validate(document)


def keep(tenant: GmailTenant | GraphTenant, mail_days: int) -> None:
    """From now on mail is kept for so many days; what is older goes, and sources are read as a run does it."""
    now, found = tenant.clock.now(), settings(mail_days)
    tenant.options["horizon"] = horizon(found, 0, now=now)
    since = found.retention.mail_since(now)
    with Store.open(tenant.folder, mode="write") as store:
        store.retention.extend_history(since)
        store.retention.prune(mail=since, records=None, feedback=store.feedback.frame(), at=now)


def ages(tenant: GmailTenant | GraphTenant) -> list[int]:
    """How many days old the stored messages are."""
    with Store.open(tenant.folder, mode="read") as store:
        sent = store.messages().collect()["sent_at"].to_list()
    return sorted((tenant.clock.now() - at).days for at in sent)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_gmail_does_not_bring_removed_mail_back(gmail: GmailTenant) -> None:
    """Neither following the history, nor comparing all ids, nor a lost bookmark; what is wanted again comes."""
    now = gmail.clock.now()
    gmail.box.fill(DAYS, end=now, gap=dt.timedelta(days=1))
    gmail.done()
    assert len(ages(gmail)) == DAYS
    keep(gmail, 30)
    assert len(ages(gmail)) == 31
    gmail.done()
    gmail.wait(days=8)
    keep(gmail, 30)
    gmail.box.deliver()
    gmail.done()
    assert len(ages(gmail)) == 24
    assert max(ages(gmail)) <= 30
    with Store.open(gmail.folder, mode="write") as store:
        store.forget_cursor("gmail", "ana@us.test", "ana@us.test")
    gmail.done()
    assert len(ages(gmail)) == 24
    keep(gmail, 0)
    gmail.done()
    assert len(ages(gmail)) == DAYS + 1
    gmail.assert_true()


@pytest.mark.slow
def test_microsoft_365_does_not_bring_removed_mail_back(graph: GraphTenant) -> None:
    """Neither changes of old mail, nor comparing all ids, nor a lost bookmark; what is wanted again comes."""
    now = graph.clock.now()
    for day in range(DAYS):
        instant = f"{now - dt.timedelta(days=day):%Y-%m-%dT%H:%M:%SZ}"
        graph.box.put(receivedDateTime=instant, sentDateTime=instant)
    graph.done()
    assert len(ages(graph)) == DAYS
    keep(graph, 30)
    assert len(ages(graph)) == 31
    graph.done()
    graph.wait(days=8)
    keep(graph, 30)
    graph.done()
    assert len(ages(graph)) == 23
    with Store.open(graph.folder, mode="write") as store:
        store.forget_cursor("microsoft365", "ana@us.test", "ana@us.test")
    graph.done()
    assert len(ages(graph)) == 23
    keep(graph, 0)
    graph.done()
    assert len(ages(graph)) == DAYS
    graph.assert_true()
