"""Domains at which anybody can have an address, so that they say nothing about the customer."""

from importlib import resources


def _shipped() -> frozenset[str]:
    text = resources.files("mailsignals.accounts").joinpath("free_mail.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


FREE_MAIL: frozenset[str] = _shipped()
"""Free-mail services and the mail of internet access providers, from ``free_mail.txt``."""
