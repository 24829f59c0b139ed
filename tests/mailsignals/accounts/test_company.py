import dataclasses
import subprocess
import sys

import polars as pl
import pytest

from mailsignals.accounts import Book, Company, address_of, domain_of
from mailsignals.schema import BOOK_SCHEMA

US = Company(
    name="Us",
    domains=("us.example",),
    addresses=frozenset({"desk@lists.example"}),
    roles={"di@partner.example": "other"},
)


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("ana@us.example", True),
        ("ana@a.b.us.example", True),
        ("desk@lists.example", True),
        ("di@partner.example", True),
        ("ana@notus.example", False),
        ("ana@example", False),
        ("other@lists.example", False),
        ("us.example", False),
        ("", False),
    ],
)
def test_own_is_at_or_below_our_domains_or_listed(address: str, own: bool) -> None:
    """An address is internal by its domain, label by label, or because it is listed, or given a role."""
    assert US.is_own(address) is own


def test_a_companys_key_follows_what_is_own() -> None:
    """The key changes with domains and addresses, and not with names, roles or the order of things."""
    same = dataclasses.replace(US, name="Them", roles={"di@partner.example": "cs"})
    assert same.key == US.key
    assert dataclasses.replace(US, domains=("us.example", "us.test")).key != US.key
    assert dataclasses.replace(US, addresses=frozenset()).key != US.key
    assert dataclasses.replace(US, roles={}).key != US.key
    two = dataclasses.replace(US, domains=("a.example", "b.example"))
    assert two.key == dataclasses.replace(US, domains=("b.example", "a.example")).key


def test_a_books_key_follows_matching_alone() -> None:
    """The key changes with any claim, and not with the order of claims or with what else the book says."""
    empty = BOOK_SCHEMA.to_frame()
    book = Book(accounts=empty, domains={"a.example": 0, "b.example": 1}, contacts={"x@c.example": 0})
    turned = dataclasses.replace(book, domains={"b.example": 1, "a.example": 0})
    assert turned.key == book.key
    assert dataclasses.replace(book, accounts=empty.with_columns(pl.lit(1).alias("region"))).key == book.key
    assert dataclasses.replace(book, domains={"a.example": 1, "b.example": 0}).key != book.key
    assert dataclasses.replace(book, contacts={}).key != book.key


@pytest.mark.subprocess
def test_keys_are_the_same_in_another_process() -> None:
    """A key is kept in cursors, so it must not depend on the hash seed of a process."""
    program = (
        "from mailsignals.accounts import Company;"
        "print(Company(name='Us', domains=('us.example',), addresses=frozenset({'a@x.example', 'b@x.example'}),"
        " roles={}).key)"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("Example.COM", "example.com"),
        (" example.com. ", "example.com"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("XN--MNCHEN-3YA.example", "xn--mnchen-3ya.example"),
    ],
)
def test_domains_take_the_form_of_messages(given: str, normal: str) -> None:
    """A domain is lower case and ASCII however it was typed."""
    assert domain_of(given) == normal


@pytest.mark.parametrize(
    "text", ["", "com", "*.example.com", ".example.com", "a b.com", "http://a.com", "x@a.com"]
)
def test_what_is_no_domain_is_refused(text: str) -> None:
    """A text that is no domain is named in the error."""
    with pytest.raises(ValueError, match=r"example\.com") as error:
        domain_of(text)
    assert repr(text) in str(error.value)


def test_addresses_take_the_form_of_messages() -> None:
    """An address is lower case, without its tag, its domain in ASCII; anything else is refused."""
    assert address_of(" Ana+news@MÜNCHEN.example ") == "ana@xn--mnchen-3ya.example"
    with pytest.raises(ValueError, match=r"'example\.com' is not an address"):
        address_of("example.com")
