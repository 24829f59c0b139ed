"""Names of people, and the currency of amounts."""

from pathlib import Path

import pytest

from mailsignals.errors import UserError
from mailsignals.workspace import Workspace

COMPANY = '[company]\nname = "Us"\ndomains = ["us.example"]\n'
PEOPLE = '[[people]]\naddress = "ana@us.example"\naliases = ["ana@old.example"]\nname = "Ana Beck"\n'


def load(folder: Path, config: str) -> Workspace:
    """A company with one account, whose contact and CSM have names in the list."""
    (folder / "accounts.csv").write_text(
        "account_id,csm,contacts\nA1,A. B. <ana@us.example>,Kim Lee <kim@northwind.test>;x@northwind.test\n"
    )
    (folder / "config.toml").write_text(COMPANY + config)
    return Workspace.load(folder / "config.toml")


def test_names_come_from_the_configuration_and_from_the_account_list(tmp_path: Path) -> None:
    """The configuration goes first; another address of a person has their name, too."""
    names = load(tmp_path, PEOPLE).names
    assert names.of("ana@us.example") == names.of("ana@old.example") == "Ana Beck"
    assert names.of("kim@northwind.test") == "Kim Lee"
    assert names.of("x@northwind.test") == "x@northwind.test"


def test_the_account_list_names_a_csm_that_the_configuration_does_not(tmp_path: Path) -> None:
    """No entry of [[people]] is needed."""
    assert load(tmp_path, "").names.of("ana@us.example") == "A. B."


def test_the_currency_is_a_code(tmp_path: Path) -> None:
    """Its case does not matter; anything else is named with what to write."""
    assert load(tmp_path, '[accounts]\ncurrency = "eur"\n').settings.accounts.currency == "EUR"
    with pytest.raises(
        UserError, match=r"accounts\.currency: '€' is not a currency code; use the three letters"
    ):
        load(tmp_path, '[accounts]\ncurrency = "€"\n')
