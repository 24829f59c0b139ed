"""Evidence against the system's clock: the dates of providers, and the arrival of the newest emails."""

import datetime as dt

from mailsignals.clock import TOLERANCE
from mailsignals.jobs.clock_evidence import DISAGREEMENT, ClockEvidence
from mailsignals.store.tables.clock_tables import ProviderDate
from mailsignals.wording.numbers import duration_words

FRESH = dt.timedelta(days=7)
"""The age from which a provider's date no longer shows whether the clock is right or ahead."""
WITNESSES = 3
"""The number of emails that must be later than the clock, because a single one may have a wrong time."""
NAMES = {"gmail": "Gmail", "microsoft365": "Microsoft 365"}


def clock_doubt(evidence: ClockEvidence, *, now: dt.datetime) -> str | None:
    """Return the reason why the clock must be wrong by a day or more, with a remedy; None if nothing contradicts it.

    Old mail proves nothing: a company may be quiet, or its mail may be an archive. Mail later than now shows that the
    clock is behind, unless a provider confirmed the clock since.
    """
    for each in evidence.dates:
        if each.date_at - now >= DISAGREEMENT:
            return _sentence(each.date_at - now, "behind", _reported(each))
        offset = each.noted_at - each.date_at
        if _is_fresh(each, now) and offset >= DISAGREEMENT:
            return _sentence(offset, "ahead", _reported(each))
    if any(_is_fresh(each, now) for each in evidence.dates) or len(evidence.later_mail) < WITNESSES:
        return None
    newest = sorted(evidence.later_mail)[-WITNESSES]
    return _sentence(
        newest - now, "behind", f"the store has emails of {newest:%Y-%m-%d %H:%M} UTC", least="at least "
    )


def deletion_doubt(evidence: ClockEvidence, *, now: dt.datetime) -> str | None:
    """Return the reason why nothing should be deleted by age yet, with a remedy; None if it may be.

    A clock that is ahead would delete everything. So the clock must have been confirmed within a week: by a provider
    or, without mailboxes to read, by jobs that have run for a day.
    """
    doubt = clock_doubt(evidence, now=now)
    if doubt is not None:
        return doubt
    if evidence.dates:
        last = max(each.date_at for each in evidence.dates)
        what = "The system's clock was last confirmed by a provider"
        remedy = "Check the clock, and that mailboxes can be synced."
    elif evidence.run_before_at is not None:
        last, what = evidence.run_before_at, "The last job before today ended"
        remedy = "If the clock is right, a try succeeds once jobs have run for a day."
    else:
        return None
    if now - last <= FRESH:
        return None
    return f"{what} {duration_words((now - last) / dt.timedelta(hours=1))} ago, so the clock may be ahead. {remedy}"


def believed_time(evidence: ClockEvidence, *, now: dt.datetime) -> dt.datetime:
    """Return now, as far as it agrees with providers' dates: not before the last one, nor over a week after it.

    Limits of age that decide which mail is read follow from it, so that a wrong clock loses none.
    """
    known = [each.date_at for each in evidence.dates]
    if known:
        return min(max(now, *known), max(known) + FRESH)
    return now if clock_doubt(evidence, now=now) is None else max(evidence.later_mail)


def _is_fresh(date: ProviderDate, now: dt.datetime) -> bool:
    """Whether the clock ran on from the moment of a date until now, as far as its times tell."""
    return date.noted_at - TOLERANCE <= now <= date.noted_at + FRESH


def _reported(date: ProviderDate) -> str:
    return f"{NAMES.get(date.provider, date.provider)} reported {date.date_at:%Y-%m-%d %H:%M} UTC"


def _sentence(offset: dt.timedelta, way: str, why: str, *, least: str = "") -> str:
    size = duration_words(offset / dt.timedelta(hours=1))
    return f"The system's clock is {least}{size} {way}: {why}. Correct the time of this machine."
