"""Filters and orders that all lists share."""

from pathlib import Path

import polars as pl
import pytest

from mailsignals.errors import UserError
from mailsignals.usecases.account_choice import (
    AccountChoice,
    chosen_accounts,
    chosen_rows,
    chosen_tickets,
    sorted_rows,
)
from tests.mailsignals import small_company
from tests.mailsignals.usecases.offices import loaded

ACCOUNTS = pl.DataFrame(
    {
        "account_id": ["A", "B", "C", "D"],
        "name": ["zeta", "Alpha", None, "mu"],
        "csm": ["ana@us.test", "Ana@us.test", "bo@us.test", None],
        "tier": ["gold", "small", "gold", None],
    }
)
ROWS = pl.DataFrame({"account_id": ["D", "B", "B", "A"], "risk": [0.1, None, 0.3, 0.2]})


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (AccountChoice(), ["A", "B", "C", "D"]),
        (AccountChoice(csm="ANA@us.test "), ["A", "B"]),
        (AccountChoice(tier="Gold"), ["A", "C"]),
        (AccountChoice(csm="ana@us.test", tier="small"), ["B"]),
        (AccountChoice(account="c"), ["C"]),
        (AccountChoice(limit=1), ["A", "B", "C", "D"]),
    ],
)
def test_accounts_are_chosen_by_csm_tier_and_id(wanted: AccountChoice, ids: list[str]) -> None:
    """In any case of letters, all conditions together; the limit is for rows."""
    assert chosen_accounts(ACCOUNTS, wanted)["account_id"].to_list() == ids
    assert wanted.narrows == (len(ids) < 4)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (
            AccountChoice(csm="cy@us.test"),
            r"--csm cy@us\.test: no account has this CSM\. The account list has Ana@us",
        ),
        (
            AccountChoice(tier="golden"),
            r"--tier golden: no account has this tier\. The account list has gold, small",
        ),
        (AccountChoice(account="AA"), r"--account AA: no such account"),
        (AccountChoice(csm="bo@us.test", tier="small"), r"--tier small: no account has this tier"),
    ],
)
def test_a_choice_of_no_account_is_refused(wanted: AccountChoice, words: str) -> None:
    """With the values that there are."""
    with pytest.raises(UserError, match=words):
        chosen_accounts(ACCOUNTS, wanted)


def test_rows_keep_their_order() -> None:
    """A list is narrowed, not sorted, by a filter."""
    assert chosen_rows(ROWS, ACCOUNTS, AccountChoice(csm="ana@us.test"))["account_id"].to_list() == [
        "B",
        "B",
        "A",
    ]
    assert chosen_rows(ROWS, ACCOUNTS, AccountChoice()) is ROWS


def test_rows_are_sorted_with_unknown_values_last() -> None:
    """Names in any case of letters, an id in the place of a missing one."""
    assert sorted_rows(ROWS, "risk", largest_first=True)["risk"].to_list() == [0.3, 0.2, 0.1, None]
    assert sorted_rows(ROWS, "risk")["risk"].to_list() == [0.1, 0.2, 0.3, None]
    assert sorted_rows(ACCOUNTS, "name")["account_id"].to_list() == ["B", "C", "D", "A"]


def test_tickets_of_an_account_are_those_with_its_cases(stocked: Path) -> None:
    """Every case belongs to a ticket that is left; without a filter nothing changes."""
    workspace = loaded(stocked)
    with workspace.at(workspace.instant(small_company.AS_OF, now=small_company.MIDNIGHT)) as snapshot:
        whole = chosen_tickets(snapshot, AccountChoice())
        assert whole is snapshot.tickets
        number = whole.tickets["account"][0]
        found = chosen_tickets(snapshot, AccountChoice(account=snapshot.accounts["account_id"][number]))
    assert found.tickets["account"].unique().to_list() == [number]
    assert 0 < found.tickets.height < whole.tickets.height
    assert set(found.cases["conversation"]) <= set(found.tickets["conversation"])
    assert found.cases.height > 0
