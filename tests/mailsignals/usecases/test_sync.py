"""Reading mailboxes: what a run reports, what it refuses, and how long a job may take."""

import dataclasses
import datetime as dt
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pytest

from connectors.base import ConnectorError, GiveUpError, Page, SignInError, StoppedError
from connectors.provider import Mailbox
from mailsignals import clock
from mailsignals.credentials import Runtime
from mailsignals.errors import UserError
from mailsignals.jobs.job import Context, GaveBackError
from mailsignals.store import Store
from mailsignals.store.messages.lock import StoreBusyError
from mailsignals.store.tables.mailbox_status import Trouble
from mailsignals.sync.engine import SyncReport
from mailsignals.sync.mailboxes import MailboxOutcome, NoWatcher
from mailsignals.sync.plan import Step
from mailsignals.usecases import sync as use_case
from mailsignals.usecases.sync import UnknownMailboxError, read_new, sync
from mailsignals.usecases.sync_report import SyncRun, troubles
from mailsignals.workspace import workspace as workspaces
from tests.mailsignals.store.pages import a_message, a_page
from tests.mailsignals.sync.test_mailboxes import Script, Tenant
from tests.mailsignals.usecases.offices import loaded, messages

ANA, BO = "ana@us.test", "bo@us.test"
SUSPENDED = GiveUpError(BO, "it is suspended.", "Restore it.", state="suspended")
Provide = Callable[..., None]


@pytest.fixture
def provide(monkeypatch: pytest.MonkeyPatch) -> Provide:
    """Lets the configuration name these providers."""

    def given(*tenants: Tenant) -> None:
        monkeypatch.setattr(use_case, "providers", lambda *_: list(tenants))

    return given


def page(mailbox: str, *ids: str, cursor: str = "1") -> Page:
    """A page of a mailbox."""
    return a_page(*(a_message(name, mailbox=mailbox) for name in ids), cursor=cursor)


def tenant(**scripts: Script) -> Tenant:
    """A provider of mailboxes at us.test."""
    return Tenant({f"{name}@us.test": script for name, script in scripts.items()})


def runtime(stop: threading.Event | None = None) -> Runtime:
    """The world outside, which nobody stops."""
    return Runtime(environ={}, now=clock.now, stop=stop or threading.Event(), say=lambda _: None)


def job(stop: threading.Event | None = None) -> Context:
    """What a job is given now."""
    return Context(due_at=clock.now(), now=clock.now, stop=stop or threading.Event())


def runs(folder: Path) -> list[str]:
    """What is noted of runs."""
    with Store.open(folder / "store", mode="read") as store:
        return store.mailbox_status.runs()["outcome"].to_list()


def outcome(
    mailbox: str,
    *,
    added: int | None = 0,
    trouble: Trouble | None = None,
    error: ConnectorError | None = None,
) -> MailboxOutcome:
    """What came of a mailbox; added None: it was not read."""
    report = SyncReport(added=added or 0, changed=1, unchanged=0, skipped={"x": 2}, defects={}, error=error)
    return MailboxOutcome(
        provider="gmail",
        mailbox=mailbox,
        step=Step.INCREMENTAL,
        report=None if added is None else report,
        trouble=trouble,
        error=error,
    )


def trouble(problem: str, *, next_try_at: dt.datetime) -> Trouble:
    """A mailbox that cannot be read."""
    return Trouble(state="suspended", problem=problem, remedy="Restore it.", next_try_at=next_try_at)


def test_a_run_is_reported_and_noted(company: Path, provide: Provide) -> None:
    """One mailbox that cannot be read stops no other; the line of the run is kept for the list of runs."""
    provide(tenant(ana=[page(ANA, "1", "2")], bo=[page(BO, "1"), SUSPENDED]))
    found = sync(loaded(company), runtime(), NoWatcher())
    assert (found.complete, found.stopped, found.failures) == (False, False, [])
    assert found.summary == "1 of 2 mailboxes up to date, 3 new emails"
    assert runs(company) == [found.summary]
    assert messages(company).height == 3
    assert found.changed_mailboxes == {ANA, BO}
    rows = found.frame.select("mailbox", "complete", "added", "state", "problem").rows()
    assert rows == [
        (ANA, True, 2, "up to date", None),
        (BO, False, 1, "suspended", SUSPENDED.problem),
    ]


