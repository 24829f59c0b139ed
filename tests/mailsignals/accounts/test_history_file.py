"""The past of the account list in a file: how it is read, and what is said of what is wrong in it."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from mailsignals.accounts.agreement import Notation
from mailsignals.accounts.dated import FACT_SCHEMA
from mailsignals.accounts.history_file import History, HistoryRules, read_history
from mailsignals.schema import BOOK_SCHEMA

LISTED = pl.DataFrame(
    [
        {**dict.fromkeys(BOOK_SCHEMA), "account_id": name, "name": name, "region": "EMEA"}
        for name in ("A1", "A2", "B-100")
    ],
    schema={**BOOK_SCHEMA, "region": pl.String()},
)
RULES = HistoryRules(
    book=LISTED,
    tiers=("enterprise", "small"),
    timezone="Europe/Berlin",
    csms={"ana silva": "ana@us.example"},
)
HEAD = "account_id,field,value,valid_from,seen_at\n"


def read(folder: Path, content: str | bytes, rules: HistoryRules = RULES) -> History:
    """The history in a file with this content."""
    file = folder / "history.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_history(file, rules)


def rows(history: History) -> list[tuple[object, ...]]:
    """What it says, without the instants."""
    assert history.facts.schema == FACT_SCHEMA
    return history.facts.drop("seen_at").rows()


def problems(folder: Path, lines: str, rules: HistoryRules = RULES) -> list[str]:
    """The problems of some lines, without the file's name."""
    found = read(folder, HEAD + lines, rules).problems
    assert all(text.startswith(f"{folder / 'history.csv'}, line ") for text in found)
    return [text.removeprefix(f"{folder / 'history.csv'}, ") for text in found]


def test_every_field_is_read_as_in_the_list(tmp_path: Path) -> None:
    """Tiers in any case, CSMs by name, amounts and days in their notation, further columns as they are."""
    history = read(
        tmp_path,
        HEAD
        + "A1,tier,Enterprise,2024-01-31,\nA1,csm,Ana Silva,2024-01-31,\nA1,arr,1.200,2024-01-31,\n"
        "A1,ARR,€ 1.500.50,2025-01-31,\n".replace("1.500.50", "1500.50").replace("1.200", "1200")
        + "A1,renewal_on,31.12.2025,2024-01-31,\nA1,churned_on,,2024-01-31,\nA1,Region,APAC,2024-01-31,\n"
        "A1,stage,trial,2024-01-31,\nA1,name,,2024-01-31,\n",
    )
    assert history.problems == []
    day = dt.date(2024, 1, 31)
    assert rows(history) == [
        ("A1", "tier", "enterprise", day),
        ("A1", "csm", "ana@us.example", day),
        ("A1", "arr", "1200.0", day),
        ("A1", "arr", "1500.5", dt.date(2025, 1, 31)),
        ("A1", "renewal_on", "2025-12-31", day),
        ("A1", "churned_on", None, day),
        ("A1", "region", "APAC", day),
        ("A1", "stage", "trial", day),
        ("A1", "name", "A1", day),
    ]


def test_a_value_counts_as_seen_on_its_day_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    """A day is its midnight in the company's time zone; an instant without a zone is local, too."""
    history = read(
        tmp_path,
        HEAD + "A1,tier,small,2024-07-01,\nA2,tier,small,2024-07-01,2024-08-01\n"
        "A1,arr,1,2024-07-01,2024-06-01T12:00\nA2,arr,1,2024-07-01,2024-06-01T12:00Z\n"
        "A2,region,x,2024-07-01,13.08.2024\n",
    )
    assert [f"{at:%m-%dT%H}" for at in history.facts["seen_at"]] == [
        "06-30T22",
        "07-31T22",
        "06-01T10",
        "06-01T12",
        "08-12T22",
    ]


