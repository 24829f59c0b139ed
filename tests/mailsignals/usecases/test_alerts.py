"""Alerts by a real mail server, at times that a test says."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from mailsignals.errors import UserError
from mailsignals.notifications.digest.notification import digest_envelopes
from mailsignals.store import Store
from mailsignals.store.tables.scores import SCORES_SCHEMA
from mailsignals.usecases.alerts import alerts, check_alerts_enabled
from mailsignals.usecases.digests import chosen_pages
from mailsignals.usecases.dismiss_ticket import dismiss_ticket, undo_dismissal
from mailsignals.usecases.send import preview
from tests.mailsignals import small_company
from tests.mailsignals.alert_company import ANA, CONFIG, KIM, LEA, to
from tests.mailsignals.small_company import DESK, a_mail
from tests.mailsignals.usecases.alerting import standings, states, tell, utc
from tests.mailsignals.usecases.offices import imported, loaded
from tests.mailsignals.usecases.sending import sent
from tests.support.smtp import MailServer

DUE = {(ANA, "due_soon"): "due", (LEA, "due_soon"): "due"}

AlertDesk = tuple[Path, MailServer]


@pytest.mark.slow
def test_a_ticket_is_told_before_it_breaches_and_when_it_has(alert_desk: AlertDesk) -> None:
    """To its CSM and the support lead, the same facts, each once; no subject names a customer."""
    folder, server = alert_desk
    assert tell(folder, "03 12:11") == []
    assert states(folder, "03 12:15") == DUE
    workspace, now = loaded(folder), utc("03 12:15")
    with workspace.at(now) as snapshot:
        wanted = alerts(snapshot).envelopes
    foreseen = preview(workspace, wanted, at=now, resend=False)
    assert foreseen[0].record.state == "due"
    assert server.taken == []
    for _ in range(2):
        tell(folder, "03 12:15")
        assert to(server) == [ANA, LEA]
    assert states(folder, "03 12:15") == {(ANA, "due_soon"): "told", (LEA, "due_soon"): "told"}
    assert states(folder, "03 13:00") == {(ANA, "breached"): "gathered", (LEA, "breached"): "gathered"}
    tell(folder, "03 13:15")
    assert to(server) == [ANA, LEA, ANA, LEA]
    assert [str(mail["Subject"]) for mail in server.mails[::2]] == [
        "1 ticket about to breach - Us",
        "1 ticket breached - Us",
    ]
    first, second = server.mails[:2]
    assert str(first["List-Id"]) == "<alert.mailsignals.us.test>"
    for kind in ("plain", "html"):
        parts = [mail.get_body((kind,)) for mail in (first, second)]
        texts = [part.get_content() for part in parts if part]
        assert texts[0] == texts[1]
        assert "Customer 4" in texts[0]
        assert KIM in texts[0]
    assert len({str(mail["Message-ID"]) for mail in server.mails}) == 4


@pytest.mark.slow
def test_what_is_answered_or_dismissed_is_not_told(alert_desk: AlertDesk) -> None:
    """However short before the mail goes out."""
    folder, server = alert_desk
    now = utc("03 12:15")
    (ticket,) = {each.row["ticket"] for each in standings(folder, "03 12:15") if each.state == "due"}
    dismiss_ticket(loaded(folder), ticket, at=now, by="ana", note=None)
    assert tell(folder, "03 12:15") == []
    undo_dismissal(loaded(folder), ticket, at=now)
    assert states(folder, "03 12:15") == DUE
    (folder / "answer.mbox").write_bytes(a_mail("answer", utc("03 12:14"), DESK, KIM, after="new"))
    imported(folder, "answer.mbox")
    assert tell(folder, "03 12:15") == []
    assert server.taken == []


@pytest.mark.slow
def test_nights_are_quiet_and_a_weekend_is_told_at_once(alert_desk: AlertDesk) -> None:
    """What happened while nobody ran it is told together, in the reader's hours, where the reader is."""
    folder, server = alert_desk
    small_company.add(folder, '[[people]]\naddress = "lea@us.test"\ntimezone = "America/New_York"')
    assert states(folder, "08 12:00") == {(ANA, "breached"): "quiet", (LEA, "breached"): "quiet"}
    tell(folder, "08 12:00")
    assert server.taken == []
    tell(folder, "09 08:16")
    assert to(server) == [ANA]
    tell(folder, "09 13:30")  # half past eight over there, where clocks changed the day before
    assert to(server) == [ANA, LEA]


def record_risk_of_a05(folder: Path) -> None:
    """Record at six that A05 is at low risk on 2 and 3 March, and at high risk on the 4th."""
    rows = []
    for day, level, value in ((2, "low", 0.02), (3, "low", 0.02), (4, "high", 0.4)):
        scored_at = utc(f"{day:02} 06:00")
        row = {"account_id": "A05", "scored_on": scored_at.date(), "scored_at": scored_at}
        rows.append(row | {"state": "active", "level": level, "risk": value, "source": "quiet+scorecard"})
    with Store.open(folder / "store", mode="write") as store:
        for row in rows:
            store.scores.add(pl.DataFrame([row], schema=SCORES_SCHEMA))


@pytest.mark.slow
def test_an_account_that_enters_high_risk_is_left_to_the_digest(alert_desk: AlertDesk) -> None:
    """The digest of the day tells; after it there is nothing to tell."""
    folder, server = alert_desk
    record_risk_of_a05(folder)
    assert states(folder, "04 08:01")[ANA, "at_risk"] == "digest"
    assert states(folder, "04 08:20")[ANA, "at_risk"] == "due"
    workspace, now = loaded(folder), utc("04 08:20")
    with workspace.at(now) as snapshot:
        digests = [page.digest for page in chosen_pages(snapshot, csm=None)]
    sent(workspace, digest_envelopes(workspace.settings, digests, now), now)
    assert states(folder, "04 08:25")[ANA, "at_risk"] == "known"
    tell(folder, "04 08:25")
    assert not [
        mail for mail in server.mails if "at risk" in str(mail["Subject"]) and "alert" in mail["List-Id"]
    ]


def test_without_a_digest_an_alert_tells_of_risk(alert_desk: AlertDesk) -> None:
    """To the CSM alone, with why and what to do, as a digest has it."""
    folder, server = alert_desk
    record_risk_of_a05(folder)
    tell(folder, "04 08:20")
    (ana,) = [mail for mail in server.mails if mail["To"].addresses[0].addr_spec == ANA]
    assert "1 new at-risk account" in str(ana["Subject"])
    part = ana.get_body(("plain",))
    assert part is not None
    assert "* Customer 5 (A05, gold)" in part.get_content()
    assert "  Next step: " in part.get_content()
    lea = [mail for mail in server.mails if mail["To"].addresses[0].addr_spec == LEA]
    assert "at risk" not in str(lea[0]["Subject"])


def test_nothing_is_told_unless_it_is_enabled(stocked: Path) -> None:
    """Neither digests nor alerts are by default; what there is to tell is known all the same."""
    workspace = loaded(stocked)
    with pytest.raises(UserError, match=r"digest\.enabled"):
        check_alerts_enabled(workspace.settings)
    with workspace.at(small_company.MIDNIGHT.astimezone(dt.UTC)) as snapshot:
        found = alerts(snapshot, whole=True).plan.standings
    assert "Customer 3" in {each.row["name"] for each in found}
    more = CONFIG.replace("[alerts]\nenabled = true\n", "[alerts]\n")
    with pytest.raises(UserError, match=r"alerts\.enabled"):
        check_alerts_enabled(loaded(stocked, more).settings)
