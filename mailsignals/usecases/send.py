"""Send notifications, or preview them."""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from connectors.base import StoppedError
from mailsignals.config import Settings
from mailsignals.credentials import Runtime
from mailsignals.notifications.delivery.dispatch import Envelope, RestoreGuard, foresee, send
from mailsignals.notifications.delivery.outbox import DeliveryOutcome
from mailsignals.store.messages.lock import StoreBusyError
from mailsignals.store.tables.restores import RESTORE
from mailsignals.usecases.clock_state import check_clock
from mailsignals.workspace import Workspace
from mailsignals.workspace.workspace import BUSY_SECONDS, BUSY_TRIES


def preview(
    workspace: Workspace, wanted: Sequence[Envelope], *, at: dt.datetime, resend: bool
) -> list[DeliveryOutcome]:
    """Return the outcome that each envelope would have; nothing is sent or recorded.

    Raises:
        UserError: the store does not exist, or it can't be read.
    """
    with workspace.reading() as store:
        deliveries = store.deliveries()
        restores = store.mailbox_status.runs().filter(pl.col("kind") == RESTORE)
    guard = RestoreGuard(
        settings=workspace.settings, restored_at=restores.select(pl.col("started_at").max()).item()
    )
    return foresee(wanted, deliveries, at=at, resend=resend, guard=guard)


def send_now(
    workspace: Workspace, wanted: Sequence[Envelope], runtime: Runtime, *, resend: bool
) -> list[DeliveryOutcome]:
    """Send each envelope that was not sent before.

    Raises:
        ClockDoubtError: the clock is wrong; nothing was sent.
        UserError: sending is not enabled, a secret is missing, or another program is sending.
    """
    check_clock(workspace, runtime.now())
    return send(workspace.settings, wanted, runtime, resend=resend)


def send_when_free(settings: Settings, wanted: Sequence[Envelope], runtime: Runtime) -> list[DeliveryOutcome]:
    """Send as soon as no other program is sending; in the morning several jobs do.

    Raises:
        UserError: another program sends for minutes, or nothing can be sent.
        StoppedError: ``runtime.stop`` was set.
    """
    for _ in range(BUSY_TRIES):
        try:
            return send(settings, wanted, runtime, resend=False)
        except StoreBusyError:  # raised before anything is sent
            if runtime.stop.wait(BUSY_SECONDS):
                raise StoppedError from None
    return send(settings, wanted, runtime, resend=False)
