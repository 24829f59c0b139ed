"""Each CSM's digest: whose it is, what is new in it, and what it leaves out."""

import csv
import datetime as dt
import re
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from mailsignals.errors import UserError
from mailsignals.flags.record import day_of
from mailsignals.notifications.digest.html import html
from mailsignals.notifications.digest.notification import digest_envelopes
from mailsignals.store import Store
from mailsignals.store.tables.feedback import FeedbackEntry
from mailsignals.usecases.digests import DigestPage, chosen_pages
from mailsignals.usecases.export import Table, export_table
from mailsignals.usecases.score import score
from mailsignals.usecases.signals import compute_signals
from mailsignals.wording.html import NAME_LENGTH, one_line
from tests.mailsignals import small_company
from tests.mailsignals.usecases.offices import MIDNIGHT, loaded
from tests.mailsignals.usecases.sending import ANA, BO, sent

NOON = dt.datetime(2026, 3, 2, 11, tzinfo=dt.UTC)
A_DAY = dt.timedelta(days=1)
NEW = "<h2>New at high risk</h2>"
ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "table", "tr", "td", "div", "img", "br"),
    *("p", "h1", "h2", "h3", "span", "strong", "code", "ul", "li", "bdi"),
}
"""What a digest is made of."""


def pages(folder: Path, as_of: dt.datetime = MIDNIGHT, csm: str | None = None) -> list[DigestPage]:
    """The pages of all CSMs, or of one."""
    with loaded(folder).at(as_of) as snapshot:
        return chosen_pages(snapshot, csm=csm)


def with_high_risk(folder: Path) -> None:
    """Lower the bar, so that Customer 1, who has not written for nine weeks, is at high risk."""
    if "[risk]" not in (folder / "config.toml").read_text(encoding="utf-8"):
        small_company.add(folder, "[risk]\nhigh_risk = 0.12")


def page_of_ana(folder: Path, as_of: dt.datetime) -> str:
    """The text of Ana's page."""
    (page,) = pages(folder, as_of, ANA)
    return html(page.digest)


@pytest.mark.slow
def test_one_csm_and_another_day(stocked: Path) -> None:
    """A CSM may be asked for alone, in any case; the next day is another delivery."""
    small_company.add(
        stocked, '[digest]\nenabled = true\nfrom = "a@us.test"\nvia = "folder"\nfolder = "mails"'
    )
    workspace = loaded(stocked)
    (page,) = pages(stocked, csm=BO.upper())
    assert page.digest.csm == BO
    for day in range(2):
        wanted = digest_envelopes(workspace.settings, [page.digest], MIDNIGHT + day * A_DAY)
        (outcome,) = sent(workspace, wanted)
        assert (wanted[0].key.recipient, outcome.record.state, outcome.tried) == (BO, "sent", True)
    with pytest.raises(UserError, match=r"--csm x@us\.test.*ana@us\.test"):
        pages(stocked, csm="x@us.test")


@pytest.mark.slow
def test_a_digest_tells_what_is_new_since_the_last_one(flagged: Path) -> None:
    """The last one that was sent, however many days were recorded since; the flag keeps its day."""
    with_high_risk(flagged)
    workspace = loaded(flagged, '[digest]\nenabled = true\nfrom = "a@us.test"\nvia = "folder"\nfolder = "m"')
    assert NEW in page_of_ana(flagged, NOON)
    for day in (1, 2):
        score(workspace, MIDNIGHT + day * A_DAY)
    still = page_of_ana(flagged, NOON + 2 * A_DAY)
    assert NEW not in still
    assert "flagged on 2 Mar" in still
    assert "2 flags are undecided" in still
    with workspace.at(MIDNIGHT - A_DAY) as snapshot:
        digests = [page.digest for page in chosen_pages(snapshot, csm=None)]
    sent(workspace, digest_envelopes(workspace.settings, digests, MIDNIGHT - A_DAY))
    assert NEW in page_of_ana(flagged, NOON + 2 * A_DAY)


@pytest.mark.slow
def test_a_day_that_is_not_recorded_yet_counts_as_it_would_be(stocked: Path) -> None:
    """Who becomes at risk today is new also if the digest is made before the day is recorded."""
    with_high_risk(stocked)
    score(loaded(stocked), dt.datetime(2025, 9, 30, 22, tzinfo=dt.UTC))
    page = page_of_ana(stocked, NOON)
    assert NEW in page
    assert "flagged today" in page


@pytest.mark.slow
def test_digests_leave_out_what_is_dealt_with(flagged: Path) -> None:
    """Who is snoozed has no card any more, and is counted."""
    with_high_risk(flagged)
    card = "<h3><bdi>Customer 1</bdi></h3>"
    assert card in page_of_ana(flagged, NOON)
    with Store.open(flagged / "store", mode="write") as store:
        said = FeedbackEntry(
            account_id="A01", given_at=MIDNIGHT, given_by="ana", kind="snoozed", until="worse"
        )
        store.feedback.keep(lambda _: said)
    after = page_of_ana(flagged, NOON)
    assert card not in after
    assert re.search(r"Your (other )?accounts: 1 at high risk \(snoozed\)", after)


