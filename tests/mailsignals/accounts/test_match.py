from pathlib import Path

import polars as pl
import publicsuffixlist
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsignals.accounts import FREE_MAIL, Book, Company, domain_of, match, unclaimed_domains
from mailsignals.accounts.shared import is_public_suffix
from mailsignals.schema import BOOK_SCHEMA, Role

US = Company(
    name="Us",
    domains=("us.example",),
    addresses=frozenset({"desk@lists.example"}),
    roles={"ana@us.example": "cs", "help@us.example": "support", "di@partner.example": "other"},
)
FREE = frozenset({"gmail.com", "yahoo.co.uk"})


def a_book(*, domains: dict[str, int] | None = None, contacts: dict[str, int] | None = None) -> Book:
    """A book with these claims; matching does not look at its rows."""
    return Book(accounts=BOOK_SCHEMA.to_frame(), domains=domains or {}, contacts=contacts or {})


def account_of(address: str, book: Book, *, company: Company = US) -> int | None:
    """The account that one address is matched to."""
    account: int | None = match(pl.Series([address]), company=company, book=book, free_mail=FREE)["account"][
        0
    ]
    return account


def test_a_domain_claims_what_lies_below_it_label_by_label() -> None:
    """A domain claims its own addresses and those of its subdomains, not those of names that end alike."""
    book = a_book(domains={"cust.example": 3})
    assert account_of("x@cust.example", book) == 3
    assert account_of("x@a.b.cust.example", book) == 3
    assert account_of("x@badcust.example", book) is None
    assert account_of("x@example", book) is None


def test_the_longest_domain_wins_whatever_the_order() -> None:
    """Of several domains above an address the longest one decides."""
    book = a_book(domains={"eu.cust.example": 1, "cust.example": 0, "x.y.eu.cust.example": 2})
    assert account_of("x@eu.cust.example", book) == 1
    assert account_of("x@y.eu.cust.example", book) == 1
    assert account_of("x@us.cust.example", book) == 0


def test_a_contact_wins_over_every_domain() -> None:
    """The account that lists the very address comes before the one with its domain."""
    book = a_book(domains={"cust.example": 0}, contacts={"x@cust.example": 1})
    assert account_of("x@cust.example", book) == 1
    assert account_of("y@cust.example", book) == 0


def test_free_mail_never_matches_as_a_domain() -> None:
    """A free-mail domain, what lies above it and what lies below it match by contact alone, claimed or not."""
    book = a_book(domains={"gmail.com": 0, "co.uk": 1, "corp.gmail.com": 2}, contacts={"boss@gmail.com": 3})
    assert account_of("x@gmail.com", book) is None
    assert account_of("x@sub.gmail.com", book) is None
    assert account_of("x@yahoo.co.uk", book) is None
    assert account_of("boss@gmail.com", book) == 3
    # A longer domain that is claimed and is not free mail itself is like any other.
    assert account_of("x@corp.gmail.com", book) == 2
    assert account_of("x@cust.co.uk", book) == 1


def test_internal_wins_over_any_account() -> None:
    """An internal address belongs to no account, even if an account lists it."""
    book = a_book(domains={"us.example": 0}, contacts={"di@partner.example": 1, "desk@lists.example": 2})
    addresses = ["ana@us.example", "x@eu.us.example", "di@partner.example", "desk@lists.example"]
    found = match(pl.Series(addresses), company=US, book=book, free_mail=FREE)
    assert found["internal"].to_list() == [True] * 4
    assert found["account"].to_list() == [None] * 4


def test_roles_are_those_of_people_and_else_other() -> None:
    """An internal address has the role given to it, else other; an external one has none."""
    addresses = ["ana@us.example", "help@us.example", "new@us.example", "x@cust.example"]
    found = match(pl.Series(addresses), company=US, book=a_book(), free_mail=FREE)
    assert found["role"].to_list() == ["cs", "support", "other", None]


def test_one_row_a_distinct_address_in_order_of_appearance() -> None:
    """Repeats and nulls are left out, what is no address stays, and the columns have the declared types."""
    addresses = pl.Series(["b@x.example", None, "", "b@x.example", "no-address", "a@x.example"])
    found = match(addresses, company=US, book=a_book(domains={"x.example": 0}), free_mail=FREE)
    assert found["address"].to_list() == ["b@x.example", "", "no-address", "a@x.example"]
    assert found["account"].to_list() == [0, None, None, 0]
    assert found.schema == pl.Schema(
        {"address": pl.String(), "internal": pl.Boolean(), "role": Role, "account": pl.UInt32()}
    )


