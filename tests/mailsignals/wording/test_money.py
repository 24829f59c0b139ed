"""Amounts with their currency."""

import pytest

from mailsignals.wording.money import money


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (120_000.4, "EUR", "€120,000"),
        (120_000, "CHF", "CHF 120,000"),
        (120_000, "", "120,000"),
        (-1_500, "USD", "-$1,500"),
        (-0.2, "SEK", "SEK 0"),
    ],
)
def test_an_amount_is_whole_and_has_the_currency_of_the_list(
    amount: float, currency: str, shown: str
) -> None:
    """Known symbols stand before the amount, other codes with a space; without a currency there is the amount alone."""
    assert money(amount, currency) == shown
