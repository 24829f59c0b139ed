"""Sending reports that are ready: each once, by a real mail server, whatever goes wrong."""

import dataclasses
import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from mailsignals import clock
from mailsignals.errors import UserError
from mailsignals.notifications.delivery.dispatch import Envelope
from mailsignals.notifications.delivery.senders.base import RefusedError
from mailsignals.notifications.digest.digest import Digest
from mailsignals.notifications.digest.notification import digest_envelopes
from mailsignals.usecases.backup import back_up_store, restore_store
from mailsignals.usecases.send import preview
from mailsignals.workspace import Workspace
from tests.mailsignals import small_company
from tests.mailsignals.usecases.offices import MIDNIGHT, loaded
from tests.mailsignals.usecases.sending import (
    ANA,
    BO,
    SECTION,
    claimed,
    envelope,
    sent,
    states,
    undelivered,
)
from tests.support.smtp import PASSWORD, MailServer
from tests.support.waiting import wait_until


@pytest.fixture
def mails(stocked: Path) -> Iterator[MailServer]:
    """A mail server that the small company sends by."""
    with MailServer().running() as server:
        small_company.add(stocked, SECTION.format(port=server.port))
        yield server


def to(server: MailServer) -> list[str]:
    """The recipients of all mails, in order."""
    return [recipient for _, (recipient,) in server.envelopes]


def letters(workspace: Workspace, ready: Sequence[Digest]) -> list[Envelope]:
    """The digests of the day, in their envelopes."""
    return digest_envelopes(workspace.settings, ready, MIDNIGHT)


def test_nothing_is_sent_unless_it_is_enabled(stocked: Path, ready_digests: Sequence[Digest]) -> None:
    """The sentence says which key it is; what would be sent is foreseen all the same."""
    workspace = loaded(stocked)
    wanted = letters(workspace, ready_digests)
    with pytest.raises(UserError, match=r"digest\.enabled"):
        sent(workspace, wanted)
    foreseen = preview(workspace, wanted, at=clock.now(), resend=False)
    assert states(wanted, foreseen) == {
        ("digest", ANA): "due",
        ("digest", BO): "due",
        ("digest", "nobody"): "skipped",
    }


def test_each_csm_gets_one_mail_a_day(
    stocked: Path, mails: MailServer, ready_digests: Sequence[Digest]
) -> None:
    """A complete one, with a subject that names no customer; the second run sends nothing."""
    workspace = loaded(stocked)
    wanted = letters(workspace, ready_digests)
    preview(workspace, wanted, at=clock.now(), resend=False)
    assert mails.taken == []
    first, second = sent(workspace, wanted), sent(workspace, wanted)
    assert states(wanted, first)["digest", ANA] == "sent"
    before = [outcome for outcome in second if outcome.record.state == "sent" and not outcome.tried]
    assert len(before) == 2
    assert to(mails) == [ANA, BO]
    mail = mails.mails[0]
    assert str(mail["Subject"]) == "No new at-risk accounts (1 in total) - Us"
    assert "Customer" not in mail["Subject"]
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        assert "Customer 3" in part.get_content()
    assert undelivered(workspace).is_empty()


def test_mail_goes_to_allowed_domains_alone(
    stocked: Path, mails: MailServer, ready_digests: Sequence[Digest]
) -> None:
    """A CSM elsewhere gets nothing, and status says why; what is wrong with one does not stop the others."""
    workspace = loaded(stocked)
    ready = [
        dataclasses.replace(one, csm="ana@elsewhere.test") if one.csm == ANA else one for one in ready_digests
    ]
    sent(workspace, letters(workspace, ready))
    assert to(mails) == [BO]
    (problem,) = undelivered(workspace)["problem"]
    assert "Email to elsewhere.test is not allowed" in problem


def test_a_recipient_who_is_refused_is_reported(stocked: Path, mails: MailServer) -> None:
    """By the run and by status, with what to do; on request it is tried again, and the others are not."""
    workspace, wanted = loaded(stocked), [envelope(ANA), envelope(BO)]
    mails.replies = {ANA: "550 no such user"}
    assert states(wanted, sent(workspace, wanted)) == {("digest", ANA): "refused", ("digest", BO): "sent"}
    (problem,) = undelivered(workspace)["problem"]
    assert "550 no such user" in problem
    mails.replies = {}
    assert states(wanted, sent(workspace, wanted))["digest", ANA] == "refused"
    assert states(wanted, sent(workspace, wanted, resend=True))["digest", ANA] == "sent"
    assert to(mails) == [BO, ANA]


