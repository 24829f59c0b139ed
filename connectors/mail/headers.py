"""The header block of a mail, cut into the fields that we read."""

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping, Sequence

ALLOWED = (
    "Auto-Submitted",
    "Bcc",
    "Cc",
    "Content-Class",
    "Content-Type",
    "Date",
    "Feedback-ID",
    "From",
    "Importance",
    "In-Reply-To",
    "List-Post",
    "List-Unsubscribe",
    "Message-ID",
    "Precedence",
    "Priority",
    "Received",
    "References",
    "Reply-To",
    "Return-Path",
    "Subject",
    "To",
    "X-Autoreply",
    "X-Autorespond",
    "X-GM-THRID",
    "X-Gmail-Labels",
    "X-MSMail-Priority",
    "X-Original-From",
    "X-Original-Sender",
    "X-Priority",
)
"""The headers that are read. No other header is kept, not even for a moment."""

IDENTIFYING = (
    "message-id",
    "date",
    "from",
    "to",
    "cc",
    "bcc",
    "subject",
    "in-reply-to",
    "references",
    "received",
)
"""The headers whose digest identifies a mail in a file.

Changing this list gives every stored mail a new id: it would be stored a second time.
"""

MAX_VALUE = 131_072
"""Characters kept of one header."""

MAX_FIELDS = 1_000
"""Headers of one name that are kept."""

MAX_HOPS = 20
"""``Received`` headers kept, the newest (RFC 5321, 4.4: each server puts its own on top)."""

_KEYS = {form: name.lower() for name in ALLOWED for form in (name, name.lower(), name.title(), name.upper())}
_WHITE_SPACE = b" \t\r\n"


@dataclasses.dataclass(frozen=True, slots=True)
class Headers:
    """The headers that we read of one mail."""

    values: Mapping[str, Sequence[str]]
    """Unfolded values by lower-case name, in the order of the mail."""
    defects: tuple[str, ...] = ()
    """What was unreadable or cut so far, by kind."""

    def all(self, name: str) -> Sequence[str]:
        """Every value of this header, the topmost first."""
        return self.values.get(name, ())

    def first(self, name: str) -> str:
        """The topmost value of this header, or nothing."""
        values = self.values.get(name)
        return values[0] if values else ""

    def digest(self) -> str:
        """32 hexadecimal digits that depend on the mail only, not on folding, labels, flags or place."""
        lines = [
            f"{name}:{value}" for name in IDENTIFYING if name in self.values for value in self.values[name]
        ]
        content = "\n".join(lines).encode("utf-8", "replace").translate(None, _WHITE_SPACE)
        return hashlib.blake2b(content, digest_size=16).hexdigest()


def split_headers(block: bytes) -> Headers:
    """The headers of a mail that starts with this block; whatever follows the first blank line is not read.

    Line ends may be CRLF, LF, CR or a mixture. Past a line that is no header only names not met before are
    taken: where the blank line is missing, the text may quote the headers of another mail.
    """
    head = _head(block)
    defects: set[str] = set()
    try:
        text = head.decode()
    except UnicodeDecodeError:
        text = "\n".join(_guess(line) for line in head.split(b"\n"))
        defects.add("not_utf8")
    lines = text.replace("\n ", " ").replace("\n\t", " ").split("\n")
    values: dict[str, list[str]] = {}
    closed: frozenset[str] = frozenset()
    for line in lines:
        name, colon, value = line.partition(":")
        key = _KEYS.get(name) or _KEYS.get(name.rstrip().lower())
        if key is not None and colon:
            if key not in values and len(value) <= MAX_VALUE:
                values[key] = [value.strip()]
            elif key not in closed:
                _keep(values, key, value.strip(), defects)
        elif line and (not colon or " " in name) and not line.startswith(("From ", ">From ")):
            defects.add("broken_line")
            closed = frozenset(values)
    return Headers(values, tuple(sorted(defects)))


def headers_from_pairs(pairs: Iterable[tuple[str, str]]) -> Headers:
    """The headers of a mail that an API gives as names and values, in the order of the mail."""
    defects: set[str] = set()
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        key = _KEYS.get(name) or _KEYS.get(name.strip().lower())
        if key is not None:
            if not value.isprintable():  # most are, and need nothing
                text = value.encode("utf-8", "replace").decode().replace("\0", "")
                value = " ".join(text.splitlines())  # noqa: PLW2901  # one line, and valid text
            _keep(values, key, value.strip(), defects)
    return Headers(values, tuple(sorted(defects)))


def _head(block: bytes) -> bytes:
    if b"\0" in block:
        block = block.replace(b"\0", b"")
    if b"\r" in block:
        # CR CR LF is what a file looks like whose line ends were converted twice.
        block = block.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    block = block.removeprefix(b"\xef\xbb\xbf").lstrip(b"\n")
    end = block.find(b"\n\n")
    return block if end < 0 else block[:end]


def _guess(line: bytes) -> str:
    for charset in ("utf-8", "cp1252"):
        try:
            return line.decode(charset)
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")


def _keep(values: dict[str, list[str]], key: str, value: str, defects: set[str]) -> None:
    kept = values.setdefault(key, [])
    if key == "received":
        if len(kept) < MAX_HOPS:
            kept.append(value[:MAX_VALUE])
    elif len(kept) >= MAX_FIELDS:
        defects.add("too_many_headers")
    elif len(value) > MAX_VALUE:
        defects.add("header_too_long")
        end = max(value.rfind(" ", 0, MAX_VALUE), value.rfind(",", 0, MAX_VALUE))
        kept.append(value[: end if end > 0 else MAX_VALUE])
    else:
        kept.append(value)
