"""The service as a process of its own: asked, killed, reloaded, stopped."""

import json
import os
import re
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailsignals.jobs.runs import Runs
from tests.scenarios.office import Office
from tests.scenarios.test_program import ANA
from tests.support.gmail.server import GmailServer
from tests.support.systemd import Supervisor
from tests.support.waiting import PATIENCE_SECONDS, wait_until

pytestmark = [
    pytest.mark.subprocess,
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs SIGKILL and SIGHUP"),
]


@pytest.fixture
def gmail() -> Iterator[GmailServer]:
    """Gmail, with Ana's mailbox."""
    with GmailServer().running() as server:
        server.mailbox(ANA)
        yield server


PATIENT = f"from mailsignals.service import processes; processes.PATIENCE_SECONDS = {PATIENCE_SECONDS}"
"""Else what a slow machine has to give back would be killed after seven seconds."""


class Running:
    """The service, and what it says."""

    def __init__(self, office: Office) -> None:
        self.log = office.folder / "service.log"
        with self.log.open("wb") as log:
            program, flag, words, *more = office.command("run")
            self.process = subprocess.Popen(
                [program, flag, f"{PATIENT}; {words}", *more],
                cwd=office.folder,
                env={**os.environ, **office.environ},
                stderr=log,
                stdout=log,
            )
        wait_until(self._has_started)
        (self.port,) = re.findall(r'"port": (\d+)', self.text)

    def _has_started(self) -> bool:
        assert self.process.poll() is None, self.text
        return "service_started" in self.text

    @property
    def text(self) -> str:
        """All that it logged."""
        return self.log.read_text(encoding="utf-8")

    def ask(self, page: str) -> tuple[int, str]:
        """Status and text of a page."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}/{page}", timeout=PATIENCE_SECONDS
            ) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def ended(self, job: str, *, times: int = 1) -> bool:
        """Whether a job was run so often."""
        events = [json.loads(line) for line in self.text.splitlines() if line.startswith("{")]
        return len([each for each in events if each["event"] == "run_ended" and each["job"] == job]) >= times

    def stop(self) -> None:
        """Ask it to stop, and wait until it has; that it needs no more than its patience has a test of its own."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=PATIENCE_SECONDS) == 0


@pytest.fixture
def office(tmp_path: Path, gmail: GmailServer) -> Office:
    """A company on Gmail whose service syncs every minute."""
    office = Office(
        tmp_path,
        gmail={"mailboxes": [ANA], "auth": "token", "api_root": gmail.root},
        service={"port": 0, "log_style": "json"},
        schedule={"sync_minutes": 1},
    )
    office.environ["GMAIL_TOKEN"] = gmail.issuer.token(ANA)
    return office


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="needs sockets of Unix")
def test_systemd_hears_of_the_start_of_progress_and_of_the_end(office: Office) -> None:
    """A unit with Type=notify and a watchdog is fed while the scheduler looks for due jobs."""
    supervisor = Supervisor(f"{office.folder}/notify")
    office.environ |= {"NOTIFY_SOCKET": supervisor.address, "WATCHDOG_USEC": "1500000"}
    service = Running(office)
    heard: list[str] = []

    def is_fed() -> bool:
        heard.extend(supervisor.received())
        return heard.count("WATCHDOG=1") >= 3

    wait_until(is_fed)
    assert heard[0] == "READY=1"
    service.stop()
    assert supervisor.received()[-1] == "STOPPING=1"
    supervisor.close()


def test_the_life_of_a_service(office: Office, gmail: GmailServer) -> None:
    """It syncs by itself, answers, outlives a kill and a broken configuration, and stops."""
    gmail.mailbox(ANA).fill(30)
    first = Running(office)
    wait_until(lambda: first.ended("sync-gmail"))
    assert first.ask("readyz") == (200, '{"ready":true}')
    assert json.loads(first.ask("healthz")[1]) == {"state": "ok", "problems": []}
    status, figures = first.ask("metrics")
    assert status == 200
    assert 'mailsignals_job_runs_total{how="done",job="sync-gmail"} 1.0' in figures
    assert 'mailsignals_mailbox_ready{mailbox="' in figures
    assert "@" not in figures
    status, _, err = office.run("run")
    assert (status, "is running already" in err) == (2, True)

    gmail.latency = 0.5
    gmail.mailbox(ANA).deliver()
    first.process.kill()
    first.process.wait()
    gmail.latency = 0.0
    second = Running(office)
    (office.folder / "digests").mkdir(exist_ok=True)
    good = (office.folder / "config.toml").read_text(encoding="utf-8")
    (office.folder / "config.toml").write_text(good.replace("sync_minutes = 1", "sync_minutes = 0"))
    second.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "configuration_refused" in second.text)
    state = json.loads(second.ask("healthz")[1])
    assert state["state"] == "degraded"
    assert "schedule.sync_minutes" in state["problems"][0]
    (office.folder / "config.toml").write_text(
        good.replace("sync_minutes = 1", "sync_minutes = 30") + "\n[risk]\nhigh_score = 80\n"
    )
    second.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "configuration_loaded" in second.text)
    wait_until(lambda: "configuration_warning" in second.text)
    assert json.loads(second.ask("healthz")[1])["state"] == "ok"
    second.stop()
    assert "Traceback" not in first.text + second.text
    assert "@" not in first.text + second.text


def test_a_sync_under_way_is_given_back_and_goes_on(office: Office, gmail: GmailServer) -> None:
    """SIGTERM in the middle of a first reading keeps what was read, and the next start goes on at once."""
    gmail.mailbox(ANA).fill(3_000)
    gmail.latency = 0.3
    first = Running(office)
    wait_until(lambda: gmail.counts.requests["users.messages.list"] >= 2)
    first.stop()
    (run,) = Runs(office.folder / "store").history("sync-gmail")
    assert run.how == "given back"
    gmail.latency = 0.0
    second = Running(office)
    wait_until(lambda: second.ended("sync-gmail"))
    second.stop()
    ended = [each.how for each in Runs(office.folder / "store").history("sync-gmail")[:2]]
    assert ended == ["done", "given back"]


def test_no_run_outlives_its_service(office: Office, gmail: GmailServer) -> None:
    """If the service is killed, the process of a run gives back by itself, so that the store is free again."""
    gmail.mailbox(ANA).fill(3_000)
    gmail.latency = 0.3
    first = Running(office)
    wait_until(lambda: gmail.counts.requests["users.messages.list"] >= 2)
    first.process.kill()
    first.process.wait()
    runs = Runs(office.folder / "store")
    wait_until(lambda: runs.history("sync-gmail")[0].how is not None)
    assert runs.history("sync-gmail")[0].how == "given back"


@pytest.mark.scenario("full-disk")
def test_a_service_whose_scheduler_ended_is_started_again(office: Office) -> None:
    """It ends with a status that systemd restarts, and a sentence."""
    program, flag, words, *more = office.command("run")
    broken = "import mailsignals.service.job_service as s; s.Service.step = lambda *_: exit(1)"
    done = subprocess.run(
        [program, flag, f"{broken}; {words}", *more],
        cwd=office.folder,
        env={**os.environ, **office.environ},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 75, done.stderr
    assert "start the service again" in done.stderr