def test_no_address_and_no_claim_at_all() -> None:
    """Nothing in gives nothing out, also for a company and a book that are empty."""
    nobody = Company(name="", domains=(), addresses=frozenset(), roles={})
    found = match(pl.Series([], dtype=pl.Null), company=nobody, book=a_book(), free_mail=frozenset())
    assert found.height == 0
    found = match(pl.Series(["a@b.example"]), company=nobody, book=a_book(), free_mail=frozenset())
    assert found.row(0) == ("a@b.example", False, None, None)


_labels = st.sampled_from(["a", "b", "us", "com"])
_domains = st.lists(_labels, min_size=1, max_size=4).map(".".join)
_addresses = st.tuples(st.sampled_from(["x", "y", '"q@z"']), _domains).map("@".join)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(
    addresses=st.lists(_addresses, max_size=8),
    own=st.lists(_domains, max_size=2),
    claims=st.dictionaries(_domains, st.integers(0, 9), max_size=5),
    contacts=st.dictionaries(_addresses, st.integers(0, 9), max_size=3),
    free=st.frozensets(_domains, max_size=2),
)
def test_matching_is_the_definition(
    addresses: list[str],
    own: list[str],
    claims: dict[str, int],
    contacts: dict[str, int],
    free: frozenset[str],
) -> None:
    """All addresses at once are matched as the definition matches one: internal, contact, longest domain."""
    company = Company(name="", domains=tuple(own), addresses=frozenset({"y@a"}), roles={"x@b.com": "cs"})

    def account(address: str) -> int | None:
        if company.is_own(address):
            return None
        if address in contacts:
            return contacts[address]
        labels = address.rpartition("@")[2].split(".")
        for suffix in (".".join(labels[start:]) for start in range(len(labels))):
            if suffix in free:
                return None
            if suffix in claims:
                return claims[suffix]
        return None

    found = match(
        pl.Series(addresses, dtype=pl.String),
        company=company,
        book=a_book(domains=claims, contacts=contacts),
        free_mail=free,
    )
    distinct = list(dict.fromkeys(addresses))
    assert found["address"].to_list() == distinct
    assert found["internal"].to_list() == [company.is_own(address) for address in distinct]
    assert found["account"].to_list() == [account(address) for address in distinct]


def test_unclaimed_domains_are_counted_by_message() -> None:
    """External domains that no account claims come with their mails, most first; free mail is left out."""
    senders = [
        "a@new.example",
        "b@new.example",
        "c@other.example",
        "x@cust.example",
        "y@gmail.com",
        "ana@us.example",
    ]
    book = a_book(domains={"cust.example": 0})
    found = unclaimed_domains(pl.Series([*senders, "", None]), company=US, book=book, free_mail=FREE)
    assert found.rows() == [("new.example", 2), ("other.example", 1)]


def test_the_shipped_free_mail_list_is_in_normal_form() -> None:
    """Every shipped domain is one as messages spell it, and the best known are there."""
    assert {
        "gmail.com",
        "outlook.com",
        "yahoo.co.uk",
        "gmx.net",
        "web.de",
        "qq.com",
        "icloud.com",
    } <= FREE_MAIL
    assert all(domain == domain.strip().lower() and "." in domain for domain in FREE_MAIL)
    assert len(FREE_MAIL) > 300


@pytest.mark.slow
def test_public_suffixes_are_those_of_the_public_list() -> None:
    """Every rule of the list, and names one and two labels below it, as the package that ships it reads them."""
    rules = publicsuffixlist.PublicSuffixList()
    bases = (
        line.split()[0].lstrip("!*.")
        for line in Path(publicsuffixlist.PSLFILE).read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("//")
    )
    domains = {
        domain_of(name) for base in bases for name in (base, f"a.{base}", f"b.a.{base}") if "." in name
    }
    assert len(domains) > 20_000
    assert [name for name in domains if is_public_suffix(name) != rules.is_public(name)] == []


@pytest.mark.parametrize("domain", ["onmicrosoft.com", "mail.onmicrosoft.com", "test-google-a.com"])
def test_domains_of_tenants_are_public_as_well(domain: str) -> None:
    """Below them Microsoft and Google give every company a name; what is below is one company's."""
    assert is_public_suffix(domain)
    assert not is_public_suffix(f"acme.{domain}")
