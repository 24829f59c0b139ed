"""Addresses as real mail writes them."""

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.mail import fold_gmail, mailbox_address, normalise_address
from connectors.mail.addresses import MAX_RECIPIENTS, read_addresses, read_mailbox

ONE_FORM = {
    "capitals": ("Ana.Lopez@Example.COM", "ana.lopez@example.com"),
    "tag": ("ana+news@example.com", "ana@example.com"),
    "two tags": ("ana+a+b@example.com", "ana@example.com"),
    "a number of a text-message gateway": ("+15551234@sms.test", "15551234@sms.test"),
    "final dot": ("ana@example.com.", "ana@example.com"),
    "angle brackets": (" <ana@example.com> ", "ana@example.com"),
    "apostrophes around": ("'ana@example.com'", "ana@example.com"),
    "apostrophe inside": ("o'neil@example.com", "o'neil@example.com"),
    "scheme": ("mailto:ana@example.com", "ana@example.com"),
    "quotes without need": ('"ana"@example.com', "ana@example.com"),
    "quotes with need": ('"Ana Lopez"@example.com', '"ana lopez"@example.com'),
    "quoted at-sign": (r'"a\@b"@example.com', '"a@b"@example.com'),
    "quoted tag": ('"ana+x y"@example.com', "ana@example.com"),
    "dots that RFC 5322 forbids": ("ana..x.@docomo.test", "ana..x.@docomo.test"),
    "no dot in the domain": ("root@localhost", "root@localhost"),
    "number of a host": ("ana@[192.0.2.1]", "ana@[192.0.2.1]"),
    "letters beyond ASCII": ("Müller@Bücher.example", "müller@xn--bcher-kva.example"),
    "combining marks": ("mu\u0308ller@bu\u0308cher.example", "müller@xn--bcher-kva.example"),
    "punycode": ("müller@XN--BCHER-KVA.example", "müller@xn--bcher-kva.example"),
    "sharp s is a letter of its own": ("a@faß.example", "a@xn--fa-hia.example"),
    "full-width letters": ("a@\uff58\uff0ecom", "a@x.com"),
    "ideographic full stop": ("a@例え。テスト", "a@xn--r8jz45g.xn--zckzah"),
    "dots at Gmail": ("Kim.Lee@gmail.com", "kimlee@gmail.com"),
    "Gmail's other domain": ("k.i.m@GoogleMail.com", "kim@gmail.com"),
    "dots and a tag at Gmail": ("kim.lee+work@gmail.com", "kimlee@gmail.com"),
    "a company that Google hosts": ("kim.lee@acme.test", "kim.lee@acme.test"),
    "below Gmail": ("kim.lee@x.gmail.com", "kim.lee@x.gmail.com"),
    "nothing but dots at Gmail": ("..@gmail.com", "..@gmail.com"),
    "quoted at Gmail": ('"kim lee."@gmail.com', '"kim lee."@gmail.com'),
    "a mark without width": ("\u200bana@example.com", "ana@example.com"),
}

NO_ADDRESS = [
    "",
    "@",
    "ana",
    "ana@",
    "@example.com",
    "+@example.com",
    "ana lopez@example.com",
    "a@b@example.com",
    "ana@exa mple.com",
    "ana@exa/mple.com",
    "a\x00b@example.com",
    '"a\x01b"@example.com',
    "ana@" + "x" * 64 + ".com",
    "a" * 400 + "@example.com",
    "/O=ORG/OU=EXCHANGE/CN=RECIPIENTS/CN=ANA",
]


@pytest.mark.parametrize(("written", "form"), ONE_FORM.values(), ids=ONE_FORM)
def test_every_spelling_of_an_address_has_one_form(written: str, form: str) -> None:
    """An address is lower-case, without tag and name, its domain in ASCII."""
    assert normalise_address(written) == form


@pytest.mark.parametrize("text", NO_ADDRESS)
def test_what_is_no_address_is_none(text: str) -> None:
    """Text that mail could not be delivered to gives None."""
    assert normalise_address(text) is None


