"""Links into the dashboard, and the signed ones among them."""

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailsignals.notifications.digest.links import (
    LAST,
    ExpiredError,
    ForgedError,
    Links,
    Permit,
    permit_of,
    token,
)

AT = dt.datetime(2026, 3, 2, 7, tzinfo=dt.UTC)
SECRET = b"s" * 32
PERMIT = Permit(account_id="A17", csm="ana@us.test", opened_on=dt.date(2026, 3, 1))
TOKEN = token(PERMIT, secret=SECRET, at=AT)
A_SECOND = dt.timedelta(seconds=1)

permits = st.builds(
    Permit, account_id=st.text(max_size=40), csm=st.text(min_size=1, max_size=40), opened_on=st.dates()
)


@given(permit=permits, age=st.timedeltas(dt.timedelta(0), LAST))
def test_a_link_says_what_it_was_made_for(permit: Permit, age: dt.timedelta) -> None:
    """Whatever the account is called, for 30 days, in characters that a mail program leaves alone."""
    text = token(permit, secret=SECRET, at=AT)
    assert permit_of(text, secret=SECRET, at=AT + age) == permit
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


@given(place=st.integers(0, len(TOKEN) - 1), sign=st.characters())
@example(place=len(TOKEN) - 1, sign=chr(ord(TOKEN[-1]) + 1))
def test_no_letter_can_be_changed(place: int, sign: str) -> None:
    """Not even into another spelling of the same bytes."""
    altered = TOKEN[:place] + sign + TOKEN[place + 1 :]
    if altered != TOKEN:
        with pytest.raises(ForgedError):
            permit_of(altered, secret=SECRET, at=AT)


@given(cut=st.integers(0, len(TOKEN) - 1), added=st.text(max_size=5))
def test_nothing_can_be_cut_off_or_put_in(cut: int, added: str) -> None:
    """In front, behind, or in between."""
    for altered in (TOKEN[:cut] + added, TOKEN[cut + 1 :] + added, TOKEN[:cut] + added + "=" + TOKEN[cut:]):
        with pytest.raises(ForgedError):
            permit_of(altered, secret=SECRET, at=AT)


@given(text=st.text(max_size=200))
def test_what_is_made_up_is_no_link(text: str) -> None:
    """It is refused, and breaks nothing."""
    with pytest.raises(ForgedError):
        permit_of(text, secret=SECRET, at=AT)


def test_another_stores_link_is_none_of_ours() -> None:
    """Each store has a secret of its own."""
    with pytest.raises(ForgedError):
        permit_of(token(PERMIT, secret=b"t" * 32, at=AT), secret=SECRET, at=AT)


@pytest.mark.slow
@given(late=st.timedeltas(A_SECOND, dt.timedelta(days=5000)))
@example(late=A_SECOND)
def test_a_link_expires_after_thirty_days(late: dt.timedelta) -> None:
    """To the second; what it was for is still known, and an altered one is forged rather than expired."""
    with pytest.raises(ExpiredError) as caught:
        permit_of(TOKEN, secret=SECRET, at=AT + LAST + late)
    assert caught.value.permit == PERMIT
    with pytest.raises(ForgedError):
        permit_of(f"{TOKEN}A", secret=SECRET, at=AT + LAST + late)


@given(account_id=st.text(min_size=1, max_size=40), csm=st.text(min_size=1, max_size=40))
def test_a_name_stays_within_its_place_in_an_address(account_id: str, csm: str) -> None:
    """Slashes, question marks and the like of an account's id lead nowhere else."""
    links = Links(url="https://dash.us.test", secret=SECRET, at=AT)
    account = urlsplit(links.account(account_id))
    assert (account.netloc, account.query, account.fragment) == ("dash.us.test", "", "")
    assert account.path.count("/") == 2
    assert parse_qs(urlsplit(links.accounts(csm)).query, keep_blank_values=True) == {"csm": [csm]}
    assert links.accounts(None) == "https://dash.us.test/accounts"


def test_a_secret_is_not_printed() -> None:
    """Links may be in a report of an error."""
    assert "ssss" not in repr(Links(url="", secret=SECRET, at=AT))
