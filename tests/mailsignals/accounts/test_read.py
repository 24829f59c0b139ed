import csv
import datetime as dt
import io
from pathlib import Path

import polars as pl
import pytest

from mailsignals.accounts import Book, read_book
from mailsignals.errors import UserError
from mailsignals.schema import BOOK_SCHEMA

TIERS = ("enterprise", "small")


def read(folder: Path, content: str | bytes) -> Book:
    """The book of a file with this content."""
    file = folder / "accounts.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_book(file, tiers=TIERS)


def problems(folder: Path, content: str | bytes) -> list[str]:
    """The lines of the error that a file with this content ends in, without the file's name."""
    with pytest.raises(UserError) as error:
        read(folder, content)
    lines = str(error.value).splitlines()
    assert all(line.startswith(str(folder / "accounts.csv")) for line in lines)
    return [line.removeprefix(str(folder / "accounts.csv")) for line in lines]


def test_a_full_row(tmp_path: Path) -> None:
    """Every column is read into its type, further ones as strings; claims are normalised."""
    book = read(
        tmp_path,
        "account_id,name,tier,csm,domains,contacts,started_on,churned_on,renewal_on,arr,region\n"
        "A1,Acme,small,Ana@us.example,Acme.Example; acme.test,Boss+x@GMAIL.com,2024-01-31,,2027-01-31,1200.50,EMEA\n",
    )
    assert book.accounts.rows() == [
        (
            "A1",
            "Acme",
            "small",
            "ana@us.example",
            dt.date(2024, 1, 31),
            None,
            dt.date(2027, 1, 31),
            1200.5,
            "EMEA",
        )
    ]
    assert book.accounts.schema == pl.Schema({**BOOK_SCHEMA, "region": pl.String()})
    assert book.domains == {"acme.example": 0, "acme.test": 0}
    assert book.contacts == {"boss@gmail.com": 0}


def test_the_least_that_is_needed(tmp_path: Path) -> None:
    """An id and a domain are enough; the id serves as the name, and the other columns are null."""
    book = read(tmp_path, "account_id,domains\nA1,acme.example\n")
    assert book.accounts.row(0, named=True) == dict.fromkeys(BOOK_SCHEMA) | {"account_id": "A1", "name": "A1"}


def test_what_spreadsheets_do_to_a_file_is_tolerated(tmp_path: Path) -> None:
    """A byte order mark, CRLF, other capitals in the header, empty rows and empty columns change nothing."""
    plain = read(tmp_path, "account_id,domains\nA1,acme.example\n")
    dressed = read(tmp_path, b"\xef\xbb\xbfAccount_ID, Domains ,\r\n,,\r\nA1,acme.example,\r\n\r\n")
    assert dressed.accounts.equals(plain.accounts)
    assert dressed.key == plain.key


def test_one_account_may_name_a_domain_twice(tmp_path: Path) -> None:
    """A domain repeated within an account, also as punycode, is one claim."""
    book = read(tmp_path, "account_id,domains\nA1,ü.example;xn--tda.example\n")
    assert book.domains == {"xn--tda.example": 0}


def test_two_accounts_with_one_domain_or_contact(tmp_path: Path) -> None:
    """A claim of two accounts names both accounts and both lines."""
    found = problems(
        tmp_path,
        "account_id,domains,contacts\nA1,x.example,a@y.example\n\nA2,X.example,A+b@y.example\n",
    )
    assert found == [
        (
            ", line 4: account A2 lists the domain x.example, and so does account A1 on line 2; "
            "keep it in one of them."
        ),
        (
            ", line 4: account A2 lists the contact a@y.example, and so does account A1 on line 2; "
            "keep it in one of them."
        ),
    ]


def test_all_problems_are_reported_at_once_by_line(tmp_path: Path) -> None:
    """Each problem names its line and what to do; lines are counted in the file, not in records."""
    found = problems(
        tmp_path,
        "account_id,name,tier,domains,started_on,arr\n"
        'A1,"two\nlines",entreprise,a.example,,\n'
        "A1,,,b.example,31.01.24,\n"
        ",,,c.example,,1_000\n"
        "A4,,,,,nan\n"
        "A5,,gold,acme,,\n"
        "A6,Smith, Inc,,f.example,,\n"
        "A7,,,g@example.com,2024-02-30,\n",
    )
    assert found == [
        (
            ", line 2: tier 'entreprise' is not defined (did you mean enterprise?); "
            "correct it, or add it as [[tiers]] to the configuration."
        ),
        ", line 4: account_id A1 is already on line 2; use a unique id.",
        ", line 4: started_on: '31.01.24' is not a date; use the form 2026-03-31.",
        ", line 5: account_id is empty; add a unique id.",
        ", line 5: arr: '1_000' is not an amount; use digits such as 12000 or 12000.50.",
        ", line 6: account A4 has neither domains nor contacts; add one.",
        ", line 6: arr: 'nan' is not an amount; use digits such as 12000 or 12000.50.",
        ", line 7: domains: 'acme' is not a domain; use one such as example.com, which includes its subdomains.",
        (
            ", line 7: tier 'gold' is not defined (known tiers: enterprise, small); "
            "correct it, or add it as [[tiers]] to the configuration."
        ),
        (
            ", line 8: 7 cells in 6 columns, separated by commas; "
            'put a cell that contains one in double quotes ("Smith, Inc").'
        ),
        ", line 9: domains: 'g@example.com' is an address; use a domain such as example.com.",
        ", line 9: started_on: '2024-02-30' is not a date; use the form 2026-03-31.",
    ]


