"""The service does not grow."""

import datetime as dt
import gc
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from mailsignals.jobs.health import JobRuns, Observed
from mailsignals.jobs.job import Context, Job, perform
from mailsignals.jobs.runs import Runs
from mailsignals.jobs.schedule import Every
from mailsignals.service.metrics import ServiceMetrics, hash_label
from mailsignals.service.scheduler import Service
from mailsignals.store import Store
from tests.mailsignals.jobs.simple import NOON, a_job
from tests.mailsignals.service.fake_clock import Clock, Stepped, by_the_clock

A_MONTH = 30 * 24


def resident_bytes() -> int:
    """The memory of this process."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[1]
    except OSError:
        pytest.skip("no /proc")
    return int(pages) * 4096


@pytest.mark.slow
def test_a_month_of_runs_and_scrapes_is_flat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the first days, a month of hourly runs, each looked at over HTTP, takes no more memory."""
    Store.open(tmp_path, mode="write").close()
    clock, runs = Clock(NOON), Runs(tmp_path)
    by_the_clock(clock, monkeypatch)
    job = a_job(trigger=Every(minutes=60), grace=None)

    class Here:
        """Runs jobs in this process."""

        def __call__(self, job: Job, due_at: dt.datetime) -> None:
            perform(
                job.name,
                lambda _: "all of it",
                runs,
                Context(due_at=due_at, now=clock.now, stop=service.stopping),
            )

        def stop(self) -> None:
            """Nothing runs."""

    scheduler = Stepped()
    service = Service(scheduler, runs, Here(), now=clock.now)
    figures = ServiceMetrics(
        lambda: Observed(
            jobs=[JobRuns(job=job, history=runs.history(job.name))], mailboxes=[], beat_at=clock.now()
        ),
        label=hash_label(b"key"),
        now=clock.now,
    )
    service.on_end = figures.ended
    service.start([job])
    sizes = []
    for number in range(A_MONTH):
        clock.at += dt.timedelta(minutes=60)
        scheduler.look()
        generate_latest(figures.registry)
        if number in {A_MONTH // 4, A_MONTH - 1}:
            gc.collect()
            sizes.append(resident_bytes())
    early, late = sizes
    assert late - early < 5_000_000
    assert f'how="done",job="tidy"}} {A_MONTH}.0'.encode() in generate_latest(figures.registry).replace(
        b"%d.0" % (A_MONTH + 1), b"%d.0" % A_MONTH
    )
