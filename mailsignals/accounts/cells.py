"""Cells with several domains or addresses, as people and CRMs write them."""

import re

from mailsignals.accounts.addresses import address_of, domain_of

_BETWEEN_DOMAINS = re.compile(r"[;,|\n\r]+")
_ENTRY = re.compile(r'(?:"[^"]*"|[^",;|\n\r])+')
_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_ADDRESS_IN_BRACKETS = re.compile(r"<([^<>]*)>\s*\Z")
_REMARK = re.compile(r"\s*\([^()]*\)\s*\Z")


def domains_in(cell: str) -> list[str]:
    """Return the entries of a cell of domains, separated by ``;``, ``,``, ``|``, line ends or white space."""
    found: list[str] = []
    for entry in _BETWEEN_DOMAINS.split(cell):
        words = entry.split()
        found += words if all("." in word for word in words) else [entry.strip()]
    return [entry for entry in found if entry]


def addresses_in(cell: str) -> list[str]:
    """Return the entries of a cell of addresses, each with or without a name; a name may contain a comma."""
    found: list[str] = []
    before = ""
    for entry in map(str.strip, _ENTRY.findall(cell)):
        if not entry:
            continue
        words = entry.split()
        if before and "<" in entry:
            entry, before = f"{before}, {entry}", ""  # noqa: PLW2901  # a name such as Lee, Kim
        if "@" not in entry:
            found += [before] if before else []
            before = entry
            continue
        found += [before] if before else []
        before = ""
        several = "<" not in entry and '"' not in entry and all("@" in word for word in words)
        found += words if several else [entry]
    return [*found, before] if before else found


def listed_domain(text: str) -> str:
    """Return the domain of an entry in the form of ``domain_of``: for a web address its host, without ``www.``.

    Raises:
        ValueError: it isn't a domain; the text names the problem and the remedy.
    """
    host = _SCHEME.sub("", text.strip().removeprefix("@"), count=1)
    host = re.split(r"[/?#]", host, maxsplit=1)[0]
    host = re.sub(r":\d{1,5}\Z", "", host)
    domain = domain_of(host or text)
    bare = domain.removeprefix("www.")
    return bare if "." in bare else domain


def listed_name(text: str) -> str:
    """Return the name before the address of an entry, such as ``Kim Lee <kim@example.com>``; empty without one."""
    found = _ADDRESS_IN_BRACKETS.search(text)
    return " ".join(text[: found.start()].strip().strip('"').split()) if found else ""


def listed_address(text: str) -> str:
    """Return the address of an entry in the form of ``address_of``, without a name before it or a remark after it.

    Raises:
        ValueError: it isn't an address; the text names the problem and the remedy.
    """
    found = _ADDRESS_IN_BRACKETS.search(text)
    return address_of(found[1]) if found else address_of(_REMARK.sub("", text))
