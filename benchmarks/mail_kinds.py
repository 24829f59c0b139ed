"""Time to read the headers of single emails in folders, and their kinds of automated mail.

``python -m benchmarks.mail_kinds FOLDER...`` prints one line per folder; ``--each`` adds one line per email. Emails
may lack dates. docs/operate/reading-mail.md names a suitable data set.
"""

import argparse
import collections
import datetime as dt
import re
import time
from pathlib import Path

from connectors.mail import MailOrigin, Own, read_message, split_headers
from connectors.mail.parts import mark_calendar

BEFORE_HEADERS = re.compile(rb"\A\s*(?:>?From [^\n]*\n)?")
BLANK_LINE = re.compile(rb"\n\r?\n")
AT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
ORIGIN = MailOrigin(mailbox="ana@example.com", provider="eml", sent_at=AT)
OURS = Own(lambda address: address.endswith("@example.com"))


def kind(path: Path) -> str:
    """Return the kind of automated mail in a file, ``person``, or the reason why the email is skipped."""
    mail = BEFORE_HEADERS.sub(b"", path.read_bytes(), count=1)
    blank = BLANK_LINE.search(mail)
    end = blank.start() if blank else len(mail) - 1
    head = mark_calendar(mail[: end + 1], lambda _: (mail, end))
    reading = read_message(split_headers(head), ORIGIN, OURS)
    return reading.skipped or "person" if reading.message is None else reading.message.automated or "person"


def main() -> None:
    """Print the kinds and the time of each folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--each", action="store_true")
    given = parser.parse_args()
    for folder in given.folders:
        files = sorted(path for path in folder.iterdir() if path.is_file())
        kinds = [kind(path) for path in files]
        begin = time.process_time()
        for path in files:  # once more, when the word lists are loaded
            kind(path)
        each = 1_000 * (time.process_time() - begin) / max(len(files), 1)
        for path, found in zip(files, kinds, strict=True) if given.each else ():
            print(f"  {found:12} {path.name}")
        print(f"{folder}: {len(files)} emails, {each:.3f} ms each, {dict(collections.Counter(kinds))}")


if __name__ == "__main__":
    main()
