"""Accounts by number."""

import polars as pl
import pytest

from mailsignals.accounts.book import numbered_accounts

LIST = pl.DataFrame({"account_id": ["A", "B"], "name": ["x", "y"], "account": ["old-1", "old-2"]})


@pytest.mark.parametrize("columns", [["name"], ["account_id", "name"]])
def test_a_further_column_may_have_any_name(columns: list[str]) -> None:
    """The number of a row is its position, also where the file has a column that is called ``account``."""
    found = numbered_accounts(LIST, columns)
    assert found.columns == ["account", *columns]
    assert found["account"].to_list() == [0, 1]
    assert found["account"].dtype == pl.UInt32