@pytest.mark.parametrize(("written", "form"), ONE_FORM.values(), ids=ONE_FORM)
def test_a_mailbox_keeps_its_spelling_at_gmail_alone(written: str, form: str) -> None:
    """Stored messages are found by the mailbox as it was first written."""
    mailbox = mailbox_address(written)
    assert mailbox is not None
    assert fold_gmail(mailbox) == form
    assert (mailbox == form) == (form == normalise_address(mailbox) == mailbox)
    assert mailbox_address(mailbox) == mailbox


_ADDRESS_LIKE = st.builds(
    "{}@{}".format,
    st.text(st.sampled_from(string.printable + "äÄßİΣﬁ\u200b") | st.characters(), max_size=20),
    st.text(st.sampled_from(string.ascii_letters + ".-ßİΣüｅ。") | st.characters(), max_size=20),
)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(_ADDRESS_LIKE | st.text(max_size=40))
@example("''a@b''")
@example("mailto:mailto:a@b")
@example("ΑΣ+x@ΑΣ.gr")
def test_the_form_of_a_form_is_itself(text: str) -> None:
    """Normalising twice is normalising once, and a form holds no capital letter and no tag."""
    form = normalise_address(text)
    if form is not None:
        assert normalise_address(form) == form
        local, _, domain = form.rpartition("@")
        assert "+" not in local
        assert domain.isascii()
        assert domain == domain.lower()


@given(st.text(st.sampled_from("abcäöüßéñøçğžждщяλ"), min_size=1, max_size=12))
def test_unicode_and_punycode_are_one_domain(label: str) -> None:
    """A domain in its own letters and in ASCII is the same domain."""
    ascii_label = label if label.isascii() else "xn--" + label.encode("punycode").decode()
    assert normalise_address(f"a@{label}.example") == normalise_address(f"a@{ascii_label}.example")


FIELDS = {
    "plain": ("Ana <ana@x.com>, bo@x.com", ["ana@x.com", "bo@x.com"]),
    "folded": ("Ana <ana@x.com>,\t Bo\t<bo@x.com>", ["ana@x.com", "bo@x.com"]),
    "comma in a quoted name": ('"Lopez, Ana" <ana@x.com>, bo@x.com', ["ana@x.com", "bo@x.com"]),
    "address in a quoted name": ('"eve@evil.test" <ana@x.com>', ["ana@x.com"]),
    "escaped quote in a name": (r'"A \"eve@evil.test, \" L" <ana@x.com>', ["ana@x.com"]),
    "comma in a name without quotes": ("Lopez, Ana <ana@x.com>", ["ana@x.com"]),
    "semicolons": ("Ana <ana@x.com>; Bo <bo@x.com>; cy@x.com", ["ana@x.com", "bo@x.com", "cy@x.com"]),
    "group": ("Friends: ana@x.com, Bo <bo@x.com>;, cy@x.com", ["ana@x.com", "bo@x.com", "cy@x.com"]),
    "empty group": ("undisclosed-recipients:;", []),
    "empty": (" ", []),
    "trailing comma": ("ana@x.com, ", ["ana@x.com"]),
    "repeated": ("ana@x.com, ANA+tag@x.com", ["ana@x.com"]),
    "comment": ("ana@x.com (Ana (the boss), eve@evil.test)", ["ana@x.com"]),
    "comment inside": ("ana(x)@(y)x.com", ["ana@x.com"]),
    "comment that never ends": ("Ana (Sales <ana@x.com>, bo@x.com", ["ana@x.com", "bo@x.com"]),
    "smiley": ("Ana :) <ana@x.com>", ["ana@x.com"]),
    "quoted local part": ('"ana lopez"@x.com, <"a,b"@x.com>', ['"ana lopez"@x.com', '"a,b"@x.com']),
    "quoted angle bracket": ('<"a>b"@x.com>, bo@x.com', ['"a>b"@x.com', "bo@x.com"]),
    "no closing quote": ('"Ana <ana@x.com>, "Bo" <bo@x.com>', ["ana@x.com", "bo@x.com"]),
    "no closing bracket": ("Ana <ana@x.com, Bo <bo@x.com>", ["ana@x.com", "bo@x.com"]),
    "no opening bracket": ("Ana ana@x.com>", ["ana@x.com"]),
    "doubled brackets": ("Ana <<ana@x.com>>", ["ana@x.com"]),
    "two in one pair of brackets": ("<ana@x.com, bo@x.com>", ["ana@x.com", "bo@x.com"]),
    "no separator": ("Ana <ana@x.com> Bo <bo@x.com>", ["ana@x.com", "bo@x.com"]),
    "no brackets": ('"Lopez, Ana" ana@x.com, Bo bo@x.com', ["ana@x.com", "bo@x.com"]),
    "no brackets, an address in the name": ('"a eve@evil.test b" ana@x.com', ["ana@x.com"]),
    "bare, with blanks between": ("ana@x.com bo@x.com", ["ana@x.com", "bo@x.com"]),
    "blanks around the signs": ("<ana . lopez @ x.com>, bo @ x.com", ["ana.lopez@x.com", "bo@x.com"]),
    "route": ("<@relay.test,@other.test:ana@x.com>", ["ana@x.com"]),
    "host number": ("ana@[IPv6:2001:db8::1]", ["ana@[ipv6:2001:db8::1]"]),
    "apostrophes": ("'ana@x.com'", ["ana@x.com"]),
    "address as name only": ('"ana@x.com"', ["ana@x.com"]),
    "address, then empty brackets": ("ana@x.com <>", ["ana@x.com"]),
    "scheme": ("mailto:ana@x.com", ["ana@x.com"]),
    "address as the name of a group": ("ana@x.com: bo@x.com;", ["ana@x.com", "bo@x.com"]),
    "encoded name": ("=?utf-8?q?M=C3=BCller=2C_eve=40evil.test?= <ana@x.com>", ["ana@x.com"]),
    "encoded name with a raw comma": ("=?utf-8?q?M,_<eve@evil.test>?= <ana@x.com>", ["ana@x.com"]),
    "encoded name in quotes": ('"=?utf-8?b?TSwgPGVAZT4=?=" <ana@x.com>', ["ana@x.com"]),
    "raw letters": ("Müller <müller@bücher.example>", ["müller@xn--bcher-kva.example"]),
}


