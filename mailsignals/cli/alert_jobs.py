"""The job of the service that tells people what they should know before the next digest."""

from mailsignals.cli.alert_content import alerts_at, are_all_quiet
from mailsignals.cli.digest_jobs import sent
from mailsignals.jobs.job import Context, Job
from mailsignals.jobs.schedule import Every
from mailsignals.notifications.alerts.deliver import note, settle
from mailsignals.store.messages.lock import StoreBusyError
from mailsignals.workspace import Workspace


def alert_jobs(workspace: Workspace) -> list[Job]:
    """One, where alerts are enabled."""
    if not workspace.settings.alerts.enabled:
        return []
    return [
        Job(
            name="alerts",
            does="Tell people what cannot wait for the next digest.",
            trigger=Every(minutes=workspace.settings.schedule.alert_minutes),
            grace=None,
            work=lambda context: tell(workspace, context),
        )
    ]


def tell(workspace: Workspace, context: Context) -> str:
    """Send what is to be told now; what waits is looked at again by the next run.

    Raises:
        UserError: some of it is put off, or cannot be sent.
    """
    now, settings = context.now(), workspace.settings
    try:
        settle(settings.store.path, at=now)
        with workspace.reading() as store:
            if are_all_quiet(workspace, store, now):
                return "quiet hours"
            found = alerts_at(workspace, store, now)
        note(settings.store.path, found.plan)
        return sent(settings, found.envelopes, context) if found.envelopes else "nothing to tell"
    except StoreBusyError:
        return "another program is sending; the next run tells what there is to tell"
