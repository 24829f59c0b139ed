"""The state of mailsignals: mailboxes, jobs, emails and files, with problems and remedies."""

import contextlib
import dataclasses
import datetime as dt
import functools
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import polars as pl

from mailsignals.clock import local_date
from mailsignals.config import Settings
from mailsignals.errors import UserError
from mailsignals.jobs.health import Heartbeat, Observed, health
from mailsignals.jobs.runs import SERVICE, Runs
from mailsignals.notifications.delivery.bounces import undelivered_mail
from mailsignals.readmodel.editions import Edition
from mailsignals.readmodel.tables.system import HELD_SCHEMA, held_by_mailbox
from mailsignals.store import Store
from mailsignals.usecases.automated_mail import mailbox_warnings
from mailsignals.usecases.clock_state import archive_words, clock_state
from mailsignals.usecases.import_summary import held_by_direction, mailbox_summaries
from mailsignals.usecases.job_status import job_states, with_runs
from mailsignals.usecases.mailbox_states import mailbox_states, observed_mailboxes
from mailsignals.usecases.refusals import numbered_people, refusal_remarks, refusals_of_the_day
from mailsignals.usecases.status_lists import deliveries_by_state, read_sources, skipped_emails
from mailsignals.usecases.sync_report import troubles
from mailsignals.wording.numbers import date_and_time

NO_BOUNCES = pl.LazyFrame(schema={"automated": pl.String(), "references": pl.List(pl.String())})
PACKAGES = ("mailsignals", "polars", "numpy")


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class System:
    """Mailboxes, jobs, emails and files at a point in time."""

    state: str
    """``ok``, ``degraded`` or ``failing``."""
    served: bool
    """Whether the background service runs; also true where that can't be determined."""
    problems: Sequence[str]
    """Sentences on problems and their remedies, worst of each kind first."""
    remarks: Sequence[str]
    """Further sentences."""
    mailboxes: pl.DataFrame
    """``HELD_SCHEMA`` (null where not counted), ``MAILBOX_STATUS_SCHEMA``, and ``word``, the state for people."""
    sources: pl.DataFrame
    """``SOURCES_SCHEMA`` with ``read_at``, ``set_aside`` and ``defects`` (emails)."""
    set_aside: pl.DataFrame
    """``mailbox``, ``source``, ``reason``, ``mails`` and ``advice``, most frequent first."""
    undelivered: pl.DataFrame
    """``DELIVERIES_SCHEMA``: recently undelivered emails, with ``problem``."""
    deliveries: pl.DataFrame
    """``due_on``, ``kind``, ``state`` and ``recipients`` of the last days, the newest first."""
    jobs: pl.DataFrame
    """``job``, ``does``, ``last_at``, ``ended_at``, ``how``, ``outcome`` and ``next_at`` of each job."""
    runs: pl.DataFrame
    """``RUNS_SCHEMA``, the newest first."""
    sizes: Mapping[str, int]
    """Bytes of each part of the store."""
    versions: Mapping[str, str]
    """Versions of programs, by name."""


def system_status(
    settings: Settings,
    *,
    now: dt.datetime,
    timezone: str,
    edition: Edition | None = None,
    heartbeat: Heartbeat | None = None,
) -> System:
    """Return the current state; counts of messages are from an edition, if there is one.

    Args:
        settings: the company's.
        now: the time.
        timezone: of times in sentences.
        edition: the counts of the last refresh of the dashboard.
        heartbeat: the running service's; None to find out whether one runs.

    Raises:
        UserError: the store can't be read.
    """
    held, bounces = None, NO_BOUNCES
    refusals = numbered_people(refusals_of_the_day(settings, now=now), settings)
    if edition is not None:
        held, bounces = edition.table("mailboxes").select(HELD_SCHEMA.names()), edition.scan("bounces")
    with Store.open(settings.store.path, mode="read") as store:
        system = _system(
            store, settings, held, bounces, refusals, now=now, timezone=timezone, heartbeat=heartbeat
        )
    warnings = (f"Warning: {text}" for text in settings.warnings)
    return dataclasses.replace(system, remarks=[*system.remarks, *warnings])


