"""Addresses to add to the account list."""

import polars as pl
import pytest

from mailsignals.accounts import Book, Company
from mailsignals.schema import BOOK_SCHEMA
from mailsignals.usecases.strangers import SHOWN, is_persons, suggested_entries

US = Company(name="Us", domains=("us.test",), addresses=frozenset(), roles={})
BOOK = Book(accounts=BOOK_SCHEMA.to_frame(), domains={"a.test": 0}, contacts={})


def entries(*named: tuple[str, int, int]) -> list[tuple[object, ...]]:
    """What is suggested of strangers with account and mails."""
    frame = pl.DataFrame(
        named, schema={"address": pl.String(), "account": pl.UInt32(), "mails": pl.UInt32()}, orient="row"
    )
    found = suggested_entries(frame, company=US, book=BOOK, free_mail=frozenset({"gmail.com"}))
    return found.select("address", "account", "mails", "column", "entry").rows()


def test_free_mail_is_a_contact_and_a_company_s_address_its_domain() -> None:
    """Whose most mails are comes first; equals by address."""
    assert entries(("kim@gmail.com", 0, 2), ("lee@partner.test", 1, 5), ("al@eu.gmail.com", 1, 2)) == [
        ("lee@partner.test", 1, 5, "domains", "partner.test"),
        ("al@eu.gmail.com", 1, 2, "contacts", "al@eu.gmail.com"),
        ("kim@gmail.com", 0, 2, "contacts", "kim@gmail.com"),
    ]


def test_a_public_suffix_is_nobodys_domain() -> None:
    """Whoever writes from one, is a contact; a tenant has its own name below one."""
    assert entries(("kim@co.uk", 0, 2), ("kim@tenant.onmicrosoft.com", 0, 1)) == [
        ("kim@co.uk", 0, 2, "contacts", "kim@co.uk"),
        ("kim@tenant.onmicrosoft.com", 0, 1, "domains", "tenant.onmicrosoft.com"),
    ]


def test_a_domain_with_people_at_two_accounts_is_nobodys() -> None:
    """An agency works for both: its people are contacts."""
    assert entries(("lee@agency.test", 0, 5), ("bo@agency.test", 1, 2)) == [
        ("lee@agency.test", 0, 5, "contacts", "lee@agency.test"),
        ("bo@agency.test", 1, 2, "contacts", "bo@agency.test"),
    ]


def test_a_person_at_two_accounts_is_for_somebody_to_decide() -> None:
    """The mails add up, and nothing is suggested."""
    assert entries(("lee@agency.test", 0, 5), ("lee@agency.test", 1, 7)) == [
        ("lee@agency.test", 1, 12, None, None)
    ]


def test_the_list_is_short() -> None:
    """The first of many, and lists take no place."""
    many = [(f"p{place:02}@x{place}.test", 0, 100 - place) for place in range(SHOWN + 5)]
    shown = entries(("news-list@x.test", 0, 1000), *many)
    assert [row[0] for row in shown] == [address for address, *_ in many[:SHOWN]]
    assert entries() == []


@pytest.mark.parametrize(
    "address",
    [
        "no-reply@crm.test",
        "donotreply@crm.test",
        "team-list@partner.test",
        "announce@partner.test",
        "kernel-dev@partner.test",
        "users-request@partner.test",
        "owner-users@partner.test",
        "anybody@lists.partner.test",
        "project@googlegroups.com",
        "sig@groups.io",
        "bounces-77@mail.test",
        "ana=us.test@srs.test",
        "reply@reply.tracker.test",
        "mailer-daemon@x.test",
        "forgotten-0123456789abcdef@x.test",
        "nobody",
        "",
    ],
)
def test_lists_and_programs_are_left_out(address: str) -> None:
    """As are people who were forgotten, and what is no address."""
    assert not is_persons(address)


@pytest.mark.parametrize(
    "address",
    ["kim@gmail.com", "liszt@music.test", "support@partner.test", "al@newsletterly.test", "l@x.test"],
)
def test_people_and_teams_are_shown(address: str) -> None:
    """Whose name or domain only looks a little like a list's."""
    assert is_persons(address)
