"""Dismissing what waits in a ticket, and taking that back."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from mailsignals.errors import UserError
from mailsignals.store import Store
from mailsignals.usecases.dismiss_ticket import TicketMatch, dismiss_ticket, ticket_by_prefix, undo_dismissal
from tests.mailsignals import small_company
from tests.mailsignals.usecases.offices import imported, loaded

NOW = dt.datetime(2026, 3, 5, tzinfo=dt.UTC)


def waiting(folder: Path) -> list[str]:
    """The ids of the tickets that wait for us."""
    with loaded(folder).at(NOW) as snapshot:
        return snapshot.ticket_rows.filter(waiting_for="us")["ticket"].to_list()


def dismissed(folder: Path, ticket: str, note: str | None = None) -> TicketMatch:
    """The ticket, now that Ana dismissed it."""
    return dismiss_ticket(loaded(folder), ticket, at=NOW, by="ana", note=note)


def test_a_dismissed_ticket_waits_no_more(stocked: Path) -> None:
    """It is known by the beginning of its id, and cannot be dismissed twice; undone, it waits again."""
    (ticket,) = waiting(stocked)
    assert dismissed(stocked, f" {ticket[:6].upper()} ").ticket == ticket
    assert waiting(stocked) == []
    with pytest.raises(UserError, match=f"{ticket} has no unanswered emails"):
        dismissed(stocked, ticket)
    assert undo_dismissal(loaded(stocked), ticket, at=NOW).ticket == ticket
    assert waiting(stocked) == [ticket]
    with pytest.raises(UserError, match=f"{ticket} has no dismissed emails"):
        undo_dismissal(loaded(stocked), ticket, at=NOW)


def test_who_said_so_and_why_is_kept(stocked: Path) -> None:
    """With the mail that opened the ticket, who, when and the note."""
    (ticket,) = waiting(stocked)
    opening = dismissed(stocked, ticket, "by telephone").opening
    with Store.open(stocked / "store", mode="read") as store:
        (kept,) = store.dismissals().to_dicts()
    assert kept == {
        "account_id": "A03",
        "sender": opening.sender,
        "sent_at": opening.sent_at,
        "message_id": "A03-1@mail.test",
        "dismissed_at": NOW,
        "dismissed_by": "ana",
        "note": "by telephone",
    }


def test_a_dismissal_survives_an_earlier_copy_of_the_mail(stocked: Path) -> None:
    """When another mailbox brings the same mail with an earlier time, the ticket is still known."""
    (ticket,) = waiting(stocked)
    opening = dismissed(stocked, ticket).opening
    earlier = opening.sent_at - dt.timedelta(seconds=30)
    copy = small_company.a_mail("A03-1", earlier, opening.sender, small_company.DESK)
    (stocked / "other.mbox").write_bytes(copy)
    imported(stocked, "other.mbox", mailbox="bo@us.test")
    with loaded(stocked).at(NOW) as snapshot:
        (moved,) = snapshot.ticket_rows.filter(pl.col("dismissed") > 0).to_dicts()
    assert moved["opened_at"] < opening.sent_at
    assert moved["waiting_for"] == "them"


@pytest.mark.parametrize(
    ("typed", "said"),
    [("abc", "at least 4 digits"), ("0000ffff", "'0000ffff': no such ticket"), ("", "digits")],
)
def test_a_slip_of_the_finger_names_no_ticket(stocked: Path, typed: str, said: str) -> None:
    """One sentence that names what was typed and where the ids are."""
    with loaded(stocked).at(NOW) as snapshot, pytest.raises(UserError, match=said):
        ticket_by_prefix(snapshot, typed)


def test_a_beginning_that_several_ids_share_names_none(
    stocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says how many begin so, and asks for more digits."""
    monkeypatch.setattr("mailsignals.usecases.dismiss_ticket.LEAST_DIGITS", 0)
    with loaded(stocked).at(NOW) as snapshot, pytest.raises(UserError, match=r"matches \d+ tickets \(\w+, "):
        ticket_by_prefix(snapshot, "")


@pytest.mark.slow
def test_what_was_dismissed_is_nothing_that_we_owe(stocked: Path) -> None:
    """The CSM's reasons and the support lead's queue agree; a new mail is owed an answer again."""
    wednesday = dt.datetime(2026, 3, 3, 23, tzinfo=dt.UTC)

    def owed() -> list[str]:
        with loaded(stocked).at(wednesday) as snapshot:
            (row,) = snapshot.risk.filter(account_id="A03").to_dicts()
        marks = [*row["reasons"], *row["also"]]
        return [mark["text"] for mark in marks if "overdue_answer" in {mark["mark"], mark["signal"]}]

    assert len(owed()) == 1
    (ticket,) = waiting(stocked)
    with loaded(stocked).at(NOW) as snapshot:
        opening = ticket_by_prefix(snapshot, ticket).opening
    dismiss_ticket(loaded(stocked), ticket, at=opening.sent_at + dt.timedelta(days=1), by="ana", note=None)
    assert owed() == []
    again = small_company.a_mail(
        "more",
        opening.sent_at + dt.timedelta(days=2),
        opening.sender,
        small_company.DESK,
        after="A03-1",
    )
    (stocked / "more.mbox").write_bytes(again)
    imported(stocked, "more.mbox", mailbox="bo@us.test")
    assert len(owed()) == 1
