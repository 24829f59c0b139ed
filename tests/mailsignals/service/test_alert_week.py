"""Alerts of the service over a long weekend at speed: real jobs, a real mail server, kills, and a change of clocks."""

import datetime as dt
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mailsignals import clock as system_clock
from mailsignals.notifications.alerts.history import KNOWN, TOLD
from mailsignals.notifications.delivery.dispatch import Dispatcher, Envelope
from mailsignals.notifications.delivery.outbox import DeliveryOutcome
from mailsignals.store.tables.deliveries import Record
from mailsignals.usecases.alerts import alerts
from mailsignals.usecases.import_files import import_files
from mailsignals.workspace import Workspace
from tests.mailsignals.alert_company import CONFIG, PORT, berlin
from tests.mailsignals.service.fake_clock import Clock, by_the_clock
from tests.mailsignals.service.test_month import Machine, lived
from tests.mailsignals.small_company import DESK, a_mail
from tests.support.smtp import MailServer

START, END = berlin("04 20:00").astimezone(dt.UTC), berlin("10 18:30").astimezone(dt.UTC)
"""From Wednesday to Tuesday; clocks change in New York on Sunday, and Monday is a holiday."""
ZONES = {"bo@us.test": "America/New_York"}
MORE = """
[schedule]
holidays = [2026-03-09]
backups_kept = 0

[dashboard]
refresh_minutes = 1440

[[people]]
address = "bo@us.test"
timezone = "America/New_York"
"""
RISK = "NEW AT HIGH RISK"
SECTIONS = ("ABOUT TO BREACH", "BREACHED", RISK)


def asked() -> Iterator[bytes]:
    """What eleven customers ask, day and night; every second one is answered, in time or late."""
    dice = random.Random(3)
    for number in range(44):
        id_, customer = f"q{number}", f"kim@a{1 + number % 11:02}.test"
        at = START + dt.timedelta(hours=dice.uniform(1, 130))
        yield a_mail(id_, at, customer, DESK)
        if number % 2:
            answer = at + dt.timedelta(hours=dice.uniform(0.2, 9))
            yield a_mail(f"{id_}-answer", answer, DESK, customer, after=id_)


def read(mails: Sequence[EmailMessage]) -> tuple[Counter[tuple[str, str, str]], int]:
    """How often the alerts name each matter, by reader, section and ticket or account; how many they count besides."""
    named: Counter[tuple[str, str, str]] = Counter()
    counted = 0
    for mail in mails:
        if not str(mail["List-Id"]).startswith("<alert."):
            continue
        to = mail["To"].addresses[0].addr_spec
        here = mail["Date"].datetime.astimezone(ZoneInfo(ZONES.get(to, "Europe/Berlin")))
        assert 8 <= here.hour < 18
        assert here.day in {5, 6, 10}
        part = mail.get_body(("plain",))
        assert part is not None
        section = ""
        for line in part.get_content().splitlines():
            section = line if line in SECTIONS else section
            pattern = r"\* .*\((A\d\d)," if section == RISK else r"Ticket (\w{8})"
            named.update((to, section, found) for found in re.findall(pattern, line))
            counted += sum(map(int, re.findall(r"(\d+) more (?:ticket|account)s?", line)))
    return named, counted


@pytest.mark.slow
@pytest.mark.usefixtures("no_dashboard")
def test_each_matter_is_told_once_and_in_working_hours(
    stocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To CSM and lead, none twice, none missing, none at night, on the weekend or the holiday, whatever is killed."""
    (stocked / "asked.mbox").write_bytes(b"".join(asked()))
    workspace = Workspace.load(stocked / "config.toml")
    (imported,) = import_files(workspace, [stocked / "asked.mbox"], DESK, now=system_clock.now)
    assert imported.report is not None
    clock = Clock(START)
    by_the_clock(clock, monkeypatch)
    monkeypatch.setattr("mailsignals.clock.now", clock.now)
    deliver = Dispatcher.deliver
    with MailServer().running() as server:
        with (stocked / "config.toml").open("a", encoding="utf-8") as config:
            config.write(CONFIG.replace(PORT, f"port = {server.port}") + MORE)
        machine = Machine(stocked, clock, random.Random(5))

        def perhaps_delivered(self: Dispatcher, due: Envelope, *, cause: Record | None) -> DeliveryOutcome:
            machine.perhaps_die(0.05)
            return deliver(self, due, cause=cause)

        monkeypatch.setattr(Dispatcher, "deliver", perhaps_delivered)
        lived(machine, END)
        machine.crashes = False
        clock.at = END + dt.timedelta(hours=2)  # working hours in New York
        machine.live()
        mails = server.mails
    named, counted = read(mails)
    assert set(named.values()) == {1}
    assert machine.kills > 3
    with machine.workspace.at(clock.at) as snapshot:
        standings = alerts(snapshot, whole=True).plan.standings
        told = snapshot.store.alerted().told
    assert sum(named.values()) + counted == told["due_on"].count() > 20
    open_still = [each for each in standings if each.row["began_at"] > START + dt.timedelta(hours=1)]
    assert {each.state for each in open_still if each.reader.recipient != "lea@us.test"} == {TOLD, KNOWN}
    assert len(open_still) >= 22
