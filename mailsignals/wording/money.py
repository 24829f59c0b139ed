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
