"""Contact forms of the configuration beside the account list."""

from pathlib import Path

import pytest

from mailsignals.errors import UserError
from mailsignals.workspace import Workspace

ACCOUNTS = "account_id,domains,contacts\nA1,northwind.test,\nA2,,kim.lee@gmail.com;web@us.example\n"


def load(folder: Path, forms: str) -> Workspace:
    """A company with these contact forms."""
    (folder / "accounts.csv").write_text(ACCOUNTS)
    text = f'[company]\nname = "Us"\ndomains = ["us.example"]\nforms = [{forms}]\n'
    (folder / "config.toml").write_text(text)
    return Workspace.load(folder / "config.toml")


@pytest.mark.parametrize(
    ("form", "account"),
    [("lee@northwind.test", "A1"), ("kimlee@googlemail.com", "A2"), ("web@us.example", "A2")],
)
def test_a_customer_is_no_contact_form(form: str, account: str, tmp_path: Path) -> None:
    """The error names the key, the address, the account and the list that claims it, also one at our own domain."""
    with pytest.raises(UserError, match=rf"company\.forms: .* belongs to account {account} of accounts\.csv"):
        load(tmp_path, f'"{form}"')


def test_other_addresses_may_be_contact_forms(tmp_path: Path) -> None:
    """Ours, and those of a provider of forms."""
    workspace = load(tmp_path, '"website@us.example", "form@forms.test"')
    assert workspace.settings.our_company.forms == {"website@us.example", "form@forms.test"}
