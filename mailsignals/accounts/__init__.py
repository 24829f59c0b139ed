"""The account list: internal addresses, and the account of each external address."""

from mailsignals.accounts.addresses import address_of, domain_of, mailbox_of, spellings
from mailsignals.accounts.agreement import Notation
from mailsignals.accounts.book import Book
from mailsignals.accounts.company import Company
from mailsignals.accounts.match import match, unclaimed_domains
from mailsignals.accounts.reader import read_book
from mailsignals.accounts.shared import FREE_MAIL

__all__ = [
    "FREE_MAIL",
    "Book",
    "Company",
    "Notation",
    "address_of",
    "domain_of",
    "mailbox_of",
    "match",
    "read_book",
    "spellings",
    "unclaimed_domains",
]