def test_what_is_not_there_may_be_missing(tmp_path: Path) -> None:
    """Without ``seen_at``, with semicolons, in Windows' encoding, and columns in any order and case."""
    history = read(
        tmp_path, "Field;Value;Valid_From;Account_ID\nname;Müller;2024-01-31;A1\n".encode("cp1252")
    )
    assert history.problems == []
    assert rows(history) == [("A1", "name", "Müller", dt.date(2024, 1, 31))]
    assert history.description == "Windows-1252, separated by semicolons"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (",tier,small,2024-01-31,", "account_id is empty; use one of the account list"),
        (
            "B-10,tier,small,2024-01-31,",
            "account B-10 is not in the account list (did you mean B-100?); correct the id, or remove the line",
        ),
        (
            "elsewhere,tier,small,2024-01-31,",
            "account elsewhere is not in the account list; correct the id, or remove the line",
        ),
        ("A1,,small,2024-01-31,", "account A1: field is empty; use one such as tier"),
        (
            "A1,teir,small,2024-01-31,",
            "account A1: unknown field 'teir' (did you mean tier?); correct it",
        ),
        (
            "A1,Domains,a.example,2024-01-31,",
            "account A1: Domains can't have dates, because the current account list decides; remove the line",
        ),
        (
            "A1,tier,smal,2024-01-31,",
            (
                "account A1: tier 'smal' is not defined (did you mean small?); correct it, or add it as [[tiers]] to "
                "the configuration"
            ),
        ),
        (
            "A1,arr,12x,2024-01-31,",
            "account A1: arr: '12x' is not an amount; use digits such as 12000",
        ),
        (
            "A1,renewal_on,soon,2024-01-31,",
            "account A1: renewal_on: 'soon' is not a date; use the form 2026-03-31",
        ),
        (
            "A1,tier,small,,",
            "account A1: valid_from is empty; use the first day of the value, such as 2026-03-31",
        ),
        (
            "A1,tier,small,2024-13-31,",
            "account A1: valid_from: '2024-13-31' is not a date; use the form 2026-03-31",
        ),
        ("A1,tier,small,2024-01-31,x", "account A1: seen_at: 'x' is not a date; use the form 2026-03-31"),
        ("A1,tier,small", "3 cells in 5 columns, separated by commas"),
    ],
)
def test_a_problem_names_its_line_and_its_account(tmp_path: Path, line: str, problem: str) -> None:
    """With what to do; what other lines say stays."""
    good = "A2,arr,1,2023-01-31,\n"
    (found,) = problems(tmp_path, f"{good}{line}\n")
    assert found.startswith(f"line 3: {problem}")
    history = read(tmp_path, f"{HEAD}{good}{line}\n")
    assert rows(history) == [("A2", "arr", "1.0", dt.date(2023, 1, 31))]
    assert (history.warning or "").startswith(f"{tmp_path / 'history.csv'}, line 3: ")


def test_values_that_overlap_are_said_with_both_lines(tmp_path: Path) -> None:
    """Nothing of that field of that account is used; the same value twice, and earlier lines below, are fine."""
    lines = (
        "A1,tier,small,2024-05-01,\nA1,tier,enterprise,2024-01-31,\nA1,tier,,2024-05-01,\nA1,arr,1,2024-05-01,\n"
        "A1,arr,1,2024-05-01,\nA2,tier,small,2024-05-01,\nA2,tier,enterprise,2024-01-31,\n"
    )
    assert problems(tmp_path, lines) == [
        ("line 4: account A1: tier is empty from 2024-05-01 on, but 'small' on line 2; keep one of them.")
    ]
    assert [row[:2] for row in rows(read(tmp_path, HEAD + lines))] == [("A1", "arr")] * 2 + [
        ("A2", "tier")
    ] * 2


def test_who_leaves_has_started(tmp_path: Path) -> None:
    """A churn date before the start of that time is refused; who came back started again later."""
    lines = (
        "A1,started_on,2022-01-01,2022-01-01,\nA1,churned_on,2023-01-01,2023-01-01,\n"
        "A1,started_on,2024-01-01,2024-01-01,\nA1,churned_on,,2024-01-01,\n"
        "A2,started_on,2022-01-01,2022-01-01,\nA2,churned_on,2021-01-01,2023-01-01,\n"
    )
    assert problems(tmp_path, lines) == [
        "line 7: account A2: churned_on 2021-01-01 is before started_on 2022-01-01 of line 6; correct one of them."
    ]
    assert [row[:2] for row in rows(read(tmp_path, HEAD + lines))].count(("A2", "churned_on")) == 0


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", " is empty; add a first line with the column names: account_id,field,value,valid_from,seen_at"),
        ("account_id,field,value,valid\n", ", line 1: the column valid_from is missing (rename valid?)."),
        (HEAD, " has no values; add one line per value below the column names."),
        (b"\xff\xfe\x00", ", line 1: not UTF-16 text. Save the file as 'CSV UTF-8'."),
    ],
)
def test_a_file_that_cannot_be_read_has_no_facts(tmp_path: Path, content: str | bytes, problem: str) -> None:
    """It is said why; nothing is raised, because everything else goes on."""
    history = read(tmp_path, content)
    assert history.facts.is_empty()
    assert history.problems == [f"{tmp_path / 'history.csv'}{problem}"]


def test_a_file_that_is_missing_is_said_so(tmp_path: Path) -> None:
    """With what to do."""
    history = read_history(tmp_path / "none.csv", RULES)
    assert history.problems == [
        f"{tmp_path / 'none.csv'} does not exist. Create it, or remove accounts.history_file from the configuration."
    ]


def test_days_that_can_be_read_in_two_ways_follow_the_configuration(tmp_path: Path) -> None:
    """As in the account list."""
    lines = "A1,tier,small,03/04/2025,\n"
    (problem,) = problems(tmp_path, lines)
    assert "accounts.date_format" in problem
    settled = HistoryRules(
        book=LISTED, tiers=("small",), timezone="UTC", notation=Notation(date_format="mm/dd/yyyy")
    )
    assert rows(read(tmp_path, HEAD + lines, settled)) == [("A1", "tier", "small", dt.date(2025, 3, 4))]
