"""The notes of who saw what, tokens and ended sessions are kept beside a writer, and survive a backup."""

import datetime as dt
from pathlib import Path

from mailsignals.store import Store
from mailsignals.store.tables.audit import Audit, AuditEntry, AuditKind
from mailsignals.store.tables.ended_sessions import EndedSessions
from mailsignals.store.tables.tokens import Token, Tokens
from mailsignals.store.upkeep.backup import back_up
from mailsignals.store.upkeep.restore import restore
from tests.mailsignals.store.pages import AT, a_message, a_page, keep


def an_entry(number: int) -> AuditEntry:
    """Something that somebody did, a minute after the one before."""
    at = AT + dt.timedelta(minutes=number)
    return AuditEntry(
        at=at, who="ana@us.test", way="session", client="", kind=AuditKind.SEEN, what=f"/{number}"
    )


def test_notes_need_no_writers_lock(tmp_path: Path) -> None:
    """While somebody writes messages, people go on looking, sign out, and make tokens."""
    keep(tmp_path, a_page(a_message("1")))
    with Store.open(tmp_path, mode="write"):
        Audit(tmp_path).add([an_entry(number) for number in range(5)], durable=True)
        EndedSessions(tmp_path).end("s", at=AT, until=AT + dt.timedelta(hours=1))
        Tokens(tmp_path).create(Token(name="t", role="head", csm=None), at=AT, by="me", expires_at=None)
    found = Audit(tmp_path).frame(since=AT + dt.timedelta(minutes=2), most=2)
    assert found["what"].to_list() == ["/4", "/3"]


def test_ended_sessions_are_forgotten_when_they_would_be_over(tmp_path: Path) -> None:
    """Until then a copy of the cookie is refused; after that it is anyway."""
    keep(tmp_path, a_page(a_message("1")))
    ended, hour = EndedSessions(tmp_path), dt.timedelta(hours=1)
    ended.end("first", at=AT, until=AT + hour)
    ended.end("second", at=AT + hour / 2, until=AT + 2 * hour)
    assert ended.has("first")
    assert ended.has("second")
    ended.end("third", at=AT + hour, until=AT + 2 * hour)
    assert not ended.has("first")
    assert ended.has("second")


def test_a_backup_has_them_and_nobodys_sign_in(tmp_path: Path) -> None:
    """The log and the tokens come back; the key of sessions does not, so everybody signs in again."""
    store = tmp_path / "store"
    keep(store, a_page(a_message("1")))
    Audit(store).add([an_entry(1)], durable=True)
    (store / "sessions.key").write_bytes(b"x" * 32)
    restore(back_up(store, tmp_path / "copies", at=AT, kept=None).place, tmp_path / "again", at=AT, by="ops")
    assert Audit(tmp_path / "again").frame()["what"].to_list() == [an_entry(1).what, "restore"]
    assert not (tmp_path / "again" / "sessions.key").exists()