def test_a_refused_sign_in_stops_the_run(stocked: Path, mails: MailServer) -> None:
    """Nobody's mail is tried any more, all wait for the next try, and the error says that it was the sign-in."""
    small_company.configure(
        stocked, 'security = "none"', 'security = "none"\nuser = "signals"\npassword_env = "SMTP_PASSWORD"'
    )
    workspace, wanted = loaded(stocked), [envelope(ANA), envelope(BO)]
    with pytest.raises(UserError, match="SMTP_PASSWORD"):
        sent(workspace, wanted, environ={})
    outcomes = sent(workspace, wanted, environ={"SMTP_PASSWORD": "wrong-password"})
    assert [isinstance(one.error, RefusedError) and one.error.sign_in for one in outcomes] == [True, False]
    assert "wrong-password" not in repr(outcomes)
    assert mails.taken == []
    assert undelivered(workspace)["state"].to_list() == ["later", "later"]
    right = {"SMTP_PASSWORD": PASSWORD}
    assert set(states(wanted, sent(workspace, wanted, environ=right)).values()) == {"later"}
    assert set(states(wanted, sent(workspace, wanted, environ=right, resend=True)).values()) == {"sent"}


def sender(folder: Path) -> list[str]:
    """A program that sends the day's digests."""
    module = "tests.mailsignals.usecases.sending"
    words = [str(folder / "config.toml"), clock.now().isoformat(), "digest", ANA, BO]
    return [sys.executable, "-m", module, *words]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.subprocess
def test_a_run_that_is_killed_is_uncertain_and_not_repeated(
    stocked: Path, mails: MailServer, ready_digests: Sequence[Digest]
) -> None:
    """The mail server has the mail, the program dies before it notes so: nobody gets it twice by itself."""
    workspace = loaded(stocked)
    mails.answering.clear()
    with subprocess.Popen(sender(stocked), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as program:
        wait_until(lambda: mails.at_work == 1 and claimed(stocked))
        assert undelivered(workspace)["state"].to_list() == ["claimed"]
        os.kill(program.pid, signal.SIGKILL)
    mails.answering.set()
    wanted = letters(workspace, ready_digests)
    assert states(wanted, sent(workspace, wanted)) == {
        ("digest", ANA): "unsure",
        ("digest", BO): "sent",
        ("digest", "nobody"): "skipped",
    }
    (problem,) = undelivered(workspace)["problem"]
    assert "may or may not have arrived" in problem
    assert states(wanted, sent(workspace, wanted, resend=True))["digest", ANA] == "sent"


@pytest.mark.slow
@pytest.mark.subprocess
def test_many_that_run_at_once_send_one_mail_each(mails: MailServer, stocked: Path) -> None:
    """Each CSM has one mail, whoever sent it; who came too late says that somebody else is sending."""
    runs = [
        subprocess.Popen(sender(stocked), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    ends = [(one.communicate()[1], one.returncode) for one in runs]
    assert sorted(to(mails)) == [ANA, BO]
    assert all("another program is sending" in said for said, status in ends if status)


def test_a_channel_gets_the_short_form(
    stocked: Path, mails: MailServer, ready_digests: Sequence[Digest]
) -> None:
    """Through the same outbox; a channel out of reach keeps no mail back, and its address is in no outcome."""
    workspace = loaded(stocked, '[digest.webhook]\nkind = "slack"\nurl_file = "hook"')
    (stocked / "hook").write_text("http://127.0.0.1:9/services/not-to-be-seen\n", encoding="utf-8")
    wanted = letters(workspace, ready_digests)
    outcomes = sent(workspace, wanted)
    found = states(wanted, outcomes)
    assert {state for (kind, _), state in found.items() if kind == "slack"} == {"later"}
    assert len(mails.taken) == 2
    assert "not-to-be-seen" not in repr(outcomes)
    assert "not-to-be-seen" not in undelivered(workspace).write_json()
    (stocked / "hook").write_text("http://example.test/x", encoding="utf-8")
    with pytest.raises(UserError, match=r"digest\.webhook\.url.*https://"):
        sent(workspace, wanted)
    assert "example.test/x" not in undelivered(workspace).write_json()


@pytest.mark.scenario("restored-secrets")
def test_nothing_is_sent_twice_because_of_a_restore(
    stocked: Path, mails: MailServer, ready_digests: Sequence[Digest]
) -> None:
    """What was due before the restore is uncertain, and only --resend repeats it; the next day is sent."""
    workspace = loaded(stocked)
    wanted = letters(workspace, ready_digests)
    copy = back_up_store(workspace, stocked / "copies", clock.now()).place
    sent(workspace, wanted)
    (stocked / "store").rename(stocked / "old")
    restore_store(workspace, copy, at=clock.now(), by="ops")
    foreseen = preview(workspace, wanted, at=clock.now(), resend=False)
    assert states(wanted, foreseen)["digest", ANA] == "unsure"
    assert states(wanted, sent(workspace, wanted))["digest", ANA] == "unsure"
    assert to(mails) == [ANA, BO]
    tomorrow = digest_envelopes(workspace.settings, ready_digests, clock.now() + dt.timedelta(days=1))
    assert states(tomorrow, sent(workspace, tomorrow))["digest", ANA] == "sent"
    assert states(wanted, sent(workspace, wanted, resend=True))["digest", ANA] == "sent"
    assert to(mails) == [ANA, BO] * 3
