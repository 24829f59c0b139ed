"""Making the account list of an export: nothing is written unasked, and nothing that was there is lost."""

from pathlib import Path

import pytest

from mailsignals.config import load_settings
from mailsignals.errors import UserError
from mailsignals.usecases.import_accounts import AccountsImport, import_accounts
from mailsignals.workspace import Workspace
from tests.mailsignals import small_company

EXPORT = "Account ID;Firma;Website;ARR\n-7;=Acme;www.acme.test;1.234,5\nA01;Old;a01.test;9.000,00\n"


def imported(folder: Path, *, write: bool, content: str = EXPORT) -> AccountsImport:
    """What comes of an export in the folder of the small company."""
    (folder / "export.csv").write_text(content, encoding="utf-8")
    settings = load_settings(folder / "config.toml", environ={})
    return import_accounts(
        settings, folder / "export.csv", now=small_company.MIDNIGHT, chosen={}, write=write
    )


def test_a_preview_writes_nothing(company: Path) -> None:
    """It says what would be written, and which accounts would be gone."""
    before = {file.name: file.read_bytes() for file in company.iterdir()}
    found = imported(company, write=False)
    assert (found.written, found.exists, found.copy) == (False, True, None)
    assert found.export.accounts["account_id"].to_list() == ["-7", "A01"]
    assert found.gone == tuple(f"A{number:02}" for number in range(2, 13))
    assert {name: (company / name).read_bytes() for name in before} == before


def test_the_list_as_it_was_is_kept(company: Path) -> None:
    """The new list reads as the export was; each writing keeps a copy of its own."""
    before = (company / "accounts.csv").read_bytes()
    first, second = imported(company, write=True), imported(company, write=True)
    assert first.copy is not None
    assert second.copy is not None
    assert first.copy.read_bytes() == before
    assert second.copy.read_bytes() == (company / "accounts.csv").read_bytes()
    book = Workspace.load(company / "config.toml").book
    assert book.accounts.select("account_id", "name", "arr").rows() == [
        ("-7", "=Acme", 1234.5),
        ("A01", "Old", 9000.0),
    ]
    assert book.domains == {"acme.test": 0, "a01.test": 1}
    assert b"'-7,'=Acme" in (company / "accounts.csv").read_bytes()


def test_there_need_not_be_a_list_yet(company: Path) -> None:
    """A first list is written where the configuration wants it; one that cannot be read is kept as well."""
    (company / "accounts.csv").write_text("not a list", encoding="utf-8")
    found = imported(company, write=True)
    assert found.copy is not None
    assert found.copy.read_text(encoding="utf-8") == "not a list"
    (company / "accounts.csv").unlink()
    found = imported(company, write=True)
    assert (found.exists, found.copy, found.written) == (False, None, True)


@pytest.mark.parametrize("decimal", ["", ",", "."])
@pytest.mark.parametrize("amount", ["1234", "1234.5", "123.456", "0.125", "999999999.99"])
def test_amounts_come_back_as_they_were(company: Path, decimal: str, amount: str) -> None:
    """Whatever decimal mark the configuration names, and also with three decimals, which could be thousands."""
    small_company.add(company, f'[accounts]\ndecimal = "{decimal}"')
    cell = amount.replace(".", decimal or ".")
    content = f"ID;Website;ARR\n1;x.test;{cell}\n2;y.test;{'0,5' if decimal == ',' else '0.5'}\n"
    imported(company, write=True, content=content)
    book = Workspace.load(company / "config.toml").book
    assert book.accounts["arr"].to_list() == [float(amount), 0.5]


def test_an_export_without_accounts_leaves_the_list_alone(company: Path) -> None:
    """Nothing is written where nothing would match."""
    before = (company / "accounts.csv").read_bytes()
    with pytest.raises(UserError, match="nothing to write"):
        imported(company, write=True, content="ID,Website\n1,gmail.com\n")
    assert (company / "accounts.csv").read_bytes() == before
