"""One address in one form, and lists of addresses (RFC 5322, 3.4; RFC 6532; RFC 5891)."""

import functools
import re
import unicodedata
from collections.abc import Iterable

from connectors.mail.mailboxes import split_mailboxes

MAX_ADDRESS = 320
"""Characters of an address: 64 before the at-sign, 255 after it (RFC 5321, 4.5.3.1)."""

MAX_RECIPIENTS = 1_000
"""Largest number of addresses of one field."""

_SHORT = 500
"""Largest number of characters of a field whose addresses are remembered, because most come again."""

_HOST = r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}"
_PLAIN = re.compile(rf"([a-z0-9!#$%&'*/=?^_`{{|}}~.-]+)(?:\+[a-z0-9!#$%&'*/=?^_`{{|}}~.+-]*)?@({_HOST})\.?")
_DOMAIN = re.compile(rf"{_HOST}|\[[0-9a-z.:-]{{2,60}}\]")
_QUOTED = re.compile(r'"((?>(?:[^"\\]|\\.)*))"', re.DOTALL)
_NOT_PLAIN = re.compile(r'[\s()<>\[\]:;,@\\"\x00-\x20\x7f-\x9f]')
_GMAIL = ("@gmail.com", "@googlemail.com")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

# Zero-width marks that copying leaves behind; UTS 46 ignores them in domains as well.
_WITHOUT_WIDTH = dict.fromkeys(
    [0xAD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF]
)

# A name before an address that can be ignored, and the characters that need parsing.
_NAME = re.compile(r'"[^"\\]*"(?=\s*<)|=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=')
_HARD = re.compile(r'["(:;\\\[]|=\?')


def normalise_address(text: str) -> str | None:
    """Return a bare address in its normal form, or None if it isn't an address.

    The form is lower-case, without a ``+tag``, with the local part unquoted if that means the same. The domain is in
    ASCII (``xn--…`` for other letters), without a final dot. Gmail addresses lose their dots and are at ``gmail.com``.
    """
    return _normalise(text) if len(text) <= 2 * MAX_ADDRESS else None


def mailbox_address(text: str) -> str | None:
    """Return an address as the name of a mailbox: as ``normalise_address``, but with the dots of Gmail addresses.

    Returns None if it isn't an address. Stored messages are found by this name, so it doesn't depend on Gmail's rules.
    """
    return _spelled(text) if len(text) <= 2 * MAX_ADDRESS else None


def read_addresses(values: Iterable[str], defects: set[str]) -> tuple[str, ...]:
    """Return the addresses in these fields, in order, each once.

    An entry that isn't an address adds ``unreadable_address`` to ``defects``; more than ``MAX_RECIPIENTS``
    addresses add ``cut_recipients``.
    """
    found: dict[str, None] = {}
    for value in values:
        quick = _quick_short(value) if len(value) <= _SHORT else _quick(value)
        for address in quick or _careful(value, defects):
            if len(found) >= MAX_RECIPIENTS and address not in found:
                defects.add("cut_recipients")
                return tuple(found)
            found[address] = None
    return tuple(found)


def read_mailbox(values: Iterable[str], defects: set[str]) -> tuple[str, str | None]:
    """Return the first address in these fields (empty if none) and its display name, still encoded."""
    for value in values:
        name, address, readable = _first_mailbox(value) if len(value) <= _SHORT else _read_mailbox(value)
        if not readable:
            defects.add("unreadable_address")
        if address is not None:
            return name, address
    return "", None


def _read_mailbox(value: str) -> tuple[str, str | None, bool]:
    """The first mailbox with an address, and whether all before it were readable."""
    readable = True
    for name, text in split_mailboxes(value):
        if (address := normalise_address(text)) is not None:
            return name, address, readable
        readable = False
    return "", None, readable


_first_mailbox = functools.lru_cache(maxsize=16_384)(_read_mailbox)


def _quick(value: str) -> tuple[str, ...] | None:
    """The addresses of a field in the usual form, or None if it must be parsed with care."""
    bare = _NAME.sub("", value) if '"' in value or "=?" in value else value
    if _HARD.search(bare):
        return None
    found = []
    for piece in bare.split(","):
        address = _usual(piece) if len(piece) <= MAX_ADDRESS else None
        if address is None:
            return None
        found.append(address)
    return tuple(found)


_quick_short = functools.lru_cache(maxsize=16_384)(_quick)


@functools.lru_cache(maxsize=65_536)
def _usual(piece: str) -> str | None:
    _, bracket, rest = piece.partition("<")
    if not bracket:
        return _normalise(piece.strip())
    rest = rest.rstrip()
    return _normalise(rest[:-1]) if rest.endswith(">") else None


def _careful(value: str, defects: set[str]) -> Iterable[str]:
    for _, text in split_mailboxes(value):
        if (address := normalise_address(text)) is None:
            defects.add("unreadable_address")
        else:
            yield address


@functools.lru_cache(maxsize=65_536)
def _normalise(text: str) -> str | None:
    address = _spelled(text)
    return address if address is None else fold_gmail(address)


def fold_gmail(address: str) -> str:
    """Return a Gmail address without the dots that Google ignores, at ``gmail.com``; any other address unchanged."""
    if not address.endswith(_GMAIL):
        return address
    local = address.rpartition("@")[0]
    bare = local if local.startswith('"') else local.replace(".", "")
    return f"{bare or local}@gmail.com"


def _spelled(text: str) -> str | None:
    plain = _PLAIN.fullmatch(text.lower()) if text.isascii() else None
    if plain is not None:
        address = f"{plain[1]}@{plain[2]}"
    else:
        text = _unwrap(text.translate(_WITHOUT_WIDTH))
        local_text, _, domain_text = text.rpartition("@")
        local, domain = _local(local_text), _domain(domain_text)
        if local is None or domain is None:
            return None
        address = f"{local}@{domain}"
    return address if len(address) <= MAX_ADDRESS else None


def _unwrap(text: str) -> str:
    text = text.strip(" \t<>")
    while len(text) > 2 and text[0] == text[-1] == "'":
        text = text[1:-1].strip(" \t<>")
    return text[7:].strip() if text[:7].lower() == "mailto:" else text


def _local(text: str) -> str | None:
    text = text.strip()
    quoted = _QUOTED.fullmatch(text)
    if quoted is None and _NOT_PLAIN.search(text):
        return None
    content = re.sub(r"\\(.)", r"\1", quoted[1], flags=re.DOTALL) if quoted else text
    content = content.lstrip("+").partition("+")[0]
    content = unicodedata.normalize("NFC", unicodedata.normalize("NFC", content).lower())
    if not content or _CONTROL.search(content):
        return None
    if not _NOT_PLAIN.search(content):
        return content
    escaped = content.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _domain(text: str) -> str | None:
    """The ASCII form of a domain, as UTS 46 (nontransitional) gives it for domains that can be registered.

    Python's own ``idna`` codec is IDNA 2003: it turns ``ß`` into ``ss``, which is another domain, and knows
    Unicode 3.2 only.
    """
    text = text.strip()
    if not text.isascii():
        folded = "".join(map(str.lower, unicodedata.normalize("NFKC", text)))
        labels = unicodedata.normalize("NFC", folded).replace("。", ".").split(".")
        try:
            text = ".".join(_label(label) for label in labels)
        except UnicodeError:
            return None
    text = text.lower().rstrip(".")
    return text if _DOMAIN.fullmatch(text) and len(text) <= 255 else None


def _label(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"
