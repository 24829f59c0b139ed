"""``mailsignals accounts import``: what it shows, writes and says."""

from pathlib import Path

import pytest

from tests.mailsignals import small_company
from tests.mailsignals.cli.program import Program

EXPORT = "Account ID,Account Name,Website,Annual Revenue\n1,Acme,www.acme.test,5\n2,Free,gmail.com,6\n"


@pytest.fixture
def export(company: Path) -> Path:
    """An export of which one account can match mail and one can't."""
    file = company / "export.csv"
    file.write_text(EXPORT, encoding="utf-8")
    return file


def test_a_preview_shows_columns_accounts_and_what_is_left_out(run: Program, export: Path) -> None:
    """Nothing is written; an account that was left out makes it an import in part (3)."""
    ran = run("accounts", "import", export)
    assert ran.status == 3
    for word in ("Account Name", "acme.test", "gmail.com", "how much the customer earns"):
        assert word in ran.out
    assert "Nothing was written: --write replaces" in ran.err
    assert (export.parent / "accounts.csv").read_text(encoding="utf-8") == small_company.accounts()


def test_writing_keeps_what_was_there_and_says_where(run: Program, export: Path) -> None:
    """The copy is named, and so are accounts that are not in the export."""
    export.write_text(EXPORT.replace("gmail.com", "free.test"), encoding="utf-8")
    ran = run("accounts", "import", export, "--write", "--column", "arr=Annual Revenue")
    assert ran.status == 0
    (copy,) = export.parent.glob("accounts.csv.*.bak")
    assert copy.name in ran.err
    assert "Not in the export, but in" in ran.err
    assert copy.read_text(encoding="utf-8") == small_company.accounts()
    assert run("check").status == 0


def test_json_holds_everything(run: Program, export: Path) -> None:
    """Columns, accounts and what was left out, each a list of objects."""
    found = run("accounts", "import", export, "--json").json
    assert [row["account_id"] for row in found["accounts"]] == ["1"]
    assert [row["field"] for row in found["columns"]] == ["account_id", "name", "domains", None]
    assert {row["line"] for row in found["left_out"]} == {3}
    assert run("accounts", "import", export, "--quiet").err == ""


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("export.csv", "--column", "arr"), ("--column arr", "FIELD=COLUMN")),
        (("export.csv", "--column", "arr=a", "--column", "arr=b"), ("arr stands twice",)),
        (("export.csv", "--column", "arr=Nothing"), ("export.csv", "'Nothing'", "Website")),
        (("nothing.csv",), ("nothing.csv", "no such file")),
        ((), ("FILE",)),
    ],
)
def test_what_cannot_be_done_is_refused(
    run: Program, export: Path, arguments: tuple[str, ...], names: tuple[str, ...]
) -> None:
    """What was typed is named, with what is there."""
    run("accounts", "import", *arguments).refused(*names)
