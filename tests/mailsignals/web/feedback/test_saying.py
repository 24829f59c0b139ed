"""The page that links in mails lead to: looking changes nothing, saying is kept."""

import datetime as dt
import html
import re

import pytest
from starlette.testclient import TestClient

from mailsignals.notifications.digest.card import Card
from mailsignals.secret_files import SecretFile
from mailsignals.store import Store
from mailsignals.usecases.digests import pages_by_zone
from mailsignals.web.pages import PAGES
from tests.mailsignals.web.feedback.office import A_DAY, Office, fields, path_of, say, words


@pytest.mark.slow
def test_looking_changes_nothing(untouched: Office, onlooker: TestClient, card: Card) -> None:
    """However often, and whoever asks: link scanners follow every link of a mail, and ask for HEAD first."""
    before = untouched.contents
    said = f"{path_of(card)}&kind=dismissed&note=x&given_at=2026-03-02"
    for path in (path_of(card), said, "/feedback", *(page.path for page in PAGES if page.title)):
        for headers in ({}, {"Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}):
            answers = [ask(path, headers=headers) for ask in (onlooker.get, onlooker.head, onlooker.get)]
            assert {answer.status_code for answer in answers} <= {200, 403}
    for refused_method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        assert onlooker.request(refused_method, path_of(card)).status_code == 405
    assert untouched.contents == before
    assert untouched.said == []


def test_before_the_first_link_there_is_none(office: Office, reader: TestClient) -> None:
    """Whoever makes one up is refused, and no secret is made for them."""
    (office.folder / "store" / SecretFile.LINKS.file_name).unlink()
    assert reader.get("/feedback?token=x.y.z").status_code == 403
    assert not (office.folder / "store" / SecretFile.LINKS.file_name).exists()


def test_the_page_shows_the_flag_and_tells_nobody_its_address(onlooker: TestClient, card: Card) -> None:
    """Account, reasons, and the four things that may be said; the address goes to no other page and into no cache."""
    answer = onlooker.get(path_of(card))
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    shown = words(answer)
    for text in (
        card.name,
        card.account_id,
        card.reasons[0].text,
        "Open since",
        "Nothing is saved until you press",
    ):
        assert text in shown
    for kind in ("dismissed", "snoozed", "saved", "churned"):
        assert set(fields(answer, kind)) == {"token", "kind"}


@pytest.mark.parametrize(
    ("kind", "given", "state"),
    [
        ("dismissed", {"note": "seasonal"}, "dismissed"),
        ("snoozed", {"until": "worse"}, "snoozed"),
        ("snoozed", {"until": "day", "day": "2026-03-10"}, "snoozed"),
        ("saved", {}, "saved"),
        ("churned", {"on": "2026-03-01"}, "churned"),
    ],
)
def test_what_is_said_is_kept_once_and_can_be_taken_back(
    office: Office, reader: TestClient, card: Card, kind: str, given: dict[str, str], state: str
) -> None:
    """With who said so and that it came by a link; a form that is sent twice is kept once, and so is its undoing."""
    answers = [say(reader, card, kind, **given)]
    office.now += dt.timedelta(seconds=40)
    answers.append(say(reader, card, kind, **given))
    assert [(answer.status_code, "Saved:" in words(answer)) for answer in answers] == [(200, True)] * 2
    flag = office.flag(card.account_id)
    assert (flag["state"], office.said) == (state, [kind])
    with office.workspace.reading() as store:
        (by,) = store.feedback.frame()["given_by"]
    assert re.fullmatch(r"\S+@\S+, by email link", by)
    undo = fields(answers[0], "undone")
    for _ in range(2):
        assert "Feedback undone." in words(reader.post("/feedback", data=undo))
    assert office.said == [kind, "undone"]
    assert office.flag(card.account_id)["closed_on"] is None


@pytest.mark.slow
def test_mails_know_at_once(office: Office, reader: TestClient, card: Card) -> None:
    """The next digest, the precision, and who trains on departures: without waiting for anything."""
    say(reader, card, "dismissed", note="fine")
    with office.workspace.at(office.now + A_DAY) as snapshot:
        (pages,) = pages_by_zone(snapshot, timezones=["UTC"]).values()
    digests = [page.digest for page in pages]
    assert card.account_id not in {each.account_id for digest in digests for each in digest.cards}
    (remark, *_) = {digest.remarks[0] for digest in digests}
    assert remark.startswith("The only flag settled in the last quarter was wrong")
    (other, *_) = office.cards
    say(reader, other, "churned", on="2026-03-01")
    with office.workspace.at(office.now) as snapshot:
        book = snapshot.accounts
    assert book.filter(account_id=other.account_id)["churned_on"].item() == dt.date(2026, 3, 1)


@pytest.mark.parametrize(
    ("kind", "given", "problem"),
    [
        ("dismissed", {"note": " "}, "A note is required"),
        ("dismissed", {"note": "x" * 1001}, "longer than 1,000 characters"),
        ("snoozed", {}, "Choose a date or an event"),
        ("snoozed", {"until": "day"}, "Choose a date or an event"),
        ("snoozed", {"until": "day", "day": "2026-03-02"}, "2026-03-02 is not in the future"),
        ("snoozed", {"until": "day", "day": "<b>"}, "Invalid date '<b>'"),
        ("snoozed", {"until": "never", "day": "2026-03-09"}, "Choose a date or an event"),
        ("churned", {"on": "1999-01-01"}, "started on"),
        ("churned", {"on": "soon"}, "Invalid date 'soon'"),
        ("undone", {}, "Choose the feedback to undo"),
        ("undone", {"given_at": "0001-01-01T00:00+14:00"}, "Choose the feedback to undo"),
        ("hacked", {}, "Choose one of the actions"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(
    untouched: Office, onlooker: TestClient, card: Card, kind: str, given: dict[str, str], problem: str
) -> None:
    """Nothing is kept, and what was typed is still there; no option of a command is named."""
    answer = say(onlooker, card, kind, **given)
    assert answer.status_code == 422
    assert problem in words(answer)
    assert "--" not in words(answer)
    assert "Nothing was saved." in words(answer)
    assert untouched.said == []
    if kind in {"dismissed", "snoozed", "churned"}:
        assert answer.text.count('aria-invalid="true"') == 1
        assert len(re.findall(r'class="problem"', answer.text)) == 1
    for name in given.keys() & {"note", "day", "on"}:
        assert html.escape(given[name].strip(), quote=False) in answer.text


def test_a_closed_flag_can_still_be_settled_and_not_snoozed(
    office: Office, reader: TestClient, card: Card
) -> None:
    """The page says since when, and offers what is left."""
    say(reader, card, "saved")
    answer = reader.get(path_of(card))
    shown = words(answer)
    assert "Closed on 2 Mar 2026: saved." in shown
    assert 'id="snoozed"' not in answer.text
    assert 'id="dismissed"' in answer.text
    assert say(reader, card, "snoozed", until="worse").status_code == 422


def test_it_waits_for_no_writer(office: Office, reader: TestClient, card: Card) -> None:
    """A sync may hold the store for hours."""
    with Store.open(office.folder / "store", mode="write"):
        assert say(reader, card, "saved").status_code == 200
    assert office.said == ["saved"]


def test_a_hostile_name_is_only_shown(office: Office, reader: TestClient, card: Card) -> None:
    """Markup and characters that turn text are kept from doing anything."""
    hostile = "<script>alert(1)</script>\N{RIGHT-TO-LEFT OVERRIDE}&amp;"
    office.rewrite("accounts.csv", lambda text: text.replace(card.name, hostile))
    answer = say(reader, card, "snoozed", until="worse", note=hostile)
    assert "<script>alert" not in answer.text
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in answer.text
    assert "<script>alert(1)</script>&amp;" in html.unescape(answer.text)
