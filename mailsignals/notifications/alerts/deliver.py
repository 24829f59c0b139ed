"""The envelopes of a plan of alerts, and its notes in the store."""

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

from mailsignals.notifications.alerts.plan import AlertPlan, Notice
from mailsignals.notifications.delivery.dispatch import Envelope
from mailsignals.notifications.digest.bulletin import Bulletin
from mailsignals.notifications.digest.notification import DigestNotification
from mailsignals.store import Store
from mailsignals.store.tables.deliveries import CLAIMED
from mailsignals.store.tables.ledger import Ledger


def alert_envelopes(notices: Sequence[Notice], worded: Callable[[Notice], Bulletin]) -> list[Envelope]:
    """Return one envelope per alert.

    Args:
        notices: the alerts to send.
        worded: makes the content of an alert.
    """
    return [
        Envelope(
            key=notice.key,
            content=DigestNotification(worded(notice)),
            problem=notice.reader.problem,
            events=[row["matter"] for row in notice.rows],
        )
        for notice in notices
    ]


def settle(folder: Path, *, at: dt.datetime) -> None:
    """Mark deliveries of a crashed program as uncertain in the store of a folder.

    Raises:
        UserError: the store cannot be used, or another program is sending.
    """
    with Store.open(folder, mode="read") as store:
        unfinished = (store.deliveries()["state"] == CLAIMED).any()
    if unfinished:
        with Ledger.open(folder, at=at):
            pass  # which notes it


def note_plan(folder: Path, plan: AlertPlan) -> None:
    """Note in the store of a folder the new recipients of alerts, and the events that digests included.

    Raises:
        UserError: the store cannot be used, or another program is sending.
    """
    if plan.begin or plan.known:
        with Ledger.open(folder, at=plan.at) as ledger:
            ledger.begin_alerts(plan.begin, at=plan.at)
            ledger.know(plan.known, at=plan.at)
