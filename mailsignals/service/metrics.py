"""Metrics for Prometheus: last sync of mailboxes, and durations, failures and delays of jobs."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from mailsignals.clock import latest_credible
from mailsignals.jobs.due import credible_runs, owed_run
from mailsignals.jobs.health import Observed, State, health
from mailsignals.jobs.runs import How, RunRow

SECONDS = (1, 5, 15, 60, 300, 900, 3_600, 14_400)
"""Upper bounds of the histogram, from a sync without new mail to a first sync."""


def hash_label(key: bytes) -> Callable[[str], str]:
    """Return a function that turns addresses into labels, which don't reveal them."""
    return lambda address: hashlib.blake2b(address.encode(), key=key, digest_size=4).hexdigest()


class ServiceMetrics(Collector):
    """The metrics of the service, counted since its start or computed at each scrape."""

    def __init__(
        self, observe: Callable[[], Observed], *, label: Callable[[str], str], now: Callable[[], dt.datetime]
    ) -> None:
        self.registry = CollectorRegistry()
        self._observe, self._label, self._now = observe, label, now
        self._runs = Counter(
            "mailsignals_job_runs",
            "Finished runs since the service started.",
            ["job", "how"],
            registry=self.registry,
        )
        self._took = Histogram(
            "mailsignals_job_run_seconds",
            "Durations of runs.",
            ["job"],
            registry=self.registry,
            buckets=SECONDS,
        )
        self.registry.register(self)
        ProcessCollector(registry=self.registry)

    def ended(self, run: RunRow) -> None:
        """Count a run."""
        self._runs.labels(run.kind, str(run.how)).inc()
        if run.ended_at is not None and run.how is not How.MISSED:
            self._took.labels(run.kind).observe((run.ended_at - run.started_at).total_seconds())

    def describe(self) -> list[GaugeMetricFamily]:
        """Return an empty list, because the metrics depend on jobs and mailboxes."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the current values."""
        now, seen = self._now(), self._observe()
        yield from _of_mailboxes(seen, self._label, now)
        yield from _of_jobs(seen, now)
        yield _of_refusals(seen, self._label)
        state = GaugeMetricFamily(
            "mailsignals_state", "State of the service: 1 for the current state.", labels=["state"]
        )
        current = health(seen, now=now).state
        for each in State:
            state.add_metric([each], float(each is current))
        yield state


def _of_mailboxes(
    seen: Observed, label: Callable[[str], str], now: dt.datetime
) -> Iterator[GaugeMetricFamily]:
    names = ["provider", "mailbox"]
    synced = GaugeMetricFamily(
        "mailsignals_mailbox_synced_timestamp_seconds",
        "Time of the last complete sync of a mailbox.",
        labels=names,
    )
    ready = GaugeMetricFamily("mailsignals_mailbox_ready", "1 if a mailbox can be synced.", labels=names)
    for box in seen.mailboxes:
        values = [box.provider, label(box.mailbox)]
        ready.add_metric(values, float(box.ready))
        if box.synced_at is not None and box.synced_at <= latest_credible(now):
            synced.add_metric(values, box.synced_at.timestamp())
    yield from (synced, ready)


def _of_refusals(seen: Observed, label: Callable[[str], str]) -> GaugeMetricFamily:
    refused = GaugeMetricFamily(
        "mailsignals_refused_requests",
        "Requests to the dashboard that were refused in the last day, by person or token.",
        labels=["person"],
    )
    for who, number in seen.refusals.items():
        refused.add_metric([label(who)], float(number))
    return refused


def _of_jobs(seen: Observed, now: dt.datetime) -> Iterator[GaugeMetricFamily]:
    done = GaugeMetricFamily(
        "mailsignals_job_done_timestamp_seconds", "Time at which a job was last done.", labels=["job"]
    )
    running = GaugeMetricFamily("mailsignals_job_running", "1 while a job is running.", labels=["job"])
    waiting = GaugeMetricFamily("mailsignals_jobs_waiting", "Jobs that are due and not done.")
    for each in seen.jobs:
        credible = credible_runs(each.history, now=now)
        last = next((run.ended_at for run in credible if run.how is How.DONE), None)
        if last is not None:
            done.add_metric([each.job.name], last.timestamp())
        running.add_metric([each.job.name], float(any(run.how is None for run in each.history)))
    found = (owed_run(each.job, each.history, now=now) for each in seen.jobs)
    waiting.add_metric([], float(sum(one is not None and not one.late for one in found)))
    yield from (done, running, waiting)
