"""Reads the headers of an email (RFC 5322) as a message; every connector uses it.

headers    the header block, cut into the fields that are read; others are dropped at once
words      text: encoded words (RFC 2047), control characters, bounds
addresses  one address in one form, and lists of them
ids        Message-ID, References, In-Reply-To
dates      the time at which an email was sent
sender     the sender, also if a list put its own address into From
automated  recognises automated email
word_lists words of many languages by which subjects are read
subjects   the beginning and the end of a subject line
parts      recognises calendars among the parts of an email
labels     labels and thread of an email in Gmail's export
reader     all of it together

No function here raises for any email: unreadable parts are left out and named in ``Reading.defects``.
"""

from connectors.mail.addresses import fold_gmail, mailbox_address, normalise_address
from connectors.mail.automated import is_no_reply
from connectors.mail.headers import Headers, headers_from_pairs, split_headers
from connectors.mail.reader import MailOrigin, Reading, read_message
from connectors.mail.sender import Own

__all__ = [
    "Headers",
    "MailOrigin",
    "Own",
    "Reading",
    "fold_gmail",
    "headers_from_pairs",
    "is_no_reply",
    "mailbox_address",
    "normalise_address",
    "read_message",
    "split_headers",
]
