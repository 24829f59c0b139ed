"""Text in every charset, right and wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail.header_text import MAX_TEXT, clean_text, decode_words

READABLE = {
    "plain": ("Hello", "Hello"),
    "quoted": ("=?utf-8?q?M=C3=BCller_=26_S=C3=B6hne?=", "Müller & Söhne"),
    "base64": ("=?UTF-8?B?TcO8bGxlcg==?=", "Müller"),
    "padding missing": ("=?utf-8?b?TcO8bGxlcg?=", "Müller"),
    "among plain text": ("Re: =?iso-8859-1?q?M=FCller?= (2)", "Re: Müller (2)"),
    "blanks between words vanish": ("=?utf-8?q?M=C3=BC?=\t =?utf-8?q?ller?=", "Müller"),
    "blanks between charsets vanish": ("=?utf-8?q?M=C3=BC?= =?iso-8859-1?q?ller?=", "Müller"),
    "no blank between words": ("=?utf-8?q?M=C3=BC?==?utf-8?q?ller?=", "Müller"),
    "a letter split between words": ("=?utf-8?b?TcM=?= =?UTF-8?b?vGxsZXI=?=", "Müller"),
    "Japanese": ("=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=", "日本"),
    "Shift JIS": ("=?shift_jis?b?k/qWew==?=", "日本"),
    "Chinese beyond GB 2312": ("=?gb2312?b?6Ua7+Q==?=", "镕基"),
    "Korean": ("=?ks_c_5601-1987?b?x9GxuQ==?=", "한국"),
    "Cyrillic": ("=?koi8-r?b?8NLJ18XU?=", "Привет"),
    "Windows letters called Latin-1": ("=?iso-8859-1?q?=93Hi=94_=80?=", "“Hi” €"),
    "language": ("=?utf-8*de?q?M=C3=BCller?=", "Müller"),
    "blanks in a word": ("=?utf-8?q?M=C3=BCller und Co?=", "Müller und Co"),
    "question mark in a word": ("=?utf-8?q?M=C3=BCller?_Co?=", "Müller? Co"),
    "empty word": ("a =?utf-8?q??= b", "a  b"),
    "not a word": ("=?what?= 1 =? 2", "=?what?= 1 =? 2"),
}

GUESSED = {
    "unknown charset": ("=?x-unknown?q?M=C3=BCller?=", "Müller"),
    "wrong charset": ("=?utf-8?q?M=FCller?=", "Müller"),
    "ASCII that is none": ("=?us-ascii?q?M=C3=BCller?=", "Müller"),
    "a codec that is no charset": ("=?unicode-escape?q?a=5Cx41?=", "a\\x41"),
    "bytes codec": ("=?hex?q?abc?=", "abc"),
    "no base64": ("=?utf-8?b?Ü?=", "=?utf-8?b?Ü?="),
}


@pytest.mark.parametrize(("text", "decoded"), READABLE.values(), ids=READABLE)
def test_encoded_words_are_decoded(text: str, decoded: str) -> None:
    """Words in every charset, well-formed or as real mailers write them, become their text."""
    defects: set[str] = set()
    assert decode_words(text, defects) == decoded
    assert not defects


@pytest.mark.parametrize(("text", "decoded"), GUESSED.values(), ids=GUESSED)
def test_a_word_in_a_wrong_charset_is_guessed_and_counted(text: str, decoded: str) -> None:
    """What cannot be decoded as declared is read as well as possible, and is a defect."""
    defects: set[str] = set()
    assert decode_words(text, defects) == decoded
    assert defects == {"undecodable_words"}


def test_a_subject_is_one_bounded_line() -> None:
    """White space is folded, control characters and half characters go, joiners and letters stay."""
    defects: set[str] = set()
    assert clean_text(" a\t\r\n b\x00c\x07\ud800 👩‍💻 é ", defects) == "a bc 👩‍💻 é"
    assert not defects
    assert len(clean_text("x" * 5_000, defects)) == MAX_TEXT
    assert defects == {"cut_subject"}


_PIECES = st.sampled_from(
    [
        "=?",
        "?=",
        "?",
        "=",
        "utf-8",
        "gb2312",
        "idna",
        "x" * 90,
        "?q?",
        "?B?",
        "w7w=",
        "=C3",
        " ",
        "ü",
        "\ud800",
    ]
)


@given(st.lists(_PIECES | st.text(max_size=5), max_size=20).map("".join))
def test_no_text_makes_the_decoder_raise(text: str) -> None:
    """Any text gives text that can be stored."""
    clean_text(decode_words(text, set()), set()).encode()
