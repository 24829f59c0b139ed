"""The bulletins of those who answer for several people, each sent once for its day or week."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailsignals.notifications.digest.notification import bulletin_envelopes
from mailsignals.usecases.bulletins import BulletinKind, bulletin, bulletin_readers, due_on, envelopes
from tests.mailsignals import small_company
from tests.mailsignals.usecases.offices import MIDNIGHT, loaded
from tests.mailsignals.usecases.sending import SECTION, sent, states
from tests.support.smtp import MailServer

LEA, ELSEWHERE = "lea@us.test", "lea@elsewhere.test"


@pytest.fixture
def mails(stocked: Path) -> Iterator[MailServer]:
    """A mail server that the small company sends by."""
    with MailServer().running() as server:
        small_company.add(stocked, SECTION.format(port=server.port))
        yield server


@pytest.mark.slow
def test_the_head_gets_one_weekly_digest_in_a_calendar_week(stocked: Path, mails: MailServer) -> None:
    """Whoever is named, if mail may go there; without a name it goes to nobody."""
    assert list(bulletin_readers(loaded(stocked).settings, BulletinKind.WEEKLY)) == []
    small_company.configure(stocked, "enabled = true", f'enabled = true\nhead = ["{LEA}", "{ELSEWHERE}"]')
    workspace = loaded(stocked)
    with workspace.at(MIDNIGHT) as snapshot:
        wanted = envelopes(snapshot, BulletinKind.WEEKLY)
        made = bulletin(snapshot, BulletinKind.WEEKLY)
    first = sent(workspace, wanted)
    assert states(wanted, first) == {("weekly", LEA): "sent", ("weekly", ELSEWHERE): "skipped"}
    assert {one.key.due_on for one in wanted} == {dt.date(2026, 3, 2)}

    def sent_on(day: int) -> list[bool]:
        due = due_on(dt.date(2026, 3, day), BulletinKind.WEEKLY)
        again = bulletin_envelopes(workspace.settings, made, to=[LEA], on=due)
        return [outcome.tried for outcome in sent(workspace, again)]

    assert (sent_on(8), sent_on(9)) == ([False], [True])
    assert [str(mail["List-Id"]) for mail in mails.mails] == ["<weekly.mailsignals.us.test>"] * 2
    subject = str(mails.mails[0]["Subject"])
    assert re.fullmatch(r"Weekly report, 2 Mar 2026: \d of 12 accounts at high risk - Us", subject)


def test_a_support_lead_gets_one_digest_a_day(stocked: Path, mails: MailServer) -> None:
    """With the day before; without a name it goes to nobody."""
    assert list(bulletin_readers(loaded(stocked).settings, BulletinKind.SUPPORT)) == []
    small_company.configure(stocked, "enabled = true", f'enabled = true\nsupport_lead = ["{LEA}"]')
    workspace = loaded(stocked)
    for day in range(2):
        with workspace.at(MIDNIGHT + dt.timedelta(days=day)) as snapshot:
            wanted = envelopes(snapshot, BulletinKind.SUPPORT)
        for tried in (True, False):
            outcomes = sent(workspace, wanted)
            assert states(wanted, outcomes) == {("support", LEA): "sent"}
            assert [outcome.tried for outcome in outcomes] == [tried]
    assert [str(mail["List-Id"]) for mail in mails.mails] == ["<support.mailsignals.us.test>"] * 2
    assert "on 1 Mar 2026" in mails.mails[0]["Subject"]
