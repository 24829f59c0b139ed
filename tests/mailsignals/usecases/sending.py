"""Reports that are ready to be sent, and what comes of sending them; as a program, a process that sends."""

import dataclasses
import datetime as dt
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from mailsignals import clock
from mailsignals.credentials import Runtime
from mailsignals.notifications.delivery.dispatch import Envelope
from mailsignals.notifications.delivery.message import Letter
from mailsignals.notifications.delivery.outbox import DeliveryOutcome
from mailsignals.store import Store
from mailsignals.store.tables.deliveries import Key
from mailsignals.usecases.alerts import alerts_to_send
from mailsignals.usecases.send import send_now
from mailsignals.usecases.status import counted_status
from mailsignals.workspace import Workspace
from tests.mailsignals import small_company

ANA, BO = "ana@us.test", "bo@us.test"
TODAY = small_company.MIDNIGHT.date()
SECTION = """
[digest]
enabled = true
from = "signals@us.test"

[digest.smtp]
host = "127.0.0.1"
port = {port}
security = "none"
"""


@dataclasses.dataclass(frozen=True)
class Report:
    """A report whose words do not matter."""

    subject: str = "Nothing new - Us"
    text: str = "Plain.\n"
    short_text: str = "Short."

    @property
    def letter(self) -> Letter:
        """All of it as the HTML of a mail."""
        return Letter(html="<p>Rich</p>", images={})


def envelope(recipient: str, kind: str = "digest") -> Envelope:
    """The day's report for a recipient."""
    return Envelope(key=Key(kind=kind, recipient=recipient, due_on=TODAY), content=Report(), problem=None)


def sent(
    workspace: Workspace,
    wanted: Sequence[Envelope],
    at: dt.datetime | None = None,
    *,
    resend: bool = False,
    environ: Mapping[str, str] | None = None,
) -> list[DeliveryOutcome]:
    """What came of sending at an instant; usually now."""
    now = clock.now if at is None else lambda: at
    runtime = Runtime(
        environ=os.environ if environ is None else environ,
        now=now,
        stop=threading.Event(),
        say=lambda _: None,
    )
    return send_now(workspace, wanted, runtime, resend=resend)


def states(wanted: Sequence[Envelope], outcomes: Sequence[DeliveryOutcome]) -> dict[tuple[str, str], str]:
    """What became of each, by way and recipient."""
    return {
        (one.key.kind, one.key.recipient): outcome.record.state
        for one, outcome in zip(wanted, outcomes, strict=True)
    }


def undelivered(workspace: Workspace, now: dt.datetime | None = None) -> pl.DataFrame:
    """What status says did not arrive."""
    found = counted_status(workspace.settings, now=now or clock.now(), timezone=workspace.timezone)
    return found.undelivered


def claimed(folder: Path) -> bool:
    """Whether a mail is being sent from a folder's store."""
    with Store.open(folder / "store", mode="read") as store:
        return bool((store.deliveries()["state"] == "claimed").any())


def main(config: str, at: str, kind: str, *recipients: str) -> None:
    """Send the day's report to recipients at an instant, or the ``alerts`` that there are then."""
    workspace, now = Workspace.load(Path(config)), dt.datetime.fromisoformat(at)
    ready = [envelope(recipient, kind) for recipient in recipients]
    sent(workspace, ready or alerts_to_send(workspace, now) or [], now)


if __name__ == "__main__":
    main(*sys.argv[1:])
