"""The configured providers, with their secrets."""

import dataclasses
import datetime as dt

from connectors import gmail, microsoft365
from connectors.provider import Provider
from mailsignals.config import Settings
from mailsignals.config.gmail import GmailSection
from mailsignals.config.retention import days_before
from mailsignals.credentials import Runtime, gmail_sign_in, microsoft365_sign_in
from mailsignals.errors import UserError
from mailsignals.jobs.clock_doubt import believed_time
from mailsignals.jobs.clock_evidence import clock_evidence
from mailsignals.store import Store

RECONCILE_EVERY = dt.timedelta(days=7)
"""The interval between comparisons of all ids of a mailbox with the store, because providers miss changes."""


def providers(settings: Settings, around: Runtime) -> list[Provider]:
    """Return the providers with mailboxes to read.

    Raises:
        UserError: a secret isn't at its configured place, or is invalid.
    """
    found: list[Provider] = []
    if settings.gmail.used:
        found.append(_gmail(settings, around))
    if settings.microsoft365.used:
        found.append(_microsoft365(settings, around))
    return found


def _gmail(settings: Settings, around: Runtime) -> Provider:
    section, company = settings.gmail, settings.our_company
    options = gmail.GmailOptions(
        mailboxes=section.mailboxes,
        group=section.group or None,
        api_root=section.api_root,
        directory_root=section.directory_root,
        quota=_quota(section),
        horizon=horizon(settings, section.history_days, now=_believed_now(settings, around)),
        own=company.own,
        subjects=settings.privacy.subjects != "none",
        reconcile_every=RECONCILE_EVERY,
    )
    sign_in = gmail_sign_in(section, settings.store.path, around)
    return gmail.Gmail(options, sign_in, now=around.now, pause=around.pause)


def _quota(section: GmailSection) -> gmail.Quota:
    """The profile's quota, with the configured limits instead."""
    granted = {name: units for name, units in section.limits if units}
    return dataclasses.replace(gmail.QUOTAS[section.quota], **granted)


def _microsoft365(settings: Settings, around: Runtime) -> Provider:
    section, company = settings.microsoft365, settings.our_company
    options = microsoft365.Microsoft365Options(
        mailboxes=section.mailboxes,
        group=section.group or None,
        graph_root=section.graph_root,
        authority=section.authority,
        tenant=section.tenant,
        client_id=section.client_id,
        horizon=horizon(settings, section.history_days, now=_believed_now(settings, around)),
        own=company.own,
        subjects=settings.privacy.subjects != "none",
        reconcile_every=RECONCILE_EVERY,
        concurrent_requests=section.concurrent_requests,
        requests_per_10_minutes=section.requests_per_10_minutes,
        sends=settings.digest.enabled and settings.digest.via == "graph",
    )
    sign_in = microsoft365_sign_in(section, settings.store.path, around)
    return microsoft365.Microsoft365(options, sign_in, now=around.now, pause=around.pause)


def _believed_now(settings: Settings, around: Runtime) -> dt.datetime:
    """Now, as far as the store agrees; without a store that can be read, now."""
    now = around.now()
    try:
        with Store.open(settings.store.path, mode="read") as store:
            return believed_time(clock_evidence(store, settings, now), now=now)
    except UserError:
        return now


def horizon(settings: Settings, history_days: int, *, now: dt.datetime) -> dt.datetime | None:
    """Return the time before which a provider's mail isn't fetched; None if all mail is.

    It follows from ``history_days`` and from ``[retention]``.
    """
    found = (days_before(now, history_days), settings.retention.mail_since(now))
    return max((each for each in found if each is not None), default=None)
