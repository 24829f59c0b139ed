"""What the scheduler fires, and what it makes up for."""

import datetime as dt
from pathlib import Path

from mailsignals import clock
from mailsignals.jobs.job import Context, GaveBackError, Job, perform
from mailsignals.jobs.runs import How, Runs
from mailsignals.jobs.schedule import Every
from mailsignals.service.scheduler import Scheduler, Service
from mailsignals.store import Store
from tests.mailsignals.jobs.simple import a_job
from tests.support.waiting import wait_until


def test_what_was_given_back_goes_on_at_once(tmp_path: Path) -> None:
    """A reading that made room for others is not kept waiting until its next occasion, an hour ahead."""
    Store.open(tmp_path, mode="write").close()
    runs = Runs(tmp_path)
    tries: list[dt.datetime] = []

    def work(context: Context) -> str:
        tries.append(context.due_at)
        if len(tries) < 3:
            raise GaveBackError("half of it")
        return "all of it"

    class Here:
        """Runs jobs in this process."""

        def __call__(self, job: Job, due_at: dt.datetime) -> None:
            context = Context(due_at=due_at, now=clock.now, stop=service.stopping)
            perform(job.name, work, runs, context)

        def stop(self) -> None:
            """Nothing runs by then."""

    service = Service(Scheduler(), runs, Here(), now=clock.now)
    service.start([a_job(trigger=Every(minutes=60), grace=None)])
    wait_until(lambda: len(tries) >= 3)
    service.stop()
    assert [run.how for run in runs.history("tidy")] == [How.DONE, How.GIVEN_BACK, How.GIVEN_BACK]
    assert len(set(tries)) == 1
