"""The page System: problems and what to do, then mailboxes, jobs, deliveries and files."""

from collections.abc import Mapping
from typing import Any

import polars as pl
from starlette.responses import Response

from mailsignals.errors import UserError
from mailsignals.readmodel.editions import Edition
from mailsignals.readmodel.roles import Role
from mailsignals.usecases.automated_mail import automated_share, kind_list, share_words
from mailsignals.usecases.status import System, system_status
from mailsignals.web.model_figures import sentences_about
from mailsignals.web.page import PageRequest, WebPage
from mailsignals.web.paging import part_of

MAILBOXES, RUNS, ASIDE = 50, 20, 25

MAILBOX_STATES: Mapping[str, str] = {
    "up to date": "good",
    "stale": "doubtful",
    "imported": "",
    "syncing": "",
}
"""Colours of the states of a mailbox; every other state is a failure."""
STATES: Mapping[str, str] = {
    "ok": "good",
    "degraded": "doubtful",
    "failing": "failing",
    "done": "good",
    "failed": "failing",
    "lost": "failing",
    "missed": "doubtful",
    "blocked": "failing",
    "given back": "",
    "running": "",
    "sent": "good",
    "later": "doubtful",
    "unsure": "doubtful",
    "refused": "failing",
    "bounced": "failing",
    "skipped": "",
    "claimed": "doubtful",
}
"""Colours of the states of jobs and deliveries."""


def show(visit: PageRequest) -> Response:
    """Return the page; it also works before the first edition."""
    edition = visit.newest
    try:
        system = system_status(
            visit.site.settings(),
            now=visit.now,
            timezone=visit.viewer.timezone,
            edition=edition,
            heartbeat=visit.site.heartbeat(),
        )
    except UserError as error:
        return visit.render("system.html.j2", unreadable=str(error), system=None)
    return visit.render(
        "system.html.j2",
        unreadable=None,
        system=system,
        mailboxes=part_of(worst_mailboxes_first(system.mailboxes), visit.query, rows=MAILBOXES),
        counted=edition is not None,
        kept=_kept(system),
        jobs=[_with_length(row) for row in system.jobs.to_dicts()],
        runs=[_with_length(row) for row in system.runs.head(RUNS).to_dicts()],
        set_aside=system.set_aside.head(ASIDE).to_dicts(),
        aside_mails=system.set_aside["mails"].sum(),
        defects=system.sources["defects"].sum(),
        deliveries=by_day(system.deliveries),
        undelivered=system.undelivered.to_dicts(),
        sizes=[(part, in_bytes(size)) for part, size in system.sizes.items()],
        size=in_bytes(sum(system.sizes.values())),
        doubts=_doubts(edition),
        colour=lambda word: STATES.get(word or "", ""),
        automated_share=automated_share,
        kind_list=kind_list,
        share_words=share_words,
        mailbox_colour=lambda word: MAILBOX_STATES.get(word, "failing"),
    )


def worst_mailboxes_first(mailboxes: pl.DataFrame) -> pl.DataFrame:
    """Sort mailboxes by state, unreadable ones first, then by address."""
    place = pl.col("word").replace_strict(
        {"stale": 1, "syncing": 2, "up to date": 3, "imported": 4}, default=0
    )
    return mailboxes.sort(place, "mailbox", "provider")


def _kept(system: System) -> str:
    """Return the number of mailboxes by state in words: ``12 up to date, 1 stale``."""
    counts = system.mailboxes.group_by("word").len().sort("len", "word", descending=[True, False])
    return ", ".join(f"{count} {word}" for word, count in counts.iter_rows())


def _with_length(row: dict[str, Any]) -> dict[str, Any]:
    """Add ``lasted``, the duration of a run in words; None while it is running."""
    began, ended = row.get("started_at") or row.get("last_at"), row["ended_at"]
    return {
        **row,
        "lasted": None if began is None or ended is None else lasted((ended - began).total_seconds()),
    }


def lasted(seconds: float) -> str:
    """Return a duration in words: ``0.4 s``, ``12 s``, ``3 min``, ``2.5 h``."""
    if seconds < 60:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def in_bytes(size: int) -> str:
    """Return a size in words: ``3 kB``, ``12 MB``, ``1.5 GB``."""
    for unit, worth in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= worth:
            return f"{size / worth:.1f} {unit}" if size < 10 * worth else f"{size / worth:,.0f} {unit}"
    return f"{size} bytes"


def by_day(deliveries: pl.DataFrame) -> list[dict[str, Any]]:
    """Group deliveries by day and document, newest first: ``on``, ``kind``, and ``states`` with their counts."""
    return [
        {"on": due_on, "kind": kind, "states": rows.select("state", "recipients").rows()}
        for (due_on, kind), rows in deliveries.group_by("due_on", "kind", maintain_order=True)
    ]


def _doubts(edition: Edition | None) -> list[str]:
    return sentences_about(edition.table("model_words"), "doubt") if edition else []


PAGES = (WebPage(path="/system", roles=frozenset({Role.OPERATOR}), show=show, title="System"),)
