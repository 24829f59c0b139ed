"""Imports of an mbox and of a folder of single emails, compared with a header parser alone on the same headers."""

import shutil
from collections.abc import Iterator
from email.parser import BytesHeaderParser
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.company import company
from benchmarks.files import MESSAGES
from benchmarks.measure import Figures
from connectors.files import open_files
from connectors.files.heads import read_head
from connectors.mail import MailOrigin, read_message, split_headers
from mailsignals import clock
from mailsignals.store import Store
from mailsignals.sync.engine import bring_in

MAILS = 30_000
SINGLE_MAILS = 8_000
MBOX, HEADS, STORE = "mail.mbox", "heads.bin", "imported"
SINGLE = "single-mails"

_SIGNATURE = (
    "v=1; a=rsa-sha256; c=relaxed/relaxed; d=mail.example; s=2023;\n bh={0}=;\n b={0}{0}{0}\n {0}{0}{0}"
)
_BODY = b"\n" + b"This line stands for the text of the mail, which is never read.\n" * 30 + b"\n"


def write_mbox(folder: Path) -> Figures:
    """Write some synthetic messages as an mbox, and their headers separately for the parser alone."""
    frame = pl.scan_parquet(folder / MESSAGES / "*.parquet").head(MAILS).collect()
    heads = [_head(row) for row in frame.iter_rows(named=True)]
    (folder / HEADS).write_bytes(b"\0".join(heads))
    with (folder / MBOX).open("wb") as mbox:
        for head in heads:
            mbox.write(b"From sender@mail.example Mon Jan  2 00:00:00 2023\n" + head + _BODY)
    return {"mails": len(heads), "header bytes a mail": sum(map(len, heads)) / len(heads)}


def parse_headers(folder: Path) -> Figures:
    """Parse every header block with ``email.parser.BytesHeaderParser`` and do nothing else."""
    parser = BytesHeaderParser()
    fields = sum(len(parser.parsebytes(head)) for head in (folder / HEADS).read_bytes().split(b"\0"))
    return {"fields": fields}


def import_mbox(folder: Path) -> Figures:
    """Find the emails in the mbox, read their headers as messages, and commit them to a new store."""
    return _import(folder, folder / MBOX)


def write_single_mails(folder: Path) -> Figures:
    """Write some of the emails as single files, each with a separator line like exports."""
    (folder / SINGLE).mkdir()
    heads = (folder / HEADS).read_bytes().split(b"\0")[:SINGLE_MAILS]
    for number, head in enumerate(heads):
        separator = b"From sender@mail.example Mon Jan  2 00:00:00 2023\n"
        (folder / SINGLE / f"{number:05}.txt").write_bytes(separator + head + _BODY)
    return {"mails": len(heads)}


def read_single_mails(folder: Path) -> Figures:
    """Read the headers of every file as a message with the reader of mailsignals and do nothing else."""
    origin = MailOrigin(mailbox="help@us.example", provider="mbox")
    own = company().own
    mails = 0
    for path in sorted((folder / SINGLE).iterdir()):
        reading = read_message(split_headers(read_head(path).head), origin, own)
        mails += reading.message is not None
    return {"mails": mails}


def import_single_mails(folder: Path) -> Figures:
    """Find the files, read their headers as messages, and commit them to a new store."""
    return _import(folder, folder / SINGLE)


def _import(folder: Path, source: Path) -> Figures:
    shutil.rmtree(folder / STORE, ignore_errors=True)
    added = 0
    with Store.open(folder / STORE, mode="write") as store:
        for connector in open_files(source, mailbox="help@us.example", own=company().own):
            report = bring_in(
                connector,
                store,
                message_filter=lambda rows: rows,
                at=clock.now,
                on_page=lambda _page, _committed: None,
            )
            added += report.added
    return {"messages": added}


def _head(row: dict[str, Any]) -> bytes:
    return "".join(f"{name}: {value}\n" for name, value in _fields(row)).encode()


def _fields(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Return the headers of an email after four hops, about 2 kB."""
    date = format_datetime(row["sent_at"])
    token = f"{hash(row['message_id']) & (1 << 60) - 1:020}"
    for hop in range(4, 0, -1):
        hosts = f"from mx{hop}.example (mx{hop}.example [192.0.2.{hop}])\n by mx{hop + 1}.example"
        yield "Received", f"{hosts} with ESMTPS id {token}\n for <{row['mailbox']}>; {date}"
    yield "DKIM-Signature", _SIGNATURE.format(token)
    yield "Authentication-Results", "mx5.example;\n dkim=pass header.i=@mail.example;\n spf=pass; dmarc=pass"
    yield "MIME-Version", "1.0"
    yield "From", f"Somebody <{row['sender']}>"
    yield "To", ", ".join(f"Somebody Else <{address}>" for address in row["to"])
    yield "Subject", row["subject"]
    yield "Date", date
    yield "Message-ID", f"<{row['message_id']}>"
    if row["references"]:
        yield "In-Reply-To", f"<{row['references'][-1]}>"
        yield "References", "\n ".join(f"<{name}>" for name in row["references"])
    if row["automated"]:
        yield "Precedence", "bulk"
    yield "Content-Type", 'multipart/alternative; boundary="0000000000001"'
    yield "X-Mailer", "Example Mail 7.1"
