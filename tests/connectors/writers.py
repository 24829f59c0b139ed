"""Mailboxes of every kind, written by something else than our readers."""

import dataclasses
import gzip
import mailbox
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from connectors.base import Connector, Cursor, GiveUpError, Message, Page, frame_of
from connectors.files.eml import EmlFiles
from connectors.files.maildir import Maildir
from connectors.files.mbox import Mbox
from connectors.files.parquet import Parquet
from connectors.mail import MailOrigin, Own, read_message, split_headers
from connectors.memory import MemoryMailbox

ANA = "ana@us.test"
ENVELOPE = b"From ana@us.test Thu Jan  1 00:00:00 1970\n"


@dataclasses.dataclass(frozen=True)
class Mail:
    """A mail as bytes: headers, each with its line end, and a body."""

    head: bytes
    body: bytes = b"Hello\n"

    @property
    def text(self) -> bytes:
        """The mail as it is sent."""
        return self.head + b"\n" + self.body


def a_mail(number: int, *, subject: str = "Question", body: bytes = b"Hello\n", more: bytes = b"") -> Mail:
    """A mail from a customer; ``more`` are further headers."""
    head = (
        f"Message-ID: <{number}@acme.test>\nFrom: Bo <bo@acme.test>\nTo: Ana <{ANA}>,\n Cy <cy@us.test>\n"
        f"Date: Mon, 2 Mar 2026 10:{number // 60 % 60:02}:{number % 60:02} +0100\nSubject: {subject} {number}\n"
    )
    return Mail(head.encode() + more, body)


ours = Own(lambda address: address.endswith("@us.test"))
"""The company's addresses."""


def messages_of(mails: Iterable[Mail], provider: str = "mbox") -> list[Message]:
    """What our header reader makes of these mails; those it sets aside are left out."""
    origin = MailOrigin(mailbox=ANA, provider=provider)
    readings = [read_message(split_headers(mail.head), origin, ours) for mail in mails]
    return [reading.message for reading in readings if reading.message is not None]


def _ended(body: bytes) -> bytes:
    return body if body.endswith(b"\n") else body + b"\n"


def mboxo(mails: Iterable[Mail]) -> bytes:
    """Lines of the body that begin with ``From `` get a ``>``."""
    quoted = ((mail.head, re.sub(rb"^(?=From )", b">", mail.body, flags=re.MULTILINE)) for mail in mails)
    return b"".join(ENVELOPE + head + b"\n" + _ended(body) + b"\n" for head, body in quoted)


def mboxrd(mails: Iterable[Mail]) -> bytes:
    """Lines that begin with any number of ``>`` and ``From `` get one more."""
    quoted = ((mail.head, re.sub(rb"^(?=>*From )", b">", mail.body, flags=re.MULTILINE)) for mail in mails)
    return b"".join(ENVELOPE + head + b"\n" + _ended(body) + b"\n" for head, body in quoted)


def mboxcl(mails: Iterable[Mail]) -> bytes:
    """Quoted like mboxo, with the length of the quoted body."""
    quoted = ((mail.head, re.sub(rb"^(?=From )", b">", mail.body, flags=re.MULTILINE)) for mail in mails)
    return b"".join(_with_length(head, body) for head, body in quoted)


def mboxcl2(mails: Iterable[Mail]) -> bytes:
    """Nothing is quoted; only the length tells where a body ends."""
    return b"".join(_with_length(mail.head, mail.body) for mail in mails)


def _with_length(head: bytes, body: bytes) -> bytes:
    return ENVELOPE + head + b"Content-Length: %d\n\n" % len(body) + _ended(body) + b"\n"


DIALECTS: dict[str, Callable[[Iterable[Mail]], bytes]] = {
    "mboxo": mboxo,
    "mboxrd": mboxrd,
    "mboxcl": mboxcl,
    "mboxcl2": mboxcl2,
}


def an_mbox(path: Path, content: bytes) -> Mbox:
    """The mbox file with this content, and its connector."""
    path.write_bytes(content)
    return Mbox(path=path, mailbox=ANA, own=ours)


def _python_mbox(folder: Path, mails: Sequence[Mail]) -> Connector:
    box = mailbox.mbox(folder / "python.mbox")
    for mail in mails:
        box.add(mail.text)
    box.close()
    return Mbox(path=folder / "python.mbox", mailbox=ANA, own=ours)


def python_maildir(path: Path, mails: Sequence[Mail]) -> Maildir:
    """The Maildir with these mails; the first half was read."""
    box = mailbox.Maildir(path)
    for number, mail in enumerate(mails):
        message = mailbox.MaildirMessage(mail.text)
        if number < len(mails) // 2:
            message.set_subdir("cur")
            message.add_flag("S")
        box.add(message)
    box.close()
    return Maildir(path=path, mailbox=ANA, own=ours)


def _eml_folder(folder: Path, mails: Sequence[Mail]) -> Connector:
    for number, mail in enumerate(mails):
        path = folder / "saved" / str(number % 3) / f"{number:04}.eml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(mail.text)
    return EmlFiles(path=folder / "saved", mailbox=ANA, own=ours)


def _parquet(folder: Path, mails: Sequence[Mail]) -> Connector:
    frame_of(messages_of(mails)).write_parquet(folder / "messages.parquet", row_group_size=7)
    return Parquet(path=folder / "messages.parquet", mailbox=ANA)


def _memory(_: Path, mails: Sequence[Mail]) -> Connector:
    box = MemoryMailbox(mailbox=ANA, page_size=20)
    for message in messages_of(mails):
        box.deliver(message)
    return box


def _plain(dialect: str) -> Callable[[Path, Sequence[Mail]], Connector]:
    return lambda folder, mails: an_mbox(folder / f"{dialect}.mbox", DIALECTS[dialect](mails))


def _packed(dialect: str) -> Callable[[Path, Sequence[Mail]], Connector]:
    return lambda folder, mails: an_mbox(
        folder / f"{dialect}.mbox.gz", gzip.compress(DIALECTS[dialect](mails))
    )


HEADER_FILES: dict[str, Callable[[Path, Sequence[Mail]], Connector]] = {
    **{dialect: _plain(dialect) for dialect in DIALECTS},
    **{f"{dialect}.gz": _packed(dialect) for dialect in DIALECTS},
    "mbox of Python": _python_mbox,
    "maildir": lambda folder, mails: python_maildir(folder / "Maildir", mails),
    "eml": _eml_folder,
}
"""How to write mails for each connector that reads headers."""

EVERY_KIND = {**HEADER_FILES, "parquet": _parquet, "memory": _memory}
"""How to make a mailbox of each kind."""


def ids(connector: Connector) -> list[str]:
    """The Message-IDs in the order they are read, without their domain."""
    return [name for page in connector.pages() for name in page_ids(page)]


def page_ids(page: Page) -> list[str]:
    """The Message-IDs of a page, without their domain."""
    return [id_.removesuffix("@acme.test") for id_ in page.messages["message_id"]]


def read_all(box: Connector, cursor: Cursor | None = None) -> tuple[list[Page], GiveUpError | None]:
    """All pages, and the error after them if there is one."""
    pages: list[Page] = []
    try:
        pages.extend(iter(box.pages(cursor)))  # keeps what came before an error
    except GiveUpError as error:
        return pages, error
    return pages, None
