"""Names and addresses from outside are shown as they are, and obeyed by nobody."""

import csv
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mailsignals.wording.html import NAME_LENGTH, one_line
from tests.mailsignals.cli import small_company
from tests.mailsignals.cli.program import Program

AS_OF = ("--as-of", small_company.AS_OF)
HOSTILE = {
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;",
    "markup": "[red]Evil[/red] [link=https://evil.test]here[/link] :skull:",
    "escapes": "\x1b[2J\x1b]0;owned\x07 \x9b31m \x7f\b",
    "direction": "safe\u202eexe.fdp\u2066",
    "lines": "two\nhigh       99  Another\r\u2028lines",
    "template": "{{ 7 * 7 }}{% raw %}",
}
ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "table", "tr", "td", "div", "img", "br"),
    *("p", "h1", "h2", "h3", "span", "strong", "code", "ul", "li", "bdi"),
}
"""What a digest is made of."""


class Page(HTMLParser):
    """The elements and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.texts: list[str] = []
        self.in_bdi: list[str] = []
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element; none may run anything or fetch anything."""
        self.elements.add(tag)
        self._open.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name == "href"]
        assert all(value and value.startswith("data:image/png;") for name, value in attrs if name == "src")

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Note a text, and whether it is kept from turning its surroundings."""
        self.texts.append(data)
        if "bdi" in self._open:
            self.in_bdi.append(data)


@pytest.fixture(params=HOSTILE)
def hostile(request: pytest.FixtureRequest, stocked: Path) -> str:
    """A text that is the name of the riskiest account, what a further column says of it, and its CSM's name."""
    text = HOSTILE[request.param]
    with (stocked / "accounts.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    for row in rows:
        if row[0] in small_company.QUIET:
            row[1] = row[3] = text
    with (stocked / "accounts.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[*header, text], *([*row, text] for row in rows)])
    return text


@pytest.mark.parametrize("command", ["risk", "signals", "digest", "status", "check"])
def test_no_name_reaches_the_terminal_as_a_command(run: Program, hostile: str, command: str) -> None:
    """No control character and no change of direction is printed, and markup is plain text."""
    options = {"digest": (*AS_OF, "--to", "out"), "risk": AS_OF, "signals": AS_OF}.get(command, ())
    ran = run(command, *options)
    assert ran.status == 0
    for char in set(ran.out + ran.err) - {"\n"}:
        assert unicodedata.category(char) not in {"Cc", "Zl", "Zp"}, hex(ord(char))
        assert unicodedata.bidirectional(char) not in {"RLO", "LRO", "RLE", "LRE", "RLI", "LRI", "FSI"}
    if command in {"risk", "signals"} and "[" in hostile and hostile.isprintable():
        assert hostile in ran.out


@pytest.mark.slow
def test_no_name_makes_an_account_of_its_own_on_the_terminal(run: Program, hostile: str) -> None:
    """A name with line ends is one line of the list."""
    heads = [line for line in run("risk", *AS_OF).out.splitlines() if line.startswith(("high", "medium"))]
    assert len(heads) == 2


def test_an_error_that_quotes_a_name_is_no_command_either(run: Program, stocked: Path) -> None:
    """What is wrong with a hostile cell is said without obeying it."""
    book = (
        (stocked / "accounts.csv").read_text(encoding="utf-8").replace("2026-04-01", "\x1b[2J[red]\u202e", 1)
    )
    (stocked / "accounts.csv").write_text(book, encoding="utf-8")
    ran = run("risk")
    ran.refused("line 2", "renewal_on", "[red]")
    assert all(char == "\n" or char.isprintable() for char in ran.err)


@pytest.mark.slow
def test_a_name_is_text_in_the_digest(run: Program, stocked: Path, hostile: str) -> None:
    """Names, CSMs and further columns are escaped, and kept from turning the text around them."""
    assert run("digest", *AS_OF, "--to", "out").status == 0
    pages = [Page(path.read_text(encoding="utf-8")) for path in (stocked / "out").iterdir()]
    assert {element for page in pages for element in page.elements} <= ELEMENTS
    (page,) = [page for page in pages if any(text.endswith("2 in all.") for text in page.texts)]
    shown = one_line(hostile, most=NAME_LENGTH)
    inside = "".join(page.in_bdi)
    assert inside.count(shown) >= 3
    assert "".join(page.texts).count(shown) == inside.count(shown)


@pytest.mark.slow
def test_a_csm_is_no_path(run: Program, stocked: Path) -> None:
    """Whatever a CSM is called, the page lies in the folder that was asked for, and no page replaces another."""
    book = (stocked / "accounts.csv").read_text(encoding="utf-8")
    for account, csm in (
        ("A01", "../../Ana"),
        ("A02", "..-..-ana"),
        ("A03", "é"),
        ("A04", "ü"),
        ("A05", "x" * 300),
    ):
        line = small_company.account(int(account[1:]))
        book = book.replace(line, line.replace("ana@us.test", csm))
    (stocked / "accounts.csv").write_text(book, encoding="utf-8")
    ran = run("digest", *AS_OF, "--to", "out")
    assert ran.status == 0
    pages = ran.out.splitlines()
    assert len(set(pages)) == len(list((stocked / "out").iterdir())) == 8
    assert all(Path(page).parent == Path("out") for page in pages)
    assert not list(stocked.parent.glob("*Ana*"))


@pytest.mark.slow
def test_a_further_column_of_any_name_does_no_harm(run: Program, stocked: Path) -> None:
    """Columns that are named like figures of ours change no figure, and are shown in the digest."""
    plain = run("risk", "--json", *AS_OF).json
    names = (
        "account",
        "state",
        "score",
        "as_of",
        "level",
        "raw_score",
        "inbound_90",
        "champion",
        "value we_are_slow",
    )
    header, *lines = (stocked / "accounts.csv").read_text(encoding="utf-8").splitlines()
    book = [
        ",".join([header, *names]),
        *(",".join([line, *(f"my {name}" for name in names)]) for line in lines),
    ]
    (stocked / "accounts.csv").write_text("\n".join(book), encoding="utf-8")
    assert run("risk", "--json", *AS_OF).json == plain
    assert run("digest", *AS_OF, "--to", "out", "--csm", "ana@us.test").status == 0
    page = (stocked / "out" / "digest-ana@us.test.html").read_text(encoding="utf-8")
    assert all(f"{name}: my {name}" in page for name in names)
    assert run("signals", *AS_OF).status == run("export", "turns", "--output", "-").status == 0
