"""The rows behind a mark make its number."""

import pytest

from mailsignals.risk.assess import assess
from mailsignals.risk.marks import MARKS, MARKS_BY_NAME, Mark
from mailsignals.signals.pipeline import SIGNALS_BY_NAME
from mailsignals.signals.provenance import RowContext
from tests.mailsignals.account_rows import account_rows
from tests.mailsignals.risk.office import AT, DAY, HOUR, SETTINGS, Mailbox, facts_and_book
from tests.mailsignals.risk.test_marks import CASES

CONTEXT = RowContext(as_of=AT, reply_horizon=SETTINGS.signals.reply_horizon_days * DAY)


def test_the_number_of_a_mark_is_made_of_its_rows() -> None:
    """The number that a reason says is the figure of the rows that it leads to, for every mark that has one."""
    boxes = {name: Mailbox(name) for name in CASES}
    for name, case in CASES.items():
        case.write(boxes[name])
    boxes["one_answer_of_two_is_due"] = Mailbox("one_answer_of_two_is_due").they(3 * HOUR).they(HOUR)
    found, accounts, people = facts_and_book(boxes)
    rows = account_rows(found, AT)
    compared = set()
    for row in assess(found, accounts, people, SETTINGS, as_of=AT).iter_rows(named=True):
        for reason in row["reasons"]:
            mark = MARKS_BY_NAME.get(reason["mark"])
            if mark is None or mark.provenance.from_rows is None:
                continue
            chosen = mark.provenance.select(rows[row["account"]][mark.provenance.rows.kind], CONTEXT)
            made = mark.provenance.figure(chosen, CONTEXT)
            if mark.name == "no_checkin" and row["days_since_checkin"] is None:
                assert made is None  # its number is the age of the account
                continue
            assert made == pytest.approx(reason["value"]), (row["account_id"], reason)
            compared.add(mark.name)
    assert compared == {mark.name for mark in MARKS if mark.provenance.from_rows is not None}


def test_every_mark_but_one_has_a_number_of_its_rows() -> None:
    """Of the champion's mails no number is made: those of half a year are shown."""
    without = {mark.name for mark in MARKS if mark.provenance.from_rows is None}
    assert without == {"champion_quiet"}


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: mark.name)
def test_a_mark_counts_the_same_kind_of_rows_as_its_signal(mark: Mark) -> None:
    """A mark rests on a signal that can be opened, over the window of the signal where that has one."""
    behind = SIGNALS_BY_NAME[mark.signal].provenance(mark.provenance.days)
    assert behind
    assert behind.rows.kind == mark.provenance.rows.kind
    assert behind.days == mark.provenance.days