def test_many_problems_are_cut_at_twenty(tmp_path: Path) -> None:
    """Twenty problems are shown, and how many more there are."""
    found = problems(tmp_path, "account_id,domains\n" + "".join(f"A{n},\n" for n in range(25)))
    assert len(found) == 21
    assert found[-1] == ": 5 more problems are not shown."


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", " is empty"),
        ("\n,,\n", " is empty"),
        ("account_id,domains\n", " has no accounts"),
        ("acount_id,domains\nA1,y.example\n", "the column account_id is missing (rename acount_id?)"),
        (
            "account_id,domain\nA1,y.example\n",
            "the columns domains and contacts are missing (rename domain?)",
        ),
        ("account_id,domains,domains\nA1,y.example,\n", "two columns are named domains"),
        ("account_id,domains,\nA1,y.example,z\n", "line 2: 'z' is in a column without a name"),
        ('account_id,domains\nA1,y.example\nA2,"z.example\n', "line 3: not valid CSV"),
        (b"account_id,domains\nA1,y.example\nA\x81,z.example\n", "line 3: not UTF-8 or Windows-1252 text"),
        (b"\xff\xfea\x00\n", "line 1: not UTF-16 text"),
        ("account_id,domains\n".encode("utf-16-le"), "is not a text file"),
        ("account_id,domains\nA\0,y.example\n", "not a text file"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: str | bytes, words: str) -> None:
    """A file whose records cannot be told apart ends in one error that says what to do."""
    (problem,) = problems(tmp_path, content)
    assert words in problem


ROWS = [
    ["account_id", "name", "domains", "started_on", "arr"],
    ["A1", "Grünwald & Söhne", "acme.example;acme.test", "31.03.2024", "12.000,50"],
    ["A2", "Smith; Inc, | \t", "b.example", "01.02.2024", "900"],
]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("hint", ["", "sep="])
def test_separator_and_encoding_are_recognised(
    tmp_path: Path, separator: str, encoding: str, hint: str
) -> None:
    """Whatever a spreadsheet saves, the same accounts come out, and the book says how it was read."""
    written = io.StringIO()
    if hint:
        written.write(f"sep={separator}\r\n")
    csv.writer(written, delimiter=separator).writerows(ROWS)
    book = read(tmp_path, written.getvalue().encode(encoding))
    found = book.accounts.select("name", "started_on", "arr").rows()
    assert found == [
        ("Grünwald & Söhne", dt.date(2024, 3, 31), 12000.5),
        ("Smith; Inc, |", dt.date(2024, 2, 1), 900.0),
    ]
    assert book.domains == {"acme.example": 0, "acme.test": 0, "b.example": 1}
    names = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
    called = {"utf-16": "UTF-16", "cp1252": "Windows-1252"}.get(encoding, "UTF-8")
    assert book.description == (
        f"{called}, separated by {names[separator]}; arr with a decimal comma; started_on with the day first"
    )


def test_a_tier_in_other_capitals_is_the_tier(tmp_path: Path) -> None:
    """It takes the form that the configuration gives it."""
    assert read(tmp_path, "account_id,domains,tier\nA1,a.example,Enterprise\n").accounts["tier"].item() == (
        "enterprise"
    )


def test_domains_of_everybody_claim_nothing(tmp_path: Path) -> None:
    """Public suffixes and free mail are noted beside the claims, and several accounts may list them."""
    book = read(
        tmp_path,
        "account_id,domains\nA1,co.uk\nA2,www.gmail.com;acme.co.uk\nA3,co.uk;github.io;acme.onmicrosoft.com;"
        "onmicrosoft.com;公司.cn;foo.ck\n",
    )
    assert set(book.domains) == {"acme.co.uk", "acme.onmicrosoft.com"}
    assert {domain: list(numbers) for domain, numbers in book.shared.items()} == {
        "co.uk": [0, 2],
        "gmail.com": [1],
        "github.io": [2],
        "onmicrosoft.com": [2],
        "xn--55qx5d.cn": [2],
        "foo.ck": [2],
    }


def test_an_apostrophe_before_a_formula_is_not_part_of_the_text(tmp_path: Path) -> None:
    """What our own CSV files put in front of texts is taken off again; other apostrophes stay."""
    book = read(tmp_path, "account_id,name,domains\n'-1,'=Acme,a.example\nA2,'s Hertogen,b.example\n")
    assert book.accounts["account_id"].to_list() == ["-1", "A2"]
    assert book.accounts["name"].to_list() == ["=Acme", "'s Hertogen"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file and a folder in its place are named."""
    with pytest.raises(UserError, match="does not exist"):
        read_book(tmp_path / "accounts.csv", tiers=TIERS)
    with pytest.raises(UserError, match="can't be read"):
        read_book(tmp_path, tiers=TIERS)


def test_a_tier_where_none_is_defined(tmp_path: Path) -> None:
    """Without tiers every tier is unknown, and the error says so."""
    file = tmp_path / "accounts.csv"
    file.write_text("account_id,domains,tier\nA1,y.example,gold\n")
    with pytest.raises(UserError, match=r"'gold' is not defined \(there are no tiers\)"):
        read_book(file, tiers=())


def test_the_real_books_load(openbmc: Path, edges: Path) -> None:
    """The account books of the shared data are read whole."""
    tiers = ("enterprise", "mid-market", "small")
    assert read_book(openbmc / "accounts.csv", tiers=tiers).accounts.height == 82
    assert read_book(edges / "accounts.csv", tiers=tiers).accounts.height == 16
