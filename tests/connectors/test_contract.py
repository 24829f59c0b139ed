"""What the sync relies on, for every connector; a new one is added to ``EVERY_KIND`` and has to pass."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from connectors.base import MESSAGE_SCHEMA, Connector, ConnectorError, Cursor, Page, ResyncError, frame_of
from connectors.files import batch, parquet
from tests.connectors.writers import ANA, EVERY_KIND, HEADER_FILES, Mail, a_mail, messages_of

TRAPS = (
    b"Hello\n\nFrom bo@acme.test Mon Mar  2 10:00:00 2026\nSubject: in a body\n\nBye\n",
    b">From the start\n>>From\nFrom now on: nothing\n",
    b"\x00\xff\r\n\r\nFrom \r\nno newline at the end",
    b"",
    b"\n\n\n",
)
MAILS = [a_mail(number, body=TRAPS[number % len(TRAPS)]) for number in range(53)]
NO_DATE = Mail(b"Message-ID: <lost@acme.test>\nFrom: bo@acme.test\nSubject: no date\n")
GARBAGE = Mail(b"X: \xff\xfe\x00\x01\nnot a header\n\tat all\n", b"\x00" * 500)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of 20 mails, so that few mails make several pages."""
    monkeypatch.setattr(batch, "PAGE_SIZE", 20)
    monkeypatch.setattr(parquet, "PAGE_ROWS", 20)


@pytest.fixture(params=EVERY_KIND)
def connector(request: pytest.FixtureRequest, tmp_path: Path) -> Connector:
    """A mailbox of each kind with the same 53 mails."""
    return EVERY_KIND[request.param](tmp_path, MAILS)


def all_of(pages: Sequence[Page]) -> pl.DataFrame:
    """The messages of these pages, whatever they were called at their origin, in the order of their ids."""
    frames = [frame_of([]), *(page.messages for page in pages)]
    return pl.concat(frames).drop("provider", "provider_id", "labels").sort("message_id")


def test_the_same_mails_give_the_same_messages(connector: Connector) -> None:
    """Every kind of mailbox that holds the same mails gives the same messages, in every column."""
    expected = frame_of(messages_of(MAILS)).drop("provider", "provider_id", "labels").sort("message_id")
    assert all_of(list(connector.pages())).equals(expected)


def test_pages_are_in_the_schema(connector: Connector) -> None:
    """Each page has the columns of messages in their order and types, and messages of this mailbox."""
    for page in connector.pages():
        assert page.messages.schema == MESSAGE_SCHEMA
        assert set(page.messages["mailbox"]) == {connector.mailbox} == {ANA}


@pytest.mark.parametrize("kind", HEADER_FILES)
def test_pages_count_the_signs_of_automated_mail(kind: str, tmp_path: Path) -> None:
    """By the kind and the sign that decided; a mail that is set aside counts nowhere."""
    bulk, answer = b"Precedence: bulk\n", b"Auto-Submitted: auto-replied\n"
    mails = [
        *(a_mail(number, more=bulk) for number in range(22)),
        a_mail(22, more=answer),
        a_mail(23),
        Mail(NO_DATE.head + bulk),
    ]
    signs = Counter[tuple[str, str]]()
    for page in HEADER_FILES[kind](tmp_path, mails).pages():
        signs.update(page.signs)
    assert signs == {("bulk", "Precedence: bulk"): 22, ("auto_reply", "Auto-Submitted"): 1}


def test_it_is_a_connector(connector: Connector) -> None:
    """It has a provider, a mailbox and a source that stay what they are."""
    assert isinstance(connector, Connector)
    assert (connector.provider, connector.source) == (connector.provider, connector.source)
    assert connector.source


def test_every_cursor_resumes_exactly(connector: Connector) -> None:
    """After the cursor of any page come the mails of the later pages: none lost, none twice."""
    pages = list(connector.pages())
    assert len(pages) == 3
    for number, page in enumerate(pages, start=1):
        assert all_of(list(connector.pages(page.cursor))).equals(all_of(pages[number:]))