def counted_status(settings: Settings, *, now: dt.datetime, timezone: str) -> System:
    """Return the current state, with all messages counted.

    Args:
        settings: the company's.
        now: the time.
        timezone: of times in sentences.

    Raises:
        UserError: the store can't be read.
    """
    refusals = refusals_of_the_day(settings, now=now)
    with Store.open(settings.store.path, mode="read") as store:
        messages = store.messages()
        held = held_by_mailbox(messages)
        system = _system(store, settings, held, messages, refusals, now=now, timezone=timezone)
        boxes = mailbox_summaries(held_by_direction(messages, None, settings.our_company), timezone)
        remarks = [*system.remarks, *(f"Warning: {box.warning}" for box in boxes if box.warning)]
        return dataclasses.replace(system, remarks=remarks)


def _system(  # noqa: PLR0913  # all that is known besides the store
    store: Store,
    settings: Settings,
    held: pl.DataFrame | None,
    bounces: pl.LazyFrame,
    refusals: Mapping[str, int],
    *,
    now: dt.datetime,
    timezone: str,
    heartbeat: Heartbeat | None = None,
) -> System:
    """Return the state; ``held`` is None where nothing is counted, ``bounces`` are messages that may be bounces."""
    runs, folder = store.mailbox_status.runs(), settings.store.path
    jobs, boxes = with_runs(settings, runs), mailbox_states(store, held, now)
    sources, deliveries = read_sources(store), store.deliveries()
    sign, clocks = heartbeat or Heartbeat(), clock_state(store, settings, now)
    seen = Observed(
        jobs=jobs,
        mailboxes=observed_mailboxes(boxes),
        beat_at=sign.at,
        config_problem=sign.config_problem,
        refusals=refusals,
        clock_jump=sign.clock_jump,
        clock_doubt=clocks.doubt,
        future=clocks.future,
        faults=sign.faults,
    )
    return System(
        state=health(seen, now=now).state,
        served=heartbeat is not None or _is_served(folder),
        problems=[*troubles(boxes, timezone), *_problems(seen, now), *_unwiped(store)],
        remarks=[
            *archive_words(store, now),
            *_removed(store),
            *refusal_remarks(refusals),
            *_remarks(sources),
            *mailbox_warnings(boxes, store.signs()),
        ],
        mailboxes=boxes,
        sources=sources,
        set_aside=skipped_emails(store),
        undelivered=undelivered_mail(deliveries, bounces, now=now),
        deliveries=deliveries_by_state(deliveries, today=local_date(now, settings.company.timezone)),
        jobs=job_states(jobs, now=now),
        runs=runs,
        sizes=sizes(folder),
        versions=_versions(),
    )


def _problems(seen: Observed, now: dt.datetime) -> Iterator[str]:
    """Yield the problems, except those of mailboxes, which ``troubles`` describes."""
    ready = [box for box in seen.mailboxes if box.ready]
    for problem in health(dataclasses.replace(seen, mailboxes=ready), now=now).problems:
        yield problem.text


def _unwiped(store: Store) -> Iterator[str]:
    if not store.retention.wiped:
        yield (
            "Some deleted data is not yet wiped from the disk, because a program was reading it. The next job that "
            "writes wipes it, or `mailsignals prune`."
        )


def _removed(store: Store) -> Iterator[str]:
    if (since := store.retention.since) is not None:
        yield f"Mail from before {date_and_time(since, 'UTC')} was deleted by [retention]."


def _remarks(sources: pl.DataFrame) -> Iterator[str]:
    for row in sources.filter(pl.col("done") < pl.col("total")).iter_rows(named=True):
        yield f"{row['source']} was not read completely; {_go_on(row['unit'])} to continue."


def _go_on(unit: str) -> str:
    """Return the command to continue; files have bytes, providers messages."""
    return "import it again" if unit == "bytes" else "run `mailsignals sync`"


def _is_served(folder: Path) -> bool:
    try:
        lock = Runs(folder).lock(SERVICE)
    except UserError:
        return True
    if lock is None:
        return True
    lock.close()
    return False


@functools.cache
def _versions() -> Mapping[str, str]:
    return {"Python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


def sizes(store: Path) -> Mapping[str, int]:
    """Return the size of each folder of a store in bytes, largest first; empty folders are left out.

    Files beside the folders count as ``catalogue``.
    """
    found: dict[str, int] = {}
    for folder, _, names in os.walk(store):
        inside = Path(folder).relative_to(store).parts
        part = inside[0] if inside else "catalogue"
        for name in names:
            with contextlib.suppress(OSError):  # a file that a writer removed meanwhile
                found[part] = found.get(part, 0) + os.stat(f"{folder}/{name}").st_size  # noqa: PTH116  # many files
    return {part: size for part, size in sorted(found.items(), key=lambda each: -each[1]) if size}
