"""Shared domains: free mail, and public suffixes, under which anybody can register a name."""

import functools
from importlib import resources

_TENANTS = frozenset(
    {
        "onmicrosoft.com",
        "mail.onmicrosoft.com",
        "onmicrosoft.de",
        "onmicrosoft.us",
        "onmschina.cn",
        "partner.onmschina.cn",
        "test-google-a.com",
    }
)
"""Domains with one subdomain per tenant at Microsoft and Google, which the public list lacks."""


def _shipped() -> frozenset[str]:
    text = resources.files("mailsignals.accounts").joinpath("free_mail.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


FREE_MAIL: frozenset[str] = _shipped()
"""The domains of free-mail services and internet access providers, from ``free_mail.txt``."""


def is_public_suffix(domain: str) -> bool:
    """Return whether a domain in the form of ``domain_of`` is a public suffix.

    Such domains are in the Public Suffix List, in both of its parts (``co.uk``, ``github.io``), or domains of tenants.
    """
    if domain in _TENANTS:
        return True
    written = _in_letters(domain)
    rules, parent = _rules(), written.partition(".")[2]
    if f"!{written}" in rules:
        return False
    return not parent or not rules.isdisjoint((written, f"*.{written}", f"*.{parent}"))


@functools.cache
def _rules() -> frozenset[str]:
    """The unparsed rules of the list: ``co.uk``, ``*.ck``, ``!www.ck``.

    The package's own reader takes ten times as long, in every command.
    """
    import publicsuffixlist  # noqa: PLC0415  # only reading an account list needs it

    text = resources.files(publicsuffixlist).joinpath("public_suffix_list.dat").read_text(encoding="utf-8")
    return frozenset(line.split()[0] for line in text.splitlines() if line and not line.startswith("//"))


def _in_letters(domain: str) -> str:
    """The domain with the letters of its ``xn--`` labels, as the list writes them."""
    if "xn--" not in domain:
        return domain
    try:
        labels = (
            label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label
            for label in domain.split(".")
        )
        return ".".join(labels)
    except UnicodeError:
        return domain
