"""People and amounts on pages."""

import jinja2
import pytest

from mailsignals.web.rendering import NO_FIGURE, amount, person
from mailsignals.wording.people import PersonNames


def shown(names: dict[str, str], *, currency: str = "") -> jinja2.runtime.Context:
    """The context of a page that knows these names."""
    return (
        jinja2.Environment(autoescape=True)
        .from_string("")
        .new_context({"person_names": PersonNames(names), "currency": currency})
    )


def test_a_known_name_is_shown_and_the_address_is_its_title() -> None:
    """Both are escaped, because names come from the account list."""
    context = shown({"kim@northwind.test": "Kim <b>Lee</b>"})
    assert person(context, "kim@northwind.test") == (
        '<bdi title="kim@northwind.test">Kim &lt;b&gt;Lee&lt;/b&gt;</bdi>'
    )


@pytest.mark.parametrize(("address", "text"), [("x@y.test", "<bdi>x@y.test</bdi>"), (None, NO_FIGURE)])
def test_without_a_name_the_address_stands(address: str | None, text: str) -> None:
    """Without an address there is a dash."""
    assert person(shown({}), address) == text


def test_amounts_have_the_currency_of_the_account_list() -> None:
    """A dash stands where there is no amount."""
    context = shown({}, currency="CHF")
    assert (amount(context, 1234.5), amount(context, None)) == ("CHF 1,234", NO_FIGURE)
