"""The facts about risk that digests, reports and alerts share."""

import datetime as dt
from collections.abc import Mapping

from mailsignals.clock import local_date
from mailsignals.flags.method import method_change, recorded_method
from mailsignals.flags.news import told_at
from mailsignals.jobs.schedule import Daily
from mailsignals.notifications.digest.risk_context import RiskContext
from mailsignals.readmodel.tables.accounts import risk_notes
from mailsignals.risk.totals import totals
from mailsignals.workspace import Snapshot

CHECK = "check"
"""The name of the note on calibration."""
A_TICK = dt.timedelta(microseconds=1)


def risk_context(snapshot: Snapshot) -> RiskContext:
    """Return the track record, the calibration, changes of method, and the last digest of each CSM.

    Raises:
        UserError: the model in use can't be read.
    """
    notes = dict(risk_notes(snapshot).iter_rows())
    return RiskContext(
        rules=snapshot.workspace.settings.risk,
        records=snapshot.track_record,
        check=notes[CHECK],
        changes={csm: change.text for csm, change in snapshot.method_changes.items()},
        told_at=_told_at(snapshot),
        names=snapshot.workspace.names,
        currency=snapshot.workspace.settings.accounts.currency,
    )


def _told_at(snapshot: Snapshot) -> Mapping[str | None, dt.datetime]:
    """Return by CSM the time of the last digest; where none was sent, the time when one was last due before today."""
    settings, csms = snapshot.workspace.settings, snapshot.accounts["csm"].unique().to_list()
    sent = told_at(snapshot.store.deliveries(), csms, today=snapshot.today)
    schedule = settings.schedule
    due = Daily(
        at=schedule.digest_at,
        zones=(snapshot.timezone,),
        weekdays=schedule.weekdays,
        holidays=schedule.days_off,
    )
    last = due.last_until(snapshot.as_of)
    if last is not None and local_date(last, snapshot.timezone) == snapshot.today:
        last = due.last_until(last - A_TICK)
    usual = {} if last is None else dict.fromkeys(csms, last)
    return {**usual, **sent}


def change_since(snapshot: Snapshot, day: dt.date) -> str | None:
    """Return the change of method since a day in one sentence; None if there was none.

    Args:
        snapshot: the company.
        day: the last day that was recorded by then counts.
    """
    scores = snapshot.store.scores
    recorded = scores.last_day(day)
    before = None if recorded is None else recorded_method(scores.of_day(recorded))
    change = method_change(before, totals(snapshot.risk).source)
    return None if change is None else change.text