@pytest.mark.parametrize(("value", "addresses"), FIELDS.values(), ids=FIELDS)
def test_a_field_gives_its_addresses(value: str, addresses: list[str]) -> None:
    """Every address of a field is found, in order, once, and nothing that only looks like one."""
    assert list(read_addresses([value], set())) == addresses


@pytest.mark.parametrize("value", ["Ana", "/O=ORG/CN=ANA", "ana@exa/mple.com", "<ana>", "Ana, bo@x.com"])
def test_what_should_be_an_address_is_counted(value: str) -> None:
    """An entry that is no address is a defect, not a silence."""
    defects: set[str] = set()
    read_addresses([value], defects)
    assert defects == {"unreadable_address"}


def test_several_fields_are_one_list() -> None:
    """A header that appears twice gives the addresses of both."""
    assert read_addresses(["ana@x.com", "bo@x.com, ana@x.com"], set()) == ("ana@x.com", "bo@x.com")


def test_recipients_are_bounded_and_the_cut_is_counted() -> None:
    """Of a hundred thousand recipients the first thousand are kept; repeats do not count."""
    defects: set[str] = set()
    few = ", ".join(["ana@x.com"] * 5_000 + ["bo@x.com"])
    assert read_addresses([few], defects) == ("ana@x.com", "bo@x.com")
    assert not defects
    many = ", ".join(f"u{number}@x.com" for number in range(100_000))
    assert len(read_addresses([many], defects)) == MAX_RECIPIENTS
    assert defects == {"cut_recipients"}


def test_the_first_usable_from_counts() -> None:
    """Of several mailboxes, or several From headers, the first that is an address is taken, with its name."""
    defects: set[str] = set()
    assert read_mailbox(["nobody", "Eve, Ana <ana@x.com>, bo@x.com"], defects) == ("Ana", "ana@x.com")
    assert defects == {"unreadable_address"}
    assert read_mailbox(["nobody"], set()) == ("", None)
