"""Doubtful entries of the account list, each with the reason and a remedy; none stops the program."""

import dataclasses
import difflib
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence

import polars as pl

from mailsignals.accounts.addresses import plain_address
from mailsignals.accounts.book import Book
from mailsignals.accounts.company import Company
from mailsignals.accounts.shared import is_public_suffix

DOUBT_SCHEMA = pl.Schema(
    {
        "account_id": pl.String(),
        "name": pl.String(),
        "kind": pl.String(),
        "value": pl.String(),
        "doubt": pl.String(),
    }
)
"""One row per doubtful entry of an account: the kind of doubt, the entry, and the doubt in words."""

_MISTYPED, _ALIKE = 0.85, 0.8
_STRANGERS = 2_000
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th"})


@dataclasses.dataclass(frozen=True, kw_only=True)
class SeenMail:
    """The accounts and addresses with stored mail."""

    accounts: Collection[int]
    """The numbers of the accounts with any emails."""
    ours: Collection[str]
    """The internal addresses in stored mail."""
    strangers: Sequence[str]
    """Domains that belong to no account, the most frequent first."""


def doubts(book: Book, *, company: Company, free_mail: frozenset[str], seen: SeenMail | None) -> pl.DataFrame:
    """Return the doubtful entries of an account list.

    Args:
        book: the account list.
        company: decides which addresses are internal.
        free_mail: domains where anybody can get an address.
        seen: a summary of the stored mail; None if there is none yet.

    Returns:
        ``DOUBT_SCHEMA``, in the order of the list.
    """
    found = [*_of_domains(book, company, free_mail), *_of_contacts(book, company)]
    usable = {number for domain, number in book.domains.items() if not _is_lost(domain, company, free_mail)}
    usable |= {number for address, number in book.contacts.items() if not company.is_own(address)}
    found += _of_mail(book, usable, seen)
    found += _of_csms(book, company, seen)
    found.sort(key=lambda doubt: doubt[0])
    ids, names = book.accounts["account_id"], book.accounts["name"]
    rows = [(ids[number], names[number], kind, value, text) for number, kind, value, text in found]
    return pl.DataFrame(rows, schema=DOUBT_SCHEMA, orient="row")


_Doubt = tuple[int, str, str | None, str]


def _is_lost(domain: str, company: Company, free_mail: frozenset[str]) -> bool:
    return domain in free_mail or company.is_own(f"x@{domain}")


def _of_domains(book: Book, company: Company, free_mail: frozenset[str]) -> Iterator[_Doubt]:
    listed = [(number, domain) for domain, numbers in book.shared.items() for number in numbers]
    for number, domain in [*listed, *((number, domain) for domain, number in book.domains.items())]:
        if company.is_own(f"x@{domain}"):
            yield number, "own_domain", domain, f"{domain} is your own domain; use the customer's"
        elif domain in free_mail:
            yield (
                number,
                "free_mail",
                domain,
                f"{domain} is a free-mail domain; list the customer's addresses as contacts instead",
            )
        elif is_public_suffix(domain):
            yield (
                number,
                "public_suffix",
                domain,
                (
                    f"{domain} is a public suffix shared by many companies; use the customer's own domain, "
                    f"such as example.{domain}"
                ),
            )


def _of_contacts(book: Book, company: Company) -> Iterator[_Doubt]:
    for address, number in book.contacts.items():
        if company.is_own(address):
            yield (
                number,
                "own_contact",
                address,
                f"the contact {address} is internal; use the customer's address",
            )


def _of_mail(book: Book, usable: Collection[int], seen: SeenMail | None) -> Iterator[_Doubt]:
    domains: dict[int, list[str]] = {}
    for domain, number in book.domains.items():
        domains.setdefault(number, []).append(domain)
    for number in range(book.accounts.height):
        if number not in usable:
            yield number, "unmatchable", None, "no mail can match; add a domain or contact of its own"
        elif seen is not None and number not in seen.accounts:
            yield (
                number,
                "no_mail",
                None,
                f"no mail seen{_near_miss(domains.get(number, ()), seen.strangers)}",
            )


def _near_miss(domains: Sequence[str], strangers: Sequence[str]) -> str:
    for domain in domains:
        near = difflib.get_close_matches(domain, strangers[:_STRANGERS], n=1, cutoff=_MISTYPED)
        if near:
            return f" from {domain}, but from {near[0]}, which is not in any account; is that the customer's domain?"
    return ""


def _of_csms(book: Book, company: Company, seen: SeenMail | None) -> Iterator[_Doubt]:
    known = list(dict.fromkeys([*company.roles, *company.addresses, *(seen.ours if seen else ())]))
    csms = book.accounts["csm"]
    found = {csm: _csm_doubt(csm, company, known) for csm in csms.drop_nulls().unique()}
    for number, csm in enumerate(csms):
        doubt = None if csm is None else found[csm]
        if doubt is not None:
            yield number, doubt[0], csm, doubt[1]


def _csm_doubt(csm: str, company: Company, known: Sequence[str]) -> tuple[str, str] | None:
    address = plain_address(csm)
    if address is None:
        several = csm.count("@") > 1
        wanted = "use one of them" if several else f"use an address{_meant(address_of_name(csm, known))}"
        return "csm_no_address", f"the CSM {csm!r} is not one address; {wanted}"
    if not company.is_own(address):
        near = _near(address, [*known, *(f"{address.rpartition('@')[0]}@{own}" for own in company.domains)])
        return "csm_not_ours", f"the CSM {address} is not an internal address{_meant(near)}"
    near = None if address in known else _misspelt(address, known)
    return ("csm_mistyped", f"the CSM {address} looks mistyped{_meant(near)}") if near else None


def _near(address: str, known: Sequence[str]) -> str | None:
    return next(iter(difflib.get_close_matches(address, known, n=1, cutoff=_ALIKE)), None)


def _misspelt(address: str, known: Sequence[str]) -> str | None:
    """The known address of the same domain with a similar local part; local parts of three letters never count."""
    local, _, domain = address.rpartition("@")
    locals_ = [one.rpartition("@")[0] for one in known if one.rpartition("@")[2] == domain]
    near = difflib.get_close_matches(local, [one for one in locals_ if len(one) > 3], n=1, cutoff=_MISTYPED)
    return f"{near[0]}@{domain}" if near and len(local) > 3 else None


def _meant(address: str | None) -> str:
    return f" (did you mean {address}?)" if address else ""


def address_of_name(name: str, known: Sequence[str]) -> str | None:
    """Return the known address whose local part is a usual form of a person's name; None without exactly one."""
    folded = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS))
    words = re.findall(r"[a-z]+", "".join(sign for sign in folded if not unicodedata.combining(sign)))
    if not words:
        return None
    first, last = (words[-1], words[0]) if "," in name else (words[0], words[-1])
    ways = [
        *(f"{first}{mark}{last}" for mark in (".", "_", "-", "")),
        *(f"{last}{mark}{first}" for mark in (".", "_", "-", "")),
        *(
            f"{first[0]}{last}",
            f"{first[0]}.{last}",
            f"{last}{first[0]}",
            f"{first}{last[0]}",
            f"{first}.{last[0]}",
        ),
        *(first, last),
    ]
    for way in ways:
        having = [address for address in known if address.rpartition("@")[0] == way]
        if len(having) == 1:
            return having[0]
    return None
