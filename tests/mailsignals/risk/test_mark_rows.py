"""The rows behind a mark make its number."""

import pytest

from mailsignals.risk.marks import MARKS, MARKS_BY_NAME
from mailsignals.signals.pipeline import SIGNALS_BY_NAME
from mailsignals.signals.provenance import RowContext
from tests.mailsignals.account_rows import account_rows
from tests.mailsignals.risk.mark_cases import CASES
from tests.mailsignals.risk.office import AT, DAY, HOUR, SETTINGS, Mailbox, facts_and_book, marked

ROWS_OF_MARKS = {mark.name: mark.provenance for mark in MARKS if mark.provenance}
CONTEXT = RowContext(as_of=AT, reply_horizon=SETTINGS.signals.reply_horizon_days * DAY)


def test_the_number_of_a_mark_is_made_of_its_rows() -> None:
    """The number that a reason says is the figure of the rows that it leads to, for every mark that has one."""
    boxes = {name: Mailbox(name) for name in CASES}
    for name, case in CASES.items():
        case.write(boxes[name])
    boxes["one_answer_of_two_is_due"] = Mailbox("one_answer_of_two_is_due").they(3 * HOUR).they(HOUR)
    found, _, _ = facts_and_book(boxes)
    rows = account_rows(found, AT)
    compared = set()
    for row in marked(boxes).values():
        for reason in row["marks"]:
            provenance = ROWS_OF_MARKS.get(reason["mark"])
            if provenance is None or provenance.from_rows is None:
                continue
            chosen = provenance.select(rows[row["account"]][provenance.rows.kind], CONTEXT)
            made = provenance.figure(chosen, CONTEXT)
            if reason["mark"] == "no_checkin" and row["days_since_checkin"] is None:
                assert made is None  # its number is the age of the account
                continue
            assert made == pytest.approx(reason["value"]), (row["account_id"], reason)
            compared.add(reason["mark"])
    assert compared == {name for name, rows_of in ROWS_OF_MARKS.items() if rows_of.from_rows is not None}


def test_every_mark_but_one_has_a_number_of_its_rows() -> None:
    """Of the champion's mails no number is made: those of half a year are shown."""
    assert {name for name, rows in ROWS_OF_MARKS.items() if rows.from_rows is None} == {"champion_quiet"}


def test_marks_of_what_programs_wrote_have_no_rows() -> None:
    """Calendar messages, bounces and automatic replies are no mails of the account's list."""
    without = {mark.name for mark in MARKS} - ROWS_OF_MARKS.keys()
    assert without == {"champion_gone", "champion_away", "no_meeting", "unanswered_checkin", "followups"}


@pytest.mark.parametrize("name", sorted(ROWS_OF_MARKS))
def test_a_mark_counts_the_same_kind_of_rows_as_its_signal(name: str) -> None:
    """A mark rests on a signal that can be opened, over the window of the signal where that has one."""
    rows = ROWS_OF_MARKS[name]
    behind = SIGNALS_BY_NAME[MARKS_BY_NAME[name].signal].provenance(rows.days)
    assert behind
    assert behind.rows.kind == rows.rows.kind
    assert behind.days == rows.days
