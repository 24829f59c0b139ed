"""How long what is stored is kept: ``[retention]``."""

import datetime as dt

from mailsignals.config.section import Count, Section


class RetentionSection(Section):
    """``[retention]``: how long what is stored is kept."""

    mail_days: Count = 0
    """How many days mail is kept, by when it was sent; 0: for ever."""
    records_days: Count = 0
    """How many days scores, deliveries, and what people said of accounts are kept; 0: for ever."""

    def mail_since(self, now: dt.datetime) -> dt.datetime | None:
        """From when on mail is kept; None: all of it is."""
        return days_before(now, self.mail_days)

    def records_since(self, now: dt.datetime) -> dt.datetime | None:
        """From when on records are kept; None: all of them are."""
        return days_before(now, self.records_days)


def days_before(now: dt.datetime, days: int) -> dt.datetime | None:
    """The beginning of the UTC day so many days ago, so that it does not move within a day; none for 0 days."""
    if not days:
        return None
    return now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0) - dt.timedelta(days=days)