@pytest.mark.slow
def test_a_digest_says_the_chance(trained: Path) -> None:
    """The page of a CSM has the probability in words beside the score."""
    workspace = loaded(trained)
    with workspace.at(workspace.instant("2026-11-01", now=NOON)) as snapshot:
        texts = [html(page.digest) for page in chosen_pages(snapshot, csm=None)]
    assert any("chance of churning" in text for text in texts)


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


@pytest.mark.slow
@pytest.mark.parametrize("kind", small_company.HOSTILE)
def test_a_name_is_text_in_the_digest(stocked: Path, kind: str) -> None:
    """Names, CSMs and further columns are escaped, and kept from turning the text around them."""
    with_high_risk(stocked)
    hostile = small_company.HOSTILE[kind]
    small_company.rename_quiet(stocked, hostile)
    found = [Page(html(page.digest)) for page in pages(stocked)]
    assert {element for page in found for element in page.elements} <= ELEMENTS
    (page,) = [page for page in found if any(text.endswith("(1 in total).") for text in page.texts)]
    shown = one_line(hostile, most=NAME_LENGTH)
    inside = "".join(page.in_bdi)
    assert inside.count(shown) >= 3
    assert "".join(page.texts).count(shown) == inside.count(shown)


def test_a_csm_is_no_path(stocked: Path) -> None:
    """Whatever a CSM is called, the page lies in the folder that was asked for, and no page replaces another."""
    names = {"A01": "../../Ana", "A06": "..-..-ana", "A03": "é", "A04": "ü", "A05": "x" * 300}
    book = (stocked / "accounts.csv").read_text(encoding="utf-8")
    for account, csm in names.items():
        line = small_company.account(int(account[1:]))
        book = book.replace(line, line.replace(ANA, csm))
    (stocked / "accounts.csv").write_text(book, encoding="utf-8")
    small_company.list_from_the_start(stocked)
    places = [page.write(stocked / "out") for page in pages(stocked)]
    assert len(set(places)) == len(places) == len(list((stocked / "out").iterdir())) > len(names)
    assert all(place.parent == stocked / "out" for place in places)
    assert not list(stocked.parent.glob("*Ana*"))


@pytest.mark.slow
def test_a_further_column_of_any_name_does_no_harm(stocked: Path) -> None:
    """Columns that are named like figures of ours change no figure, and are shown in the digest."""
    with_high_risk(stocked)
    with loaded(stocked).at(MIDNIGHT) as snapshot:
        plain = snapshot.risk
    names = [
        *("account", "state", "score", "as_of", "level", "raw_score", "inbound_90", "champion"),
        "value we_are_slow",
    ]
    with (stocked / "accounts.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    with (stocked / "accounts.csv").open("w", encoding="utf-8", newline="") as file:
        further = [f"my {name}" for name in names]
        csv.writer(file).writerows([[*header, *names], *([*row, *further] for row in rows)])
    with loaded(stocked).at(MIDNIGHT) as snapshot:
        assert snapshot.risk.to_dicts() == plain.to_dicts()
        assert export_table(snapshot, Table.TURNS).height
        (page,) = chosen_pages(snapshot, csm=ANA)
    assert compute_signals(loaded(stocked), [MIDNIGHT]).height
    text = html(page.digest)
    assert all(f"{name}: my {name}" in text for name in names)


@pytest.mark.slow
def test_a_change_of_method_is_said_once(stocked: Path) -> None:
    """In a CSM's first digest after it; the account at high risk is listed, and it is neither new nor flagged."""
    with_high_risk(stocked)
    workspace = loaded(stocked, '[digest]\nenabled = true\nfrom = "a@us.test"\nvia = "folder"\nfolder = "m"')
    with workspace.at(MIDNIGHT - A_DAY) as snapshot:
        before = day_of(snapshot.risk, as_of=snapshot.as_of, timezone=snapshot.timezone)
        told = [page.digest for page in chosen_pages(snapshot, csm=None)]
    with Store.open(stocked / "store", mode="write") as store:
        store.scores.add(
            before.with_columns(
                score=pl.lit(50.0),
                level=pl.lit("low"),
                source=pl.lit("scorecard"),
                risk=pl.lit(None, pl.Float64),
            )
        )
    sent(workspace, digest_envelopes(workspace.settings, told, MIDNIGHT - A_DAY))
    (first,) = pages(stocked, MIDNIGHT, ANA)
    assert first.digest.change is not None
    assert "The change itself opened and closed no flags" in first.digest.change
    assert (first.digest.new, [card.name for card in first.digest.cards]) == (0, ["Customer 1"])
    assert first.digest.easing == []
    score(workspace, MIDNIGHT)
    sent(workspace, digest_envelopes(workspace.settings, [first.digest], MIDNIGHT))
    (second,) = pages(stocked, MIDNIGHT + A_DAY, ANA)
    assert second.digest.change is None
    assert (second.digest.new, [card.name for card in second.digest.cards]) == (0, ["Customer 1"])
