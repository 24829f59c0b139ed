"""What people are told of a company at a time that a test says; see ``alert_desk`` and ``alert_company``."""

import datetime as dt
from pathlib import Path

from mailsignals.notifications.alerts.plan import EventState
from mailsignals.notifications.delivery.outbox import DeliveryOutcome
from mailsignals.store import Store
from mailsignals.usecases.alerts import alerts, alerts_to_send
from mailsignals.workspace import Workspace
from tests.mailsignals.alert_company import berlin
from tests.mailsignals.usecases.sending import sent


def utc(text: str) -> dt.datetime:
    """The instant of a time of March 2026 in Berlin, such as ``03 09:00``, in UTC."""
    return berlin(text).astimezone(dt.UTC)


def standings(folder: Path, at: str) -> list[EventState]:
    """Each matter of each reader; what began before alerts is left out."""
    with Workspace.load(folder / "config.toml").at(utc(at)) as snapshot:
        found = alerts(snapshot, whole=True).plan.standings
    return [each for each in found if each.state != "before"]


def states(folder: Path, at: str) -> dict[tuple[str, str], str]:
    """What becomes of each matter, by recipient and kind."""
    return {(each.reader.recipient, each.row["kind"]): each.state for each in standings(folder, at)}


def tell(folder: Path, at: str, *, resend: bool = False) -> list[DeliveryOutcome]:
    """What came of telling people what there is to tell; on request also what did not arrive."""
    workspace, now = Workspace.load(folder / "config.toml"), utc(at)
    wanted = alerts_to_send(workspace, now) or []
    if resend:
        with workspace.at(now) as snapshot:
            wanted = alerts(snapshot, resend=True).envelopes
    return sent(workspace, wanted, now, resend=resend)


def delivered(folder: Path) -> dict[tuple[str, str], str]:
    """The state of every delivery of the store, by way and recipient."""
    with Store.open(folder / "store", mode="read") as store:
        rows = store.deliveries().select("kind", "recipient", "state").rows()
    return {(kind, recipient): state for kind, recipient, state in rows}
