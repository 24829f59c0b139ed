"""Requests for what is not one's own are written down, and counted per person."""

import datetime as dt
from collections import Counter

import polars as pl
import pytest

from mailsignals.store.tables.audit import Audit
from tests.mailsignals.web.access.conftest import PROXY, Dashboard, as_person, csm_of
from tests.mailsignals.web.access.test_audit import entries
from tests.mailsignals.web.conftest import NOW


@pytest.mark.scenario("refused-requests-audited")
def test_requests_for_another_s_account_are_written_down(proxied: Dashboard) -> None:
    """On pages, in the API and in its filters: who, from where, which account, and that it is another's."""
    csm = csm_of(proxied.company)
    book = proxied.company.book.accounts
    other = str(book.filter(pl.col("csm") != csm)["account_id"][0])
    before = entries(proxied, csm)
    paths = (
        f"/accounts/{other}",
        f"/api/v1/accounts/{other}",
        f"/api/v1/accounts/{other}/history",
        f"/api/v1/flags?account_id={other}",
        f"/api/v1/signals?account_id={other}&window_days=30",
        "/accounts/no-such-account",
    )
    for path in paths:
        assert other not in proxied.client.get(path, headers=as_person(csm)).text.replace(path, ""), path
    proxied.client.get("/sla/tickets/no-such-ticket", headers=as_person(csm))
    found = entries(proxied, csm) - before
    expected = [
        ("refused", path.partition("?")[0], other, "another CSM's account") for path in paths[:-1]
    ] + [
        ("refused", paths[-1], "no-such-account", "no such account"),
        ("refused", "/sla/tickets/no-such-ticket", None, "no such ticket"),
    ]
    assert Counter(
        {(k, w, a, d, at, way, client): n for (k, w, a, _, d, at, way, client), n in found.items()}
    ) == (Counter((*entry, NOW, "proxy", PROXY) for entry in expected))


@pytest.mark.scenario("refused-requests-audited")
def test_ticket_of_another_names_its_account(proxied: Dashboard) -> None:
    """A CSM who opens the ticket of another's account is refused, and the entry names the account."""
    csm = csm_of(proxied.company)
    edition = proxied.access.site.shelf.newest()
    assert edition is not None
    others = edition.table("accounts").filter(pl.col("csm") != csm)["account"]
    rows = edition.scan("sla_tickets").filter(pl.col("account").is_in(others.implode())).head(1).collect()
    path = f"/sla/tickets/{rows['ticket'][0]}"
    assert proxied.client.get(path, headers=as_person(csm)).status_code == 404
    (entry,) = proxied.audit(csm).filter(pl.col("what") == path).to_dicts()
    assert (entry["kind"], entry["detail"]) == ("refused", "a ticket of another CSM's account")
    owned = edition.table("accounts").filter(pl.col("account") == rows["account"][0])["account_id"][0]
    assert entry["account_id"] == owned


@pytest.mark.scenario("refused-requests-audited")
def test_refusals_are_counted_per_person(proxied: Dashboard) -> None:
    """In the last day, also where they wait to be written; unknown visitors and failed sign-ins are not people."""
    csm = csm_of(proxied.company)
    table = Audit(proxied.company.settings.store.path)
    proxied.access.auditor.flush()
    before = table.refusals(since=NOW, until=NOW).get(csm, 0)
    for _ in range(7):
        proxied.client.get("/accounts/no-such-account", headers=as_person(csm))
    proxied.client.get("/accounts", headers={"Host": "evil.test"})
    proxied.client.get("/accounts")
    assert table.refusals(since=NOW, until=NOW).get(csm, 0) == before  # no write for each of them
    proxied.access.auditor.flush()
    counted = table.refusals(since=NOW, until=NOW)
    assert counted[csm] == before + 7
    assert "" not in counted
    assert table.refusals(since=NOW + dt.timedelta(seconds=1), until=NOW + dt.timedelta(days=1)) == {}
    assert (proxied.audit("")["detail"] == "unknown host name").any()
