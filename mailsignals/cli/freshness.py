"""A note where the newest mail of a store is months older than the date that was requested."""

import datetime as dt

from mailsignals.usecases.stored_mail import newest_mail_at
from mailsignals.workspace import Snapshot

STALE = dt.timedelta(days=60)
"""Mail older than this at the requested date leads to the note."""


def stale_words(snapshot: Snapshot, command: str, *, options: str = "") -> str | None:
    """Return one line that names the day to request instead; None where the mail is fresh, or there is none.

    Args:
        snapshot: the company at the requested date.
        command: the command to repeat, such as ``risk``.
        options: further options to repeat, with a space before each.
    """
    newest = newest_mail_at(snapshot)
    if newest is None or snapshot.as_of - newest < STALE:
        return None
    workspace = snapshot.workspace
    day = workspace.day(newest)
    return (
        f"The newest mail is from {day}, so accounts look silent since then. For the last day with mail: "
        f"`mailsignals {command}{options} --as-of {day + dt.timedelta(days=1)}`."
    )
