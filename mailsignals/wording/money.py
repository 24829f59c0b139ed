"""Amounts of money in the currency of the account list."""

_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}


def money(amount: float, currency: str = "") -> str:
    """Return an amount without decimals: ``€120,000``, ``CHF 120,000``, or ``120,000`` without a currency.

    Args:
        amount: in whole units of the currency.
        currency: a code of ISO 4217; empty where the configuration names none.
    """
    number = f"{abs(amount):,.0f}"
    sign = "-" if amount < 0 and number != "0" else ""
    if currency in _SYMBOLS:
        return f"{sign}{_SYMBOLS[currency]}{number}"
    return f"{sign}{currency} {number}" if currency else f"{sign}{number}"


def money_words(
    arr_high: float | None, arr: float | None, expected_loss: float | None, *, currency: str = ""
) -> str | None:
    """Return a sentence on ARR at high risk and, if known, on the expected loss; None without any ARR.

    Args:
        arr_high: of active accounts at high risk.
        arr: of all current accounts.
        expected_loss: within 90 days; None with too few churned accounts.
        currency: of all amounts, as for ``money``.
    """
    if arr is None:
        return None
    sentence = f"ARR at high risk: {money(arr_high or 0, currency)} of {money(arr, currency)}."
    if expected_loss is not None:
        sentence += f" Expected loss within 90 days: {money(expected_loss, currency)}."
    return sentence