def test_pages_come_one_at_a_time(connector: Connector) -> None:
    """An import that stops after one page, and goes on later with its cursor, misses nothing."""
    cursor: Cursor | None = None
    pages: list[Page] = []
    while (page := next(iter(connector.pages(cursor)), None)) is not None:
        pages.append(page)
        cursor = page.cursor
    assert all_of(pages).equals(all_of(list(connector.pages())))


def test_a_finished_mailbox_has_nothing_more(connector: Connector) -> None:
    """After the last cursor there are no pages."""
    *_, last = connector.pages()
    assert list(connector.pages(last.cursor)) == []


def test_reading_again_gives_the_same_ids(connector: Connector) -> None:
    """A message has the same provider id whenever it is read, and no two messages share one."""
    first, again = (
        [id_ for page in connector.pages() for id_ in page.messages["provider_id"]] for _ in range(2)
    )
    assert first == again
    assert len(set(first)) == len(MAILS)


def test_progress_goes_forward_to_the_end(connector: Connector) -> None:
    """Progress never goes back, keeps its unit and total, and ends at the total."""
    progress = [page.progress for page in connector.pages()]
    done = [each.done for each in progress]
    assert done == sorted(done)
    assert {(each.total, each.unit) for each in progress} == {(done[-1], progress[0].unit)}


@pytest.mark.parametrize("cursor", ["", "nonsense", "[]", '{"version": 1}', '{"version": 99}'])
def test_a_cursor_of_something_else_is_harmless(connector: Connector, cursor: str) -> None:
    """With a cursor that is not ours everything is read from the beginning, at once or when the caller resyncs."""
    try:
        pages = list(connector.pages(Cursor(cursor)))
    except ResyncError:
        pages = list(connector.pages())
    assert sum(page.messages.height for page in pages) == len(MAILS)


@pytest.mark.parametrize("kind", HEADER_FILES)
def test_garbage_is_set_aside(tmp_path: Path, kind: str) -> None:
    """A mail that cannot be read is reported with its place and a reason, and costs no other mail."""
    mails = [*MAILS[:10], NO_DATE, *MAILS[10:25], GARBAGE, *MAILS[25:]]
    pages = list(HEADER_FILES[kind](tmp_path, mails).pages())
    skipped = [one for page in pages for one in page.skipped]
    assert [one.reason for one in skipped] == ["no readable date"] * 2
    assert len({one.place for one in skipped}) == 2
    assert all_of(pages)["message_id"].to_list() == sorted(f"{number}@acme.test" for number in range(53))


@pytest.mark.parametrize("kind", HEADER_FILES)
def test_ids_depend_on_the_mail_only(tmp_path: Path, kind: str) -> None:
    """The same mail has the same provider id in every export."""
    pages = list(HEADER_FILES[kind](tmp_path, MAILS).pages())
    found = sorted(id_ for page in pages for id_ in page.messages["provider_id"])
    assert found == sorted(message.provider_id for message in messages_of(MAILS))


@pytest.mark.parametrize("kind", [kind for kind in EVERY_KIND if kind != "memory"])
def test_a_source_that_is_gone_says_so(tmp_path: Path, kind: str) -> None:
    """An error names the mailbox, what is wrong, and what to do."""
    (tmp_path / "here").mkdir()
    connector = EVERY_KIND[kind](tmp_path / "here", MAILS)
    (tmp_path / "here").rename(tmp_path / "away")
    with pytest.raises(ConnectorError) as caught:
        list(connector.pages())
    error = caught.value
    assert error.mailbox == ANA
    assert str(tmp_path / "here") in error.problem
    assert error.remedy


def test_an_empty_mailbox_is_no_error(tmp_path: Path) -> None:
    """A mailbox without mails has nothing to read, and that is all."""
    for kind, make in EVERY_KIND.items():
        (tmp_path / kind).mkdir()
        if kind != "eml":
            assert all_of(list(make(tmp_path / kind, []).pages())).is_empty(), kind
