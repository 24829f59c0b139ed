"""What goes over the wire, read back."""

import datetime as dt
import email
import email.policy
import re
import unicodedata
from email.message import EmailMessage, Message, MIMEPart

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsignals.accounts.addresses import plain_address
from mailsignals.notifications.delivery.message import (
    Mail,
    SenderIdentity,
    message,
    message_id,
    recipient_of,
    sender_of,
)
from mailsignals.notifications.delivery.safety import delivery_problem
from mailsignals.wording.html import SUBJECT_LENGTH, encodable_text, one_line
from tests.mailsignals.notifications.delivery.letters import ANA, AT, ORIGIN, PNG, a_key, a_mail, a_message

ANY_TEXT = st.text(
    st.one_of(st.characters(), st.sampled_from('\r\n\t\0\x85\u2028\u202e\u2066\ud800\udfff<>":;,@=?é'))
)
ID = message_id(a_key(), ORIGIN)


def read_back(raw: bytes) -> EmailMessage:
    """A message as a mail program reads it."""
    return email.message_from_bytes(raw, policy=email.policy.default)


def text_of(part: Message) -> str:
    """The text of a part, with the line ends of this machine."""
    assert isinstance(part, MIMEPart)
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_mail_is_plain_text_or_a_page_with_its_pictures() -> None:
    """The alternatives are plain text, and HTML with its pictures, in this order."""
    made = read_back(a_message().as_bytes())
    plain, related = made.iter_parts()
    page, picture = related.iter_parts()
    assert made.get_content_type() == "multipart/alternative"
    assert (plain.get_content_type(), text_of(plain)) == ("text/plain", "Plain.\n")
    assert related.get_content_type() == "multipart/related"
    assert (page.get_content_type(), text_of(page)) == ("text/html", a_mail().html + "\n")
    assert (picture.get_content_type(), picture["Content-ID"]) == ("image/png", "<chart>")
    assert picture.get_content_disposition() == "inline"
    assert picture.get_content() == PNG
    assert made.defects == []


def test_programs_are_told_that_nobody_need_answer() -> None:
    """The headers that keep out-of-office notes away, and say what it is, by whom, for whom and when."""
    made = read_back(a_message().as_bytes())
    assert {name: str(value) for name, value in made.items() if name != "Content-Type"} == {
        "From": "Us signals <signals@us.test>",
        "To": "ana@us.test",
        "Subject": "3 accounts at risk",
        "Date": "Mon, 02 Mar 2026 06:00:00 +0000",
        "Message-ID": f"<{ID}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Precedence": "bulk",
        "List-Id": "<digest.mailsignals.us.test>",
        "MIME-Version": "1.0",
    }


def test_the_same_delivery_has_the_same_id_and_bytes() -> None:
    """Repeated, it can be recognised; another recipient, day or sender makes it another."""
    assert a_message().as_bytes() == a_message().as_bytes()
    other_origin = SenderIdentity(address="other@us.test", name="")
    others = {
        message_id(a_key("bo@us.test"), ORIGIN),
        message_id(a_key(on=AT.date() + dt.timedelta(days=1)), ORIGIN),
        message_id(a_key(), other_origin),
        ID,
    }
    assert len(others) == 4
    assert all(re.fullmatch(r"digest\.[0-9a-f]{32}@us\.test", name) for name in others)


@pytest.mark.slow
@settings(deadline=None)
@given(subject=ANY_TEXT, name=ANY_TEXT, further=ANY_TEXT)
def test_no_text_makes_a_header_of_its_own(subject: str, name: str, further: str) -> None:
    """Whatever a subject or a name holds, the headers are those that were meant, and can be encoded."""
    mail = Mail(
        kind="digest", recipient=ANA, subject=subject, html="", text="", headers=(("X-Further", further),)
    )
    raw = message(mail, SenderIdentity(address="signals@us.test", name=name), id_=ID, at=AT).as_bytes()
    made = read_back(raw)
    assert sorted(made.keys()) == sorted([*a_message().keys(), "X-Further"])
    assert (recipient_of(made), sender_of(made)) == (ANA, "signals@us.test")
    assert len(made["To"].addresses) == len(made["From"].addresses) == 1
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    raw.decode("ascii")


@settings(deadline=None)
@given(ANY_TEXT)
def test_a_line_is_one_line_and_nothing_in_it_is_obeyed(text: str) -> None:
    """No control, no line end, no direction, no half of a character is left; what is clean stays as it is."""
    line = one_line(text, most=SUBJECT_LENGTH)
    assert len(line) <= SUBJECT_LENGTH
    assert len(line.splitlines()) <= 1
    joiners = {"\u200c", "\u200d"}
    assert {unicodedata.category(sign) for sign in set(line) - joiners} & {
        "Cc",
        "Cf",
        "Cs",
        "Zl",
        "Zp",
    } == set()
    assert one_line(line, most=SUBJECT_LENGTH) == line


def test_a_very_long_subject_is_cut() -> None:
    """Ten thousand characters end in a sign that more followed."""
    made = read_back(message(a_mail(subject="é" * 10_000), ORIGIN, id_=ID, at=AT).as_bytes())
    assert str(made["Subject"]) == "é" * 199 + "…"


@pytest.mark.slow
@settings(deadline=None)
@given(ANY_TEXT)
def test_any_text_can_be_the_content(text: str) -> None:
    """It comes back as it was, apart from what no encoding can hold and what would be obeyed."""
    made = read_back(a_message(text=text).as_bytes())
    plain = made.get_body(("plain",))
    assert plain is not None
    assert text_of(plain).rstrip("\n") == encodable_text(text).rstrip("\n")


@pytest.mark.parametrize("address", ["jörg@us.test", "a..b@us.test", "o'neil+x@us.test"])
def test_unusual_addresses_survive(address: str) -> None:
    """They are written so that they can be read back (RFC 6532 where they are not ASCII)."""
    recipient = plain_address(address)
    assert recipient is not None
    raw = message(a_mail(recipient), ORIGIN, id_=ID, at=AT).as_bytes()
    local = address.partition("@")[0]
    assert f"To: {local}@".encode() in raw or f'To: "{local}"@'.encode() in raw
    assert len(read_back(raw)["To"].addresses) == 1


@pytest.mark.parametrize(
    "csm",
    [
        "Ana",
        "ana@us.test, eve@x.test",
        "Ana <ana@us.test>",
        "a\r\nBcc: eve@x.test@us.test",
        "<ana@us.test>",
        "",
    ],
)
def test_what_is_no_single_address_gets_nothing(csm: str) -> None:
    """A name, a list, or an address with something hidden in it."""
    assert "not an email address" in str(delivery_problem(csm, ["us.test"]))


def test_mail_goes_to_allowed_domains_alone() -> None:
    """A domain stands for what lies below it, and not for what merely ends like it."""
    allowed = ["us.test"]
    assert delivery_problem("ana@us.test", allowed) is None
    assert delivery_problem("ANA@Mail.Us.Test", allowed) is None
    assert "us.test.evil.example" in str(delivery_problem("ana@us.test.evil.example", allowed))
    assert "notus.test" in str(delivery_problem("ana@notus.test", allowed))
    assert "no CSM" in str(delivery_problem(None, allowed))
