"""Cells of domains, contacts and CSMs as people and CRMs fill them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsignals.accounts.cells import addresses_in, domains_in, listed_name
from tests.mailsignals.accounts.test_read import problems, read


@pytest.mark.parametrize(
    ("cell", "domains"),
    [
        ("https://www.Northwind.example/en?x=1", ["northwind.example"]),
        ("HTTP://northwind.example:8080", ["northwind.example"]),
        ("www.northwind.example", ["northwind.example"]),
        ("//northwind.example/", ["northwind.example"]),
        ("@northwind.example", ["northwind.example"]),
        ("www.com.example", ["com.example"]),
        ("wwww.example", ["wwww.example"]),
        ("a.example, b.example;c.example | d.example", ["a.example", "b.example", "c.example", "d.example"]),
        ("a.example b.example\nhttps://c.example", ["a.example", "b.example", "c.example"]),
    ],
)
def test_domains_as_people_have_them(tmp_path: Path, cell: str, domains: list[str]) -> None:
    """A web address is its host, a leading www. is dropped, and a cell may hold several."""
    assert list(read(tmp_path, f'account_id,domains\nA1,"{cell}"\n').domains) == domains


@pytest.mark.parametrize(
    ("cell", "contacts"),
    [
        ("Kim Lee <Kim.Lee+x@acme.example>", ["kim.lee@acme.example"]),
        ("Lee, Kim <kim@acme.example>, bo@acme.example", ["kim@acme.example", "bo@acme.example"]),
        ('""Lee, Kim"" <kim@acme.example>;<bo@acme.example>', ["kim@acme.example", "bo@acme.example"]),
        ("kim@acme.example bo@acme.example", ["kim@acme.example", "bo@acme.example"]),
        ("kim@acme.example (Kim Lee)|mailto:bo@acme.example", ["kim@acme.example", "bo@acme.example"]),
    ],
)
def test_contacts_as_people_have_them(tmp_path: Path, cell: str, contacts: list[str]) -> None:
    """Names before addresses and remarks behind them are left out, also with a comma within the name."""
    assert list(read(tmp_path, f'account_id,contacts\nA1,"{cell}"\n').contacts) == contacts


def test_a_contact_that_is_only_a_name_is_named(tmp_path: Path) -> None:
    """A piece without an address is not lost silently."""
    found = problems(tmp_path, 'account_id,contacts\nA1,"Kim Lee, bo@acme.example"\n')
    assert found == [", line 2: contacts: 'Kim Lee' is not an address; use one such as ana@example.com."]


@pytest.mark.parametrize(
    ("cell", "csm"),
    [
        ("Ana Silva <Ana@us.example>", "ana@us.example"),
        ("ana@us.example", "ana@us.example"),
        ("Ana Silva", "Ana Silva"),
        ("ana@us.example; bo@us.example", "ana@us.example; bo@us.example"),
    ],
)
def test_a_csm_as_people_write_one(tmp_path: Path, cell: str, csm: str) -> None:
    """One address is taken whatever name is before it; what is not one address stays as it is."""
    assert read(tmp_path, f"account_id,domains,csm\nA1,a.example,{cell}\n").accounts["csm"].item() == csm


@given(st.text(st.sampled_from('ab@.<>"(),;| \n'), max_size=20))
def test_no_entry_of_a_cell_is_lost(cell: str) -> None:
    """Whatever stands in a cell, every letter of it is in an entry."""
    letters = sorted(sign for sign in cell if sign in "ab@")
    assert sorted(sign for entry in domains_in(cell) for sign in entry if sign in "ab@") == letters
    assert sorted(sign for entry in addresses_in(cell) for sign in entry if sign in "ab@") == letters


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ("Kim Lee <kim@northwind.test>", "Kim Lee"),
        ('"Lee, Kim" <kim@northwind.test>', "Lee, Kim"),
        ("kim@northwind.test", ""),
        ("kim@northwind.test (purchasing)", ""),
        ("<kim@northwind.test>", ""),
    ],
)
def test_the_name_before_an_address_is_kept(entry: str, name: str) -> None:
    """Digests and pages show it instead of the address; a remark is no name."""
    assert listed_name(entry) == name
