"""Exports as account lists: columns by their usual names, and everything that is left out with its reason."""

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from mailsignals.accounts import FREE_MAIL, Company, Notation
from mailsignals.accounts.column_names import bare, names_of_fields, recognise_fields
from mailsignals.accounts.exports import Export, Rules, read_export
from mailsignals.errors import UserError

RULES = Rules(
    company=Company(
        name="Us", domains=("us.example",), addresses=frozenset(), roles={"ana.silva@us.example": "cs"}
    ),
    free_mail=FREE_MAIL,
    tiers=("enterprise", "small"),
    notation=Notation(),
    chosen={},
)


def exported(folder: Path, content: str, rules: Rules = RULES) -> Export:
    """The account list of an export with this content."""
    (folder / "export.csv").write_text(content, encoding="utf-8")
    return read_export(folder / "export.csv", rules)


def left_out(export: Export) -> list[tuple[int, str | None, str | None]]:
    """Line, column and value of what was left out."""
    return export.left_out.select("line", "column", "value").rows()


def test_no_name_has_two_meanings() -> None:
    """The file of names is read whole, every field is one of the list, and none stands below two of them."""
    names = names_of_fields()
    assert set(names) == {
        *("account_id", "name", "domains", "contacts", "csm", "tier", "arr", "stage"),
        *("renewal_on", "started_on", "churned_on"),
    }
    assert all(bare(name) == name for below in names.values() for name in below)


@pytest.mark.parametrize(
    ("columns", "fields"),
    [
        (
            [
                "Account ID",
                "Account Name",
                "Account Owner",
                "Website",
                "ARR",
                "Renewal Date",
                "Segment",
                "Type",
            ],
            ["account_id", "name", "csm", "domains", "arr", "renewal_on", "tier", None],
        ),
        (
            [
                "Record ID",
                "Company name",
                "Company owner",
                "Company Domain Name",
                "Website URL",
                "Lifecycle Stage",
            ],
            ["account_id", "name", "csm", "domains", "domains", "stage"],
        ),
        (
            ["Organization - ID", "Organization - Name", "Organization - Owner", "Organization - Website"],
            ["account_id", "name", "csm", "domains"],
        ),
        (
            ["Kundennr.", "Firma", "Webseite", "Betreuer", "Kundenklasse", "Vertragswert", "Vertragsende"],
            ["account_id", "name", "domains", "csm", "tier", "arr", "renewal_on"],
        ),
        (
            [
                "N\u00b0 client",
                "Soci\u00e9t\u00e9",
                "Site web",
                "Propri\u00e9taire",
                "Montant",
                "\u00c9ch\u00e9ance",
            ],
            ["account_id", "name", "domains", "csm", "arr", "renewal_on"],
        ),
        (
            [
                "ID cliente",
                "Empresa",
                "P\u00e1gina web",
                "Responsable",
                "Importe",
                "Fecha de renovaci\u00f3n",
            ],
            ["account_id", "name", "domains", "csm", "arr", "renewal_on"],
        ),
        (
            ["Numer klienta", "Nazwa firmy", "Strona WWW", "W\u0142a\u015bciciel", "Warto\u015b\u0107 umowy"],
            ["account_id", "name", "domains", "csm", "arr"],
        ),
        (
            ["id", "customer", "E-mail", "Annual Revenue", "MRR"],
            ["account_id", "name", "contacts", None, None],
        ),
    ],
    ids=["Salesforce", "HubSpot", "Pipedrive", "German", "French", "Spanish", "Polish", "spreadsheet"],
)
def test_columns_are_known_by_their_usual_names(columns: list[str], fields: list[str | None]) -> None:
    """Of CRMs and in several languages; what the customer earns is never what they pay."""
    found = recognise_fields(columns, {})
    assert [found.get(column) for column in columns] == fields


