"""Doubtful entries of the account list: named with the reason, and none without one."""

import polars as pl
import pytest

from mailsignals.accounts import Book, Company
from mailsignals.accounts.doubts import DOUBT_SCHEMA, SeenMail, doubts
from mailsignals.schema import BOOK_SCHEMA

US = Company(
    name="Us",
    domains=("us.example",),
    addresses=frozenset({"desk@lists.example"}),
    roles={
        "ana.silva@us.example": "cs",
        "jmuller@us.example": "cs",
        "bo@us.example": "cs",
        "help@us.example": "support",
    },
)
FREE = frozenset({"gmail.com", "mail.example"})


def a_book(
    *csms: str | None,
    domains: dict[str, int] | None = None,
    contacts: dict[str, int] | None = None,
    shared: dict[str, list[int]] | None = None,
) -> Book:
    """A book with an account for each CSM; without domains, each has one of its own."""
    rows = [
        dict.fromkeys(BOOK_SCHEMA) | {"account_id": f"A{number}", "name": f"Name {number}", "csm": csm}
        for number, csm in enumerate(csms)
    ]
    own = {f"a{number}.example": number for number in range(len(csms))}
    return Book(
        accounts=pl.DataFrame(rows, schema=BOOK_SCHEMA),
        domains=own if domains is None else domains,
        contacts=contacts or {},
        shared=shared or {},
    )


def found(book: Book, seen: SeenMail | None = None) -> list[tuple[str, str, str | None]]:
    """Account, kind and value of each doubt."""
    made = doubts(book, company=US, free_mail=FREE, seen=seen)
    assert made.schema == DOUBT_SCHEMA
    return [(row["account_id"], row["kind"], row["value"]) for row in made.iter_rows(named=True)]


def test_a_sound_list_has_no_doubts() -> None:
    """Accounts with a domain of their own and a CSM of ours, or none."""
    assert found(a_book("ana.silva@us.example", None, "help@us.example")) == []


def test_domains_that_cannot_match_are_named() -> None:
    """Free mail, also that of the configuration, our own domains and public suffixes; the account once if all are."""
    book = a_book(
        None,
        None,
        None,
        None,
        domains={"mail.example": 0, "eu.us.example": 1, "fern.example": 2},
        shared={"gmail.com": [0, 2], "co.uk": [3]},
    )
    assert found(book) == [
        ("A0", "free_mail", "gmail.com"),
        ("A0", "free_mail", "mail.example"),
        ("A0", "unmatchable", None),
        ("A1", "own_domain", "eu.us.example"),
        ("A1", "unmatchable", None),
        ("A2", "free_mail", "gmail.com"),
        ("A3", "public_suffix", "co.uk"),
        ("A3", "unmatchable", None),
    ]


def test_a_contact_of_ours_matches_nothing() -> None:
    """One of us is no customer, at our domain or elsewhere."""
    book = a_book(
        None, None, domains={}, contacts={"x@us.example": 0, "desk@lists.example": 1, "kim@b.example": 1}
    )
    assert found(book) == [
        ("A0", "own_contact", "x@us.example"),
        ("A0", "unmatchable", None),
        ("A1", "own_contact", "desk@lists.example"),
    ]


def test_accounts_without_mail_are_named_with_what_was_probably_meant() -> None:
    """A stranger's domain that is nearly the account's is named; without stored mail nothing is said."""
    book = a_book(None, None, domains={"nortwind.example": 0, "oak.example": 1})
    seen = SeenMail(accounts=[1], ours=[], strangers=["fern.example", "northwind.example"])
    assert found(book, seen) == [("A0", "no_mail", None)]
    text = doubts(book, company=US, free_mail=FREE, seen=seen)["doubt"].item()
    assert text.startswith(
        "no mail seen from nortwind.example, but from northwind.example, which is not in any account"
    )
    assert found(book) == []


@pytest.mark.parametrize(
    ("csm", "kind", "meant"),
    [
        ("Ana Silva", "csm_no_address", "ana.silva@us.example"),
        ("Silva, Ana", "csm_no_address", "ana.silva@us.example"),
        ("J\u00fcrgen M\u00fcller", "csm_no_address", "jmuller@us.example"),
        ("Bo", "csm_no_address", "bo@us.example"),
        ("Carla Mayer", "csm_no_address", "carla_mayer@us.example"),
        ("Nobody Known", "csm_no_address", None),
        ("ana.silva@us.example; bo@us.example", "csm_no_address", None),
        ("ana.silva@us.exmaple", "csm_not_ours", "ana.silva@us.example"),
        ("new.person@us.exampel", "csm_not_ours", "new.person@us.example"),
        ("kim@partner.test", "csm_not_ours", None),
        ("ana.slva@us.example", "csm_mistyped", "ana.silva@us.example"),
    ],
)
def test_a_csm_who_is_no_address_of_ours(csm: str, kind: str, meant: str | None) -> None:
    """A name, another company's address or a misspelt one, with the address that was probably meant."""
    seen = SeenMail(accounts=[0], ours=["carla_mayer@us.example"], strangers=[])
    made = doubts(a_book(csm), company=US, free_mail=FREE, seen=seen)
    assert made.select("kind", "value").rows() == [(kind, csm)]
    text = made["doubt"].item()
    assert (f"did you mean {meant}?" in text) if meant else ("did you mean" not in text)


@pytest.mark.parametrize("csm", ["jo@us.example", "dana@us.example", "carla_mayer@us.example"])
def test_a_colleague_without_a_role_is_no_mistake(csm: str) -> None:
    """Who is unlike everybody known, or wrote mail, may be a CSM."""
    seen = SeenMail(accounts=[0], ours=["carla_mayer@us.example", "carla.mayer@us.example"], strangers=[])
    assert found(a_book(csm), seen) == []
