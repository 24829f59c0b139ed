"""A digest as a page and as a mail."""

import base64
import re
from html.parser import HTMLParser

import pytest

from mailsignals.notifications.digest.digest import Digest
from mailsignals.notifications.digest.html import html, letter
from mailsignals.notifications.digest.text import text
from mailsignals.wording.html import NAME_LENGTH, commands, isolate
from tests.mailsignals.notifications.digest.assessed import a_row, a_ticket, digests_of, fact, reason, silent

CLIPPED = 102_000
"""From so many characters on Gmail hides the end of a mail."""


def a_digest(name: str = "A") -> Digest:
    """One with everything in it, about an account of this name."""
    (digest,) = digests_of(
        a_row(
            name,
            "high",
            account_id="A17",
            reasons=[reason("friction", f"{name} asked, 7% more.", share=0.4)],
            also=[fact(f"{name} is away.")],
        ),
        a_row("B"),
        a_row("C", "high"),
        silent(f"{name} too", 90.1, back_again=0.3),
        before={"B": "high"},
        weeks={name: ([1] * 13, [2] * 13), "C": ([3] * 13, [0] * 13)},
        owed=[a_ticket(name, 5.0), a_ticket("B", 2.0, late=True)],
    )
    return digest


def test_text_is_escaped_and_isolated() -> None:
    """A name can't become markup, nor change the direction of the text around it."""
    assert isolate("<b> & 7%") == "<bdi>&lt;b&gt; &amp; 7%</bdi>"
    assert isolate("a\u202eb\u2066c") == "<bdi>abc</bdi>"


def test_commands_stand_out_and_are_escaped_first() -> None:
    """What is in backticks is code; nothing in it is markup."""
    assert commands("Type `a <b>` now.") == "Type <code>a &lt;b&gt;</code> now."


def test_a_page_is_whole_in_itself() -> None:
    """It fetches nothing, runs nothing, and fits light and dark, wide and narrow screens."""
    page = html(a_digest())
    assert not re.search(
        r"<(script|link|iframe|object)|https?:|url\(|@import|src=\"(?!data:image/png;)", page
    )
    assert "prefers-color-scheme: dark" in page
    assert 'name="viewport"' in page
    for section in (
        "Still at high risk",
        "No longer at risk",
        "Silent for over 90 days",
        "Open tickets",
    ):
        assert f"<h2>{section}</h2>" in page
    pictures = [base64.b64decode(found) for found in re.findall(r'base64,([^"]+)"', page)]
    assert [picture[:4] for picture in pictures] == [b"\x89PNG"] * 2


def test_a_mail_is_the_same_page_for_mail_programs() -> None:
    """Styles stand in the elements, only those for dark mode beside; every picture is attached and said in words."""
    sent = letter(a_digest())
    assert re.findall(r'src="([^"]+)"', sent.html) == [f"cid:{name}" for name in sent.images]
    assert all(picture.startswith(b"\x89PNG") for picture in sent.images.values())
    assert sent.html.count('alt="Emails by week') == len(sent.images) == 2
    (styles,) = re.findall(r"<style>(.*?)</style>", sent.html, re.DOTALL)
    assert styles.strip().startswith("@media (prefers-color-scheme: dark)")
    assert re.search(r'<td class="card" style="[^"]*background-color: #ffffff', sent.html)
    assert "var(" not in sent.html
    assert "flex" not in sent.html
    assert sent.html.count("<!--[if mso]>") == 2
    assert words(sent.html) == words(html(a_digest()))


def test_a_quiet_page_has_no_empty_sections() -> None:
    """Only the headline and the end are left."""
    (digest,) = digests_of(a_row("A"))
    assert "<h2>" not in html(digest)
    assert letter(digest).images == {}


def test_accounts_without_a_csm_are_addressed_as_such() -> None:
    """Their page says whose it is not."""
    (digest,) = digests_of(a_row("A", csm=None))
    assert "<bdi>accounts without a CSM</bdi>" in html(digest)


HOSTILE = {
    "markup": '"><script>alert(1)</script><img src=x onerror=alert(1)>',
    "end of a comment": "--><!--[if mso]><b>--></style></td></table>",
    "styles": "</style><style>body{display:none}</style>",
    "template": "{{ digest }}{% raw %}",
    "entities": "&lt;script&gt;",
}


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_is_text_also_in_a_mail(name: str) -> None:
    """Inlining styles reads the page and writes it again: what was escaped stays so, and no element is added."""
    plain, sent = letter(a_digest()), letter(a_digest(name))
    assert elements(sent.html) == elements(plain.html)
    assert name[:20] in words(sent.html)


@pytest.mark.parametrize("name", ["a\u202eb\u202d\u2066c\u200fd\u061c", "a\x1b[2J\u2028\r\nb\x00"])
def test_what_is_obeyed_is_taken_out(name: str) -> None:
    """No direction is changed and no terminal told anything, in neither part of a mail."""
    digest = a_digest(name)
    for said in (letter(digest).html, html(digest), text(digest)):
        assert not re.search(
            "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", said
        )


def test_a_very_long_name_is_cut() -> None:
    """It pushes nothing off a small screen, and the mail stays below what Gmail shows."""
    sent = letter(a_digest("x" * 100_000))
    assert f"<bdi>{'x' * (NAME_LENGTH - 1)}…</bdi>" in sent.html
    assert len(sent.html) < CLIPPED


def test_the_largest_digest_is_not_clipped() -> None:
    """Five cards with everything, and ten tickets of more, stay far below Gmail's limit."""
    names = [f"{number} {'Long Name ' * 5}" for number in range(8)]
    reasons = [
        reason("friction", "They chased us 12 times in the last 30 days (never the month before).")
    ] * 3
    (digest,) = digests_of(
        *(a_row(name, "high", arr=1e6, tier="enterprise", reasons=reasons) for name in names),
        weeks={name: ([10] * 13, [20] * 13) for name in names},
        owed=[a_ticket(names[0], 5.0)] * 20,
    )
    assert len(letter(digest).html) < CLIPPED / 2


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # it is passed
        self.elements.append(tag)

    def handle_data(self, data: str) -> None:
        if self.elements[-1:] != ["style"]:
            self.texts.append(data)


def elements(page: str) -> list[str]:
    """The elements of a page, in order."""
    return _Reader(page).elements


def words(page: str) -> str:
    """What there is to read on a page."""
    body = page.partition("<body")[2].partition(">")[2]
    return " ".join(" ".join(_Reader(body).texts).split())