def test_only_mailboxes_that_brought_something_have_changed() -> None:
    """Neither those with nothing new, nor those that were not read."""
    idle = dataclasses.replace(
        outcome("idle@us.test"), report=SyncReport(added=0, changed=0, unchanged=4, skipped={}, defects={})
    )
    found = SyncRun(outcomes=[outcome(ANA), idle, outcome(BO, added=None)], failures=[], stopped=False)
    assert found.changed_mailboxes == {ANA}


def test_a_provider_that_cannot_list_its_mailboxes_stops_no_other(company: Path, provide: Provide) -> None:
    """Its failure is reported beside the outcomes of the others; the run is not complete."""
    error = SignInError("gmail", "the key was refused.", "Make a new one.")

    class Unlisted(Tenant):
        """A provider whose group cannot be read."""

        def mailboxes(self) -> tuple[Mailbox, ...]:
            """It fails."""
            raise error

    provide(Unlisted({}), tenant(ana=[page(ANA, "1")]))
    found = sync(loaded(company), runtime(), NoWatcher())
    assert (found.failures, found.complete) == ([error], False)
    assert [each.complete for each in found.outcomes] == [True]
    assert found.errors == [error, None]
    with pytest.raises(SignInError):
        read_new(loaded(company), "gmail", job())


def test_only_some_mailboxes_may_be_read(company: Path, provide: Provide) -> None:
    """The others are left alone; one that is not configured is refused with what is near, and nothing is noted."""
    provide(tenant(ana=[page(ANA, "1")], bo=[page(BO, "1")]))
    workspace = loaded(company)
    with pytest.raises(UnknownMailboxError, match=r"anna@us\.test is not among .*did you mean ana@us\.test"):
        sync(workspace, runtime(), NoWatcher(), only=("anna@us.test",))
    assert runs(company) == []
    found = sync(workspace, runtime(), NoWatcher(), only=(ANA,))
    assert [each.mailbox for each in found.outcomes] == [ANA]


def test_without_mailboxes_there_is_nothing_to_read(company: Path, provide: Provide) -> None:
    """It says where to name some, and that files can be imported."""
    provide()
    with pytest.raises(UserError, match=r"No mailbox is configured.*mailsignals import"):
        sync(loaded(company), runtime(), NoWatcher())


def test_pages_pass_the_rules_of_retention_and_privacy(company: Path, provide: Provide) -> None:
    """What is too old is not stored, and no subject where none is wanted."""
    provide(tenant(ana=[page(ANA, "1")]))
    days = (clock.now() - a_message("1").sent_at).days
    sync(
        loaded(company, f'[retention]\nmail_days = {days + 2}\n[privacy]\nsubjects = "none"'),
        runtime(),
        NoWatcher(),
    )
    assert messages(company)["subject"].to_list() == [None]
    provide(tenant(bo=[page(BO, "1")]))
    config = company / "config.toml"
    config.write_text(config.read_text().replace(f"mail_days = {days + 2}", f"mail_days = {days - 2}"))
    (found,) = sync(loaded(company), runtime(), NoWatcher()).outcomes
    assert found.report is not None
    assert (found.report.added, found.report.too_old) == (0, 1)


def test_a_job_reads_and_says_so_in_a_line(company: Path, provide: Provide) -> None:
    """The line is that of the command; the job's own run is noted by who runs it."""
    provide(tenant(ana=[page(ANA, "1")]))
    assert read_new(loaded(company), "gmail", job()) == "1 of 1 mailboxes up to date, 1 new email"
    assert runs(company) == []


def test_a_job_is_patient_with_mailboxes_in_trouble(company: Path, provide: Provide) -> None:
    """One that could not be read waits for its time, while the command tries it at once."""
    provide(tenant(bo=[SUSPENDED]))
    workspace = loaded(company)
    sync(workspace, runtime(), NoWatcher())
    provide(tenant(bo=[page(BO, "1")]))
    assert read_new(workspace, "gmail", job()) == "0 of 1 mailboxes up to date, 0 new emails"
    assert sync(workspace, runtime(), NoWatcher()).complete


