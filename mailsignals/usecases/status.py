"""How mailsignals itself is, as `mailsignals status` and the page System say it."""

import dataclasses
from collections.abc import Mapping, Sequence

import polars as pl


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class System:
    """Mailboxes, jobs, mails and files at an instant."""

    state: str
    """``ok``, ``degraded`` or ``failing``."""
    served: bool
    """Whether the service of the store runs, as far as one may know."""
    problems: Sequence[str]
    """What is wrong and what to do, in sentences, the worst of each kind first."""
    remarks: Sequence[str]
    """What there is to know besides, in sentences."""
    mailboxes: pl.DataFrame
    """``HELD_SCHEMA`` (null where nothing is counted), ``STANDINGS_SCHEMA`` and ``word``: how it stands, in a word."""
    sources: pl.DataFrame
    """``SOURCES_SCHEMA`` with ``read_at``, ``set_aside`` and ``defects`` (mails)."""
    set_aside: pl.DataFrame
    """``mailbox``, ``source``, ``reason``, ``mails`` and ``advice``, the most first."""
    undelivered: pl.DataFrame
    """``DELIVERIES_SCHEMA``: what did not arrive of late, with ``problem``."""
    deliveries: pl.DataFrame
    """``due_on``, ``kind``, ``state`` and ``recipients`` of the last days, the newest first."""
    jobs: pl.DataFrame
    """``job``, ``does``, ``last_at``, ``ended_at``, ``how``, ``outcome`` and ``next_at`` of each job."""
    runs: pl.DataFrame
    """``RUNS_SCHEMA``, the newest first."""
    sizes: Mapping[str, int]
    """Bytes of each part of the store."""
    versions: Mapping[str, str]
    """What runs, by name."""
