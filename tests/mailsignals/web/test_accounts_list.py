"""The list of accounts: what its address shows to whom, and what its table holds of flags and of a week ago."""

import polars as pl
import pytest
from starlette.testclient import TestClient

from mailsignals.flags.flags import HELD_BACK
from mailsignals.readmodel.editions import EditionStore
from mailsignals.readmodel.roles import Role
from mailsignals.readmodel.tables.accounts import as_shown, week_ago
from mailsignals.workspace import Workspace
from tests.mailsignals.flags import records
from tests.mailsignals.web.conftest import NOW
from tests.mailsignals.web.viewers import seen_by

TODAY = NOW.date()


def test_a_flag_that_is_held_back_leaves_no_trace() -> None:
    """Its account stands at medium risk, with no word that tells it from others."""
    rows = pl.DataFrame(
        {
            "level": ["high", "high", "low"],
            "hidden_because": [HELD_BACK, "snoozed", HELD_BACK],
            "news": [None, None, None],
            "flagged_on": [TODAY, TODAY, TODAY],
        },
        schema_overrides={"news": pl.String},
    )
    assert as_shown(rows).rows() == [
        ("medium", None, None, None),
        ("high", "snoozed", None, None),
        ("low", None, None, None),
    ]


@pytest.mark.parametrize(
    ("recorded", "found"), [([0, 6, 7, 9], 7), ([8, 13], 8), ([6, 14], None), ([], None)]
)
def test_a_week_ago_is_the_last_day_recorded_by_then(recorded: list[int], found: int | None) -> None:
    """Of the seven days that end a week ago the newest; what is older is not a week ago."""
    days = [records.recorded("h", start=-ago) for ago in recorded]
    scores = pl.concat([records.recorded(""), *days])
    expected = [] if found is None else [records.on(-found)]
    assert week_ago(scores, records.on(0))["week_on"].to_list() == expected


def test_the_address_holds_all_that_is_chosen(client: TestClient, company: Workspace) -> None:
    """The same address shows the same list: filters are set in the form, and links keep them."""
    edition = EditionStore(company.settings.store.path).newest()
    assert edition
    tier = edition.table("accounts")["tier"].drop_nulls()[0]
    page = client.get("/accounts", params={"tier": tier, "sort": "arr", "renewal": "90"}).text
    assert f'<option value="{tier}" selected>' in page
    assert '<option value="90" selected>' in page
    assert 'aria-sort="descending"' in page
    assert f"/accounts?tier={tier.replace(' ', '+')}&amp;renewal=90&amp;sort=arr&amp;order=asc" in page


@pytest.mark.parametrize(
    "query", ["sort=nonsense", "page=0", "page=99999", "renewal=x", "level=%00", "q=" + "x" * 9999]
)
def test_an_address_that_makes_no_sense_shows_a_list_all_the_same(client: TestClient, query: str) -> None:
    """What cannot be meant is left out."""
    assert client.get(f"/accounts?{query}").status_code == 200


def test_a_csm_finds_own_accounts_on_the_page(company: Workspace) -> None:
    """The list of a CSM has their accounts and no others, also when the address asks for others."""
    edition = EditionStore(company.settings.store.path).newest()
    assert edition
    rows = edition.table("accounts")
    csm = rows["csm"].drop_nulls()[0]
    page = seen_by(company, csm, Role.CSM).get("/accounts?state=all").text
    for account_id, own in rows.select("account_id", pl.col("csm") == csm).iter_rows():
        assert (f'href="/accounts/{account_id}"' in page) == bool(own)
    other = seen_by(company, "nobody@elsewhere.test", Role.CSM).get(f"/accounts?csm={csm}").text
    assert "No accounts have you as their CSM." in other


@pytest.mark.parametrize("role", [Role.LEAD, Role.OPERATOR])
@pytest.mark.parametrize("path", ["/accounts", "/accounts.csv", "/accounts/A001", "/accounts/A001/mails"])
def test_who_is_neither_csm_nor_head_gets_no_further(company: Workspace, role: Role, path: str) -> None:
    """Support leads and operators have pages of their own."""
    assert seen_by(company, "x@us.test", role).get(path).status_code == 403
