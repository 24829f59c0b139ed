"""The witnesses of the system's clock: providers' dates, mail that is later than the clock, and earlier runs."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

from mailsignals.config import Settings
from mailsignals.store import Store
from mailsignals.store.tables.clock_tables import ProviderDate

DISAGREEMENT = dt.timedelta(days=1)
"""The smallest difference between the clock and its witnesses for which recording, sending and deleting wait."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClockEvidence:
    """Everything that the clock can be compared with."""

    dates: Sequence[ProviderDate] = ()
    """The last date of each provider whose mailboxes are read."""
    later_mail: Sequence[dt.datetime] = ()
    """The times of stored emails that are later than the clock by ``DISAGREEMENT``, some of them at least."""
    run_before_at: dt.datetime | None = None
    """The time at which a job last ended a day or more before now; None without one."""


def clock_evidence(store: Store, settings: Settings, now: dt.datetime) -> ClockEvidence:
    """Return what a store knows of the time; dates of providers that are no longer configured don't count."""
    return ClockEvidence(
        dates=[date for date in store.clock.provider_dates() if getattr(settings, date.provider).used],
        later_mail=store.clock.mail_after(now + DISAGREEMENT),
        run_before_at=store.clock.run_before(now - DISAGREEMENT),
    )
