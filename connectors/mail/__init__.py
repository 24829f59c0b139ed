"""Reads the headers of a mail (RFC 5322) as a message; every connector uses it.

headers    the header block, cut into the fields that we read; the others are not even kept
words      text: encoded words (RFC 2047), control characters, bounds
addresses  one address in one form, and lists of them
ids        Message-ID, References, In-Reply-To
dates      when a mail was sent
sender     who wrote it, also where a list put its own address into From
automated  why a mail was not written by a person
word_lists words of many languages by which subjects are read
subjects   the beginning and the end of a subject line
parts      whether a part of a mail is a calendar
labels     what Gmail's export says about a mail
reader     all of it together

Nothing here raises, whatever the input: what cannot be read is left out and named in ``Reading.defects``.
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
