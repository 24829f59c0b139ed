"""Keeping what is said, by several people at once."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest

from mailsignals.config import Settings
from mailsignals.errors import UserError
from mailsignals.flags.feedback_rules import About, NotSaidError
from mailsignals.store import Store
from mailsignals.store.tables.feedback import FeedbackEntry
from mailsignals.usecases.feedback import Word, feedback_rules, give
from mailsignals.workspace import Workspace
from tests.mailsignals.flags.records import BERLIN, at, book, on, recorded
from tests.mailsignals.usecases.offices import MIDNIGHT

NOW = at(1, 9)
A_MINUTE = dt.timedelta(minutes=1)
QUIET = "A01"


def settings_of(folder: Path) -> Settings:
    """A company in Berlin whose store is in a folder."""
    company = {"name": "Us", "domains": ["us.test"], "timezone": BERLIN}
    return Settings.model_validate(
        {"company": company, "store": {"path": folder}, "accounts": {"file": "accounts.csv"}}
    )


def given(folder: Path, word: Word, by: str = "ana", *, after: int = 0) -> FeedbackEntry | None:
    """What is kept of somebody's word on A, so many microseconds after nine."""
    at = NOW + dt.timedelta(microseconds=after)
    said, _ = give(settings_of(folder), book().row(0, named=True), by=by, at=at, word=word)
    return said


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with one recorded day, on which A is at high risk."""
    with Store.open(tmp_path / "store", mode="write") as store:
        store.scores.add(recorded("h"))
    return tmp_path / "store"


def kinds(folder: Path) -> list[str]:
    """All that was kept."""
    with Store.open(folder, mode="read") as store:
        return store.feedback.frame()["kind"].to_list()


def test_a_form_that_arrives_twice_at_once_is_kept_once(folder: Path) -> None:
    """What follows from all that was said before follows from the other one, too."""
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda n: given(folder, lambda rules: rules.saved("x"), after=n), range(8)))
    assert kinds(folder) == ["saved"]
    assert len(set(kept)) == 1


def test_a_form_that_overtakes_its_twin_is_the_same_word(folder: Path) -> None:
    """Of two that were sent, the later one may be kept first."""
    for after in (5, 0):
        given(folder, lambda rules: rules.saved("x"), after=after)
    assert kinds(folder) == ["saved"]


def test_what_two_people_say_at_one_instant_is_kept(folder: Path) -> None:
    """Neither takes the place of the other."""
    given(folder, lambda rules: rules.snoozed(on(9), None), "ana")
    given(folder, lambda rules: rules.dismissed("why"), "bo")
    assert kinds(folder) == ["snoozed", "dismissed"]
    at_nine = NOW + dt.timedelta(microseconds=9)
    stands = feedback_rules(settings_of(folder), book().row(0, named=True), by="ana", at=at_nine)
    assert stands.standing[-1]["given_by"] == "bo"


def test_what_is_refused_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    """Neither a word, nor a lock; and where there is no store none is made."""
    with pytest.raises(UserError, match="why"):
        given(folder, lambda rules: rules.dismissed(None))
    assert kinds(folder) == []
    given(folder, lambda rules: rules.saved(None))
    with pytest.raises(UserError, match="no store here"):
        feedback_rules(settings_of(tmp_path / "none"), book().row(0, named=True), by="ana", at=NOW)
    assert not (tmp_path / "none").exists()


def say(
    company: Path, account: str, word: Word, *, by: str = "ana", minutes: int = 0
) -> FeedbackEntry | None:
    """What is kept of a word about an account of the small company, so many minutes after its day was recorded."""
    workspace = Workspace.load(company / "config.toml")
    row = workspace.book.accounts.row(by_predicate=pl.col("account_id") == account, named=True)
    kept, _ = give(workspace.settings, row, by=by, at=MIDNIGHT + minutes * A_MINUTE, word=word)
    return kept


def flag_of_quiet(company: Path) -> dict[str, object]:
    """The only flag of the quiet customer, an hour after its day was recorded."""
    with Workspace.load(company / "config.toml").at(MIDNIGHT + 60 * A_MINUTE) as snapshot:
        (row,) = snapshot.recorded_flags.filter(account_id=QUIET).to_dicts()
    return row


def test_a_flag_follows_what_is_said(flagged: Path) -> None:
    """Snoozed, taken back by somebody else, dismissed; with who and why."""
    tomorrow = MIDNIGHT.date() + dt.timedelta(days=2)
    say(flagged, QUIET, lambda rules: rules.snoozed(tomorrow, "call on Monday"))
    row = flag_of_quiet(flagged)
    assert (row["state"], row["by"], row["note"]) == ("snoozed", "ana", "call on Monday")
    say(flagged, QUIET, lambda rules: rules.undone(), by="bo", minutes=1)
    assert flag_of_quiet(flagged)["state"] == "entering"
    say(flagged, QUIET, lambda rules: rules.dismissed("seasonal"), minutes=2)
    row = flag_of_quiet(flagged)
    assert (row["state"], row["closed_on"] is None) == ("dismissed", False)


def test_what_is_said_waits_for_no_writer(flagged: Path) -> None:
    """A sync may hold the store for hours; a word about a flag, and taking it back, are kept meanwhile."""
    with Store.open(flagged / "store", mode="write"):
        assert say(flagged, QUIET, lambda rules: rules.dismissed("seasonal")) is not None
        assert flag_of_quiet(flagged)["state"] == "dismissed"
        assert say(flagged, QUIET, lambda rules: rules.undone(), minutes=1) is not None
        assert flag_of_quiet(flagged)["state"] == "entering"


@pytest.mark.slow
def test_who_left_by_somebodys_word_has_churned(flagged: Path) -> None:
    """Without a flag as well, and until it is taken back; risk says so from that instant on, and not before."""
    workspace, left_on = Workspace.load(flagged / "config.toml"), dt.date(2026, 3, 1)

    def states(at: dt.datetime) -> dict[str, str]:
        with workspace.at(at) as snapshot:
            return dict(snapshot.risk.select("account_id", "state").iter_rows())

    for account in (QUIET, "A07"):
        say(flagged, account, lambda rules: rules.churned(left_on, None), minutes=1)
        with pytest.raises(UserError, match="2026-03-01"):
            say(flagged, account, lambda rules: rules.churned(None, None), minutes=20)
    now = states(MIDNIGHT + 60 * A_MINUTE)
    assert (now[QUIET], now["A07"]) == ("churned", "churned")
    assert flag_of_quiet(flagged)["state"] == "churned"
    say(flagged, "A07", lambda rules: rules.undone(), minutes=30)
    assert states(MIDNIGHT + 60 * A_MINUTE)["A07"] != "churned"
    # At an instant before it was said, nobody knew.
    assert states(MIDNIGHT)[QUIET] == "active"


REFUSED: list[tuple[str, Word, str]] = [
    ("A07", lambda rules: rules.snoozed(dt.date(2026, 3, 9), None), "A07.*no open flag"),
    (QUIET, lambda rules: rules.snoozed(dt.date(2026, 1, 1), None), "2026-01-01.*later date"),
    ("A07", lambda rules: rules.dismissed("fine"), "A07.*no open flag"),
    (QUIET, lambda rules: rules.dismissed(" "), "note is required"),
    ("A07", lambda rules: rules.saved(None), "A07.*no open flag"),
    (QUIET, lambda rules: rules.churned(dt.date(2020, 1, 1), None), "2020-01-01.*2024-01-01"),
    (QUIET, lambda rules: rules.undone(), "A01.*no feedback to undo"),
]


def test_what_makes_no_sense_is_refused(flagged: Path) -> None:
    """In a sentence that says whose, and what to give instead; nothing is kept."""
    for account, word, said in REFUSED:
        with pytest.raises(UserError, match=said):
            say(flagged, account, word)
    assert kinds(flagged / "store") == []


def test_without_a_record_there_is_no_flag_to_speak_of(stocked: Path) -> None:
    """A word about one is refused, as there is no record."""
    with pytest.raises(NotSaidError) as refused:
        say(stocked, QUIET, lambda rules: rules.saved(None))
    assert refused.value.about is About.RECORD