def test_an_export_becomes_an_account_list(tmp_path: Path) -> None:
    """Values are read like those of the list itself; a CSM's name becomes the address that is made of it."""
    export = exported(
        tmp_path,
        "Account ID;Account Name;Website;Email;Owner;ARR;Renewal;Segment;Region\n"
        "7;Northwind;https://www.northwind.example/ , nw.example;Kim Lee <Kim@gmail.com>;Ana Silva;12.000,50;"
        "31.12.2026;Enterprise;EMEA\n",
    )
    assert export.accounts.rows(named=True) == [
        {
            "account_id": "7",
            "name": "Northwind",
            "tier": "enterprise",
            "csm": "ana.silva@us.example",
            "domains": "northwind.example;nw.example",
            "contacts": "kim@gmail.com",
            "renewal_on": dt.date(2026, 12, 31),
            "arr": 12000.5,
        }
    ]
    assert export.columns.filter(column="Region")["field"].to_list() == [None]
    assert left_out(export) == [(2, "Owner", "Ana Silva")]


def test_somebody_may_say_what_a_column_is(tmp_path: Path) -> None:
    """Also of a column that is not taken by itself, and for a field of their own."""
    rules = dataclasses.replace(RULES, chosen={"arr": "Annual Revenue", "region": "Area"})
    export = exported(tmp_path, "Name,Website,ARR,Annual Revenue,Area\nX,x.example,1,2,EMEA\n", rules)
    assert export.accounts.select("account_id", "arr", "region").rows() == [("X", 2.0, "EMEA")]


def test_lines_of_one_account_are_one_account(tmp_path: Path) -> None:
    """A report with a line per contact: entries come together, and the first value of everything else stands."""
    export = exported(
        tmp_path,
        "Account ID,Name,Domain,Email,Tier\n1,X,x.example,a@x.example,\n1,Y,x.example,b@x.example,small\n",
    )
    assert export.accounts.rows() == [("1", "X", "small", "x.example", "a@x.example;b@x.example")]
    assert export.left_out.is_empty()


@pytest.mark.parametrize(
    "website",
    [
        "gmail.com",
        "co.uk",
        "https://linkedin.com/company/x",
        "www.us.example",
        "none",
        "x.github.io/",
        "t.co/x",
    ],
)
def test_what_cannot_be_a_customers_domain_is_left_out(tmp_path: Path, website: str) -> None:
    """Each with line and column; an account with nothing else is left out whole, unless it is a domain after all."""
    export = exported(tmp_path, f"ID,Website\n1,{website}\n2,y.example\n")
    if website == "x.github.io/":
        assert export.accounts["domains"].to_list() == ["x.github.io", "y.example"]
        return
    assert export.accounts["account_id"].to_list() == ["2"]
    assert left_out(export) == [(2, "Website", website), (2, None, "1")]


def test_a_domain_of_two_accounts_is_nobodys(tmp_path: Path) -> None:
    """Both are named; one that has something else stays."""
    export = exported(tmp_path, "ID,Website,Email\n1,x.example,\n2,www.x.example,a@x.example\n")
    assert export.accounts.rows() == [("2", "", "a@x.example")]
    assert left_out(export) == [(2, "domains", "x.example"), (2, None, "1"), (3, "domains", "x.example")]


def test_lines_that_do_not_fit_are_named(tmp_path: Path) -> None:
    """The line below a report, one without an id, a tier that is not defined, a contact of ours."""
    export = exported(
        tmp_path,
        "ID,Name,Website,Email,Tier\n1,X,x.example,ana@us.example,gold\n,,y.example,,\nConfidential\n",
    )
    assert left_out(export) == [
        (2, "Tier", "gold"),
        (2, "Email", "ana@us.example"),
        (3, None, None),
        (4, None, "Confidential"),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "has no accounts"),
        ("ID,Website\n", "has no accounts"),
        ("Website,Owner\nx.example,Ana\n", "--column account_id=NAME; the columns are Website, Owner."),
        ("ID,Owner\n1,Ana\n", "--column domains=NAME; the columns are ID, Owner."),
        (
            'ID,Website,Amount\n1,x.example,"1,234"\n',
            "line 2: Amount: '1,234' is 1234 with a decimal point or",
        ),
        ("ID,Website,Renewal\n1,x.example,01/02/2026\n", "line 2: Renewal: '01/02/2026' is 2026-02-01"),
        ("ID,Website,Renewal\n1,x.example,soon\n", "line 2: Renewal: 'soon' is not a date"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, content: str, words: str) -> None:
    """File, line and column, and what to do."""
    with pytest.raises(UserError) as error:
        exported(tmp_path, content)
    assert str(error.value).startswith(str(tmp_path / "export.csv"))
    assert words in str(error.value)
