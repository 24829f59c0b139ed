"""The account book: who is inside the company, and which account an outside address belongs to."""

from mailsignals.accounts.addresses import address_of, domain_of, mailbox_of, spellings
from mailsignals.accounts.book import Book
from mailsignals.accounts.company import Company
from mailsignals.accounts.match import FREE_MAIL, match, unclaimed_domains
from mailsignals.accounts.reader import read_book

__all__ = [
    "FREE_MAIL",
    "Book",
    "Company",
    "address_of",
    "domain_of",
    "mailbox_of",
    "match",
    "read_book",
    "spellings",
    "unclaimed_domains",
]
