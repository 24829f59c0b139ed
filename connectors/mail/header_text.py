"""Text in headers: encoded words (RFC 2047), control characters, bounds."""

import binascii
import codecs
import functools
import re
import unicodedata

MAX_TEXT = 998
"""Largest number of characters of a subject: the longest line that RFC 5322 (2.1.1) allows."""

MAX_ENCODED = 16 * MAX_TEXT
"""Largest number of characters of a subject that are decoded."""

# Everything up to the closing "?=", but never past the start of another word: linear, whatever the input.
# An atomic group rather than "*+", which matches nothing here before Python 3.11.5.
_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?((?>(?:[^?=]|\?(?!=)|=(?!\?(?!=)))*))\?=")

# Senders often declare a subset of the charset that they use (https://encoding.spec.whatwg.org/#names-and-labels).
_SUPERSETS = {
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "shift_jis": "cp932",
}
_NAMES = {"iso-8859-8-i": "iso-8859-8", "utf8mb4": "utf-8", "windows-874": "cp874"}
_NO_CHARSETS = {"idna", "punycode", "raw-unicode-escape", "unicode-escape"}


def decode_words(text: str, defects: set[str]) -> str:
    """Return the text with its encoded words decoded; adjacent words are joined before their bytes are decoded.

    A word that can't be decoded stays as it was, or is decoded with the nearest charset, and adds
    ``undecodable_words`` to ``defects``.
    """
    if "=?" not in text:
        return text
    parts: list[str] = []
    charset, pending, end = "", b"", 0
    for word in _WORD.finditer(text):
        between = text[end : word.start()]
        end = word.end()
        payload = _payload(word[2], word[3])
        if payload is None:
            defects.add("undecodable_words")
        following = word[1].partition("*")[0].lower()  # RFC 2231, 5: "charset*language"
        if payload is None or following != charset or (between and not between.isspace()):
            parts.append(_decode(pending, charset, defects))
            if not (pending and between.isspace()):
                parts.append(between)
            charset, pending = following, b""
        if payload is None:
            parts.append(word[0])
        else:
            pending += payload
    parts += (_decode(pending, charset, defects), text[end:])
    return "".join(parts)


def clean_text(text: str, defects: set[str]) -> str:
    """Return the text as one line without control characters, with at most ``MAX_TEXT`` characters.

    White space is folded. A longer text is cut, and adds its kind to ``defects``.
    """
    text = " ".join(text.split())
    if not text.isprintable():
        text = "".join(sign for sign in text if unicodedata.category(sign) not in {"Cc", "Cs"})
    if len(text) > MAX_TEXT:
        defects.add("cut_subject")
        text = text[:MAX_TEXT].rstrip()
    return text


def _payload(encoding: str, text: str) -> bytes | None:
    if encoding in "qQ":
        return binascii.a2b_qp(text.encode("utf-8", "replace"), header=True)
    for candidate in (text, text[:-1]):
        try:
            payload = binascii.a2b_base64(candidate + "==")
        except ValueError:
            continue
        if payload or not text:
            return payload
    return None


def _decode(data: bytes, charset: str, defects: set[str]) -> str:
    if not data:
        return ""
    codec = _codec(charset)
    for name in (codec, "utf-8"):
        try:
            if name is not None:
                text = data.decode(name)
                if name != codec:
                    defects.add("undecodable_words")
                return text
        except (UnicodeError, LookupError, ValueError):
            continue
    defects.add("undecodable_words")
    return data.decode("cp1252", "replace")


@functools.lru_cache(maxsize=1024)
def _codec(charset: str) -> str | None:
    try:
        name = codecs.lookup(_NAMES.get(charset, charset)).name
    except (LookupError, ValueError):
        return None
    return None if name in _NO_CHARSETS else _SUPERSETS.get(name, name)
