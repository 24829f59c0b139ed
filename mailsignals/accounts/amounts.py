"""Amounts of money with a decimal point or a decimal comma."""

import re
import unicodedata

from mailsignals.accounts.agreement import Format, Kind

_SPACES = " \u00a0\u2007\u2009\u202f"
_APOSTROPHES = "'\u2019"
_PARTS = re.compile(
    r"(?P<before>[^\d]*)(?P<number>\d(?:[\d.,'\u2019 \u00a0\u2007\u2009\u202f]*\d)?(?:[eE][+-]?\d{1,2})?)"
    r"(?P<none>[.,](?:-{1,2}|[\u2013\u2014]))?(?P<after>[^\d]*)",
    re.ASCII,
)
_THREE_DECIMALS = re.compile(r"BHD|IQD|JOD|KWD|LYD|OMR|TND")
_CURRENCY = re.compile(
    _THREE_DECIMALS.pattern
    + r"|AED|ARS|AUD|BGN|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK"
    r"|JPY|KES|KRW|MAD|MXN|MYR|NGN|NOK|NZD|PEN|PHP|PKR|PLN|QAR|RON|RSD|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|UYU|USD|VND|ZAR"
    r"|KR|FR|SFR|FT|KČ|ZŁ|LEI|RS|RM|R|RP|TL|DH|RUR"
)
"""Currency codes, and words beside amounts."""
_BEFORE_A_SIGN = re.compile(r"US|CA|AU|NZ|HK|NT|MX|A|C|S|R")
"""Letters before a dollar sign, as in ``US$`` and ``R$``."""
_DIGITS = 15


def _currency(text: str) -> str | None:
    """The currency beside an amount, empty for none; None if it isn't a currency."""
    bare = text.strip(_SPACES + "\t")
    letters = "".join(sign for sign in bare if unicodedata.category(sign) != "Sc").strip(_SPACES).rstrip(".")
    if not letters:
        return bare
    word = letters.upper()
    known = _CURRENCY.fullmatch(word) or (letters != bare and _BEFORE_A_SIGN.fullmatch(word))
    return word if known else None


def _reader(decimal: str, group: str) -> "re.Pattern[str]":
    point, comma = re.escape(decimal), re.escape(group)
    grouped = "|".join(
        rf"[1-9]\d{{0,2}}(?:{mark}\d{{3}})+" for mark in (comma, f"[{_SPACES}]", f"[{_APOSTROPHES}]")
    )
    lakhs = rf"[1-9]\d?(?:{comma}\d{{2}})+{comma}\d{{3}}"
    return re.compile(
        rf"(?P<whole>\d{{1,{_DIGITS}}}|{grouped}|{lakhs})(?:{point}(?P<part>\d+))?(?P<power>[eE][+-]?\d{{1,2}})?",
        re.ASCII,
    )


_BY_POINT, _BY_COMMA = _reader(".", ","), _reader(",", ".")


def _amount(text: str, *, pattern: "re.Pattern[str]", decimal: str) -> float | None:
    parts = _PARTS.fullmatch(text.strip())
    if parts is None:
        return None
    before, after = _currency(parts["before"]), _currency(parts["after"])
    found = pattern.fullmatch(parts["number"])
    if before is None or after is None or (before and after) or found is None:
        return None
    if parts["none"] and (found["part"] or parts["none"][0] != decimal):
        return None
    whole, part = re.sub(r"\D", "", found["whole"]), found["part"] or ""
    if len(whole) > _DIGITS or _are_thousands(whole, part, before + after):
        return None
    return float(f"{whole}.{part or 0}{found['power'] or ''}")


def _are_thousands(whole: str, part: str, currency: str) -> bool:
    """Return whether three digits after a mark are thousands, because money doesn't have three decimals."""
    if not currency or _THREE_DECIMALS.fullmatch(currency):
        return False
    return len(part) == 3 and whole[0] != "0" and len(whole) <= 3


AMOUNTS: Kind[float] = Kind(
    key="decimal",
    wanted="is not an amount; use digits such as 12000 or 12000.50",
    readings=(
        Format(
            setting=".",
            name="a decimal point",
            read=lambda text: _amount(text, pattern=_BY_POINT, decimal="."),
        ),
        Format(
            setting=",",
            name="a decimal comma",
            read=lambda text: _amount(text, pattern=_BY_COMMA, decimal=","),
        ),
    ),
)
"""Amounts: digits, marks between thousands, a currency before or after; never negative."""
