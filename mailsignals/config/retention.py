"""Retention of stored data: ``[retention]``."""

import datetime as dt

from mailsignals.config.section import Count, Section


class RetentionSection(Section):
    """``[retention]``: retention of stored data."""

    mail_days: Count = 0
    """Days after which sent mail is deleted; 0: never."""
    records_days: Count = 0
    """Days after which scores, deliveries and feedback are deleted; 0: never."""

    def mail_since(self, now: dt.datetime) -> dt.datetime | None:
        """Return the time before which mail is deleted; None if all of it is kept."""
        return days_before(now, self.mail_days)

    def records_since(self, now: dt.datetime) -> dt.datetime | None:
        """Return the time before which records are deleted; None if all of them are kept."""
        return days_before(now, self.records_days)


def days_before(now: dt.datetime, days: int) -> dt.datetime | None:
    """Return the beginning of the UTC day so many days ago; None for 0 days."""
    if not days:
        return None
    return now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0) - dt.timedelta(days=days)