def test_a_job_that_is_stopped_gives_back(company: Path, provide: Provide) -> None:
    """What was read stands, and the error says how far it came."""
    stop = threading.Event()
    provide(tenant(ana=[page(ANA, "1"), stop.set, page(ANA, "2", cursor="3")]))
    with pytest.raises(GaveBackError, match="0 of 1 mailboxes up to date"):
        read_new(loaded(company), "gmail", job(stop))
    assert 1 <= messages(company).height <= 2


def test_a_job_gives_back_once_its_minutes_are_over(
    company: Path, provide: Provide, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others get the store after a while, although there is more to read, and the alarm goes with it."""
    monkeypatch.setattr(use_case, "SLICE_MINUTES", 0.001)
    stop = threading.Event()

    def wait() -> None:
        stop.wait(20)

    provide(tenant(ana=[page(ANA, "1"), wait, page(ANA, "2", cursor="3")]))
    with pytest.raises(GaveBackError):
        read_new(loaded(company), "gmail", job(stop))
    assert stop.is_set()
    for timer in threading.enumerate():
        if isinstance(timer, threading.Timer):
            timer.join(10)
            assert not timer.is_alive()


def test_a_job_waits_for_the_store(company: Path, provide: Provide, monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks again and again, says in the end who writes, and stops waiting when it is told to."""
    monkeypatch.setattr(workspaces, "BUSY_SECONDS", 0.01)
    monkeypatch.setattr(workspaces, "BUSY_TRIES", 3)
    provide(tenant(ana=[page(ANA, "1")]))
    stopped = threading.Event()
    stopped.set()
    with Store.open(company / "store", mode="write"):
        with pytest.raises(StoreBusyError):
            read_new(loaded(company), "gmail", job())
        with pytest.raises(StoppedError):
            read_new(loaded(company), "gmail", job(stopped))


def test_a_job_needs_no_other_provider(company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong with the sign-in of one does not keep the other from being read."""
    sections = '[gmail]\nmailboxes = ["ana@us.test"]\n[microsoft365]\nmailboxes = ["ana@us.test"]'
    asked: list[tuple[bool, bool]] = []

    def providers(settings: object, _: object) -> Sequence[Tenant]:
        asked.append((settings.gmail.used, settings.microsoft365.used))  # type: ignore[attr-defined]  # settings
        return [tenant(ana=[])]

    monkeypatch.setattr(use_case, "providers", providers)
    workspace = loaded(company, sections)
    for name in ("gmail", "microsoft365"):
        read_new(workspace, name, job())
    assert asked == [(True, False), (False, True)]


def test_the_rows_of_a_run_are_in_order(company: Path) -> None:
    """By mailbox, with the state of each; what was not read for no reason of its own was stopped."""
    at = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    parked = trouble("it is suspended.", next_try_at=at)
    run = SyncRun(
        outcomes=[outcome("c", added=None), outcome("b", added=None, trouble=parked), outcome("a", added=3)],
        failures=[],
        stopped=True,
    )
    rows = run.frame.select("mailbox", "added", "changed", "set_aside", "state", "next_try_at").rows()
    assert rows == [
        ("a", 3, 1, 2, "up to date", None),
        ("b", 0, 0, 0, "suspended", at),
        ("c", 0, 0, 0, "stopped", None),
    ]
    assert run.summary == "1 of 3 mailboxes up to date, 3 new emails"


def test_a_trouble_is_said_once_for_all_its_mailboxes() -> None:
    """With three names, how many more, the remedy, and the first next try in local time unless it is never."""
    soon, never = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC), dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
    same = [
        outcome(
            f"{name}@us.test", trouble=trouble("Too much mail.", next_try_at=soon + dt.timedelta(hours=n))
        )
        for n, name in enumerate("abcde")
    ]
    another = outcome("f@us.test", trouble=trouble("Gone.", next_try_at=never))
    frame = SyncRun(outcomes=[*same, another, outcome("g@us.test")], failures=[], stopped=False).frame
    names = "a@us.test, b@us.test, c@us.test and 2 more"
    assert troubles(frame, "Europe/Berlin") == [
        f"{names}: Too much mail. Restore it. Next attempt: 2026-03-02 10:00.",
        "f@us.test: Gone. Restore it.",
    ]
    assert troubles(pl.DataFrame(schema=frame.schema), "UTC") == []
