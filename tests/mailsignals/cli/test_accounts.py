"""``mailsignals accounts``: what its commands show, write and say."""

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
    for word in ("Account Name", "acme.test", "gmail.com", "the customer's own revenue"):
        assert word in ran.out
    assert "Preview only. To replace" in ran.err
    assert (export.parent / "accounts.csv").read_text(encoding="utf-8") == small_company.accounts()


def test_writing_keeps_what_was_there_and_says_where(run: Program, export: Path) -> None:
    """The copy is named, and so are accounts that are not in the export."""
    export.write_text(EXPORT.replace("gmail.com", "free.test"), encoding="utf-8")
    ran = run("accounts", "import", export, "--write", "--column", "arr=Annual Revenue")
    assert ran.status == 0
    (copy,) = export.parent.glob("accounts.csv.*.bak")
    assert copy.name in ran.err
    assert "but not in the export: " in ran.err
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
        (("export.csv", "--column", "arr=a", "--column", "arr=b"), ("arr is given twice",)),
        (("export.csv", "--column", "arr=Nothing"), ("export.csv", "'Nothing'", "Website")),
        (("nothing.csv",), ("nothing.csv", "does not exist")),
        ((), ("FILE",)),
    ],
)
def test_what_cannot_be_done_is_refused(
    run: Program, export: Path, arguments: tuple[str, ...], names: tuple[str, ...]
) -> None:
    """What was typed is named, with what is there."""
    run("accounts", "import", *arguments).refused(*names)


def with_history(folder: Path, *lines: str) -> None:
    """Give the company a history file."""
    text = "\n".join(["account_id,field,value,valid_from,seen_at", *lines])
    (folder / "history.csv").write_text(f"{text}\n", encoding="utf-8")
    with (folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write('\n[accounts]\nhistory_file = "history.csv"\n')


def test_the_history_shows_each_value_with_both_dates(run: Program, stocked: Path) -> None:
    """For people with a word for what is empty or unknown, for programs as it is kept."""
    with_history(stocked, "A01,arr,500,2025-01-01,2025-02-03")
    ran = run("accounts", "history", "A01")
    assert ran.status == 0
    lines = [line.split() for line in ran.out.splitlines()]
    assert ["A01", "arr", "500", "2025-01-01", "2025-02-03"] in lines
    assert [line[2] for line in lines if line[1] == "arr"] == ["500", "1,000"]
    assert "(empty)" in ran.out
    assert "the start is unknown" in ran.err
    rows = run("--json", "accounts", "history", "A01").json
    assert [row["value"] for row in rows if row["field"] == "arr"] == ["500.0", "1000.0"]
    assert {row["account_id"] for row in run("--json", "accounts", "history").json} > {"A01", "A12"}
    assert run("accounts", "history", "--output", "out.csv").status == 0
    assert (
        (stocked / "out.csv")
        .read_text(encoding="utf-8")
        .startswith("account_id,field,value,valid_from,seen_at")
    )


def test_an_account_that_is_not_there_is_named(run: Program, stocked: Path) -> None:
    """With the nearest one that is."""
    run("accounts", "history", "A0l").refused("A0l", "accounts.csv", "did you mean A10?")


def test_a_broken_history_is_said_by_check_line_by_line_and_stops_nothing(
    run: Program, stocked: Path
) -> None:
    """Other commands say the first problem, in one line, and go on."""
    with_history(stocked, "A01,tier,goldd,2025-01-01,", "nobody,arr,1,2025-01-01,", "A02,arr,1,2025-01-01,")
    ran = run("check")
    assert ran.status == 3
    assert "history.csv, line 2: account A01: tier 'goldd' is not defined (did you mean gold?)" in ran.err
    assert "history.csv, line 3: account nobody is not in the account list" in ran.err
    assert "1 value of 1 account" in ran.err
    problems = [row["problem"] for row in run("--json", "check").json["account_history"]]
    assert [problem.partition(":")[0] for problem in problems] == [
        "history.csv, line 2",
        "history.csv, line 3",
    ]
    for words in (
        ("sla", "--from", "2026-01-01", "--to", "2026-03-02"),
        ("status",),
        ("accounts", "history"),
    ):
        ran = run(*words)
        assert ran.status == 0
        assert ran.err.count("history.csv, line 2") == 1
        assert "1 more: `mailsignals check` lists them" in ran.err


def test_a_missing_history_is_said(run: Program, stocked: Path) -> None:
    """The past is unknown then, and everything else works."""
    with_history(stocked)
    (stocked / "history.csv").unlink()
    assert "history.csv does not exist" in run("status").err
    assert run("check").status == 3
