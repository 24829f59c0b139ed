"""The filter of mail before it is stored, as configured."""

import datetime as dt

from mailsignals.config import Settings
from mailsignals.jobs.clock_doubt import believed_time
from mailsignals.jobs.clock_evidence import clock_evidence
from mailsignals.store import Store
from mailsignals.sync.engine import MessageFilter
from mailsignals.sync.privacy import privacy_filter, within_retention
from mailsignals.sync.pseudonyms import pseudonym_filter


def message_filter(settings: Settings, store: Store, now: dt.datetime) -> MessageFilter:
    """Return the filter of pages before they are stored, by ``[retention]`` and ``[privacy]``.

    If the rules have become stricter, stored mail is filtered too.

    Args:
        settings: the configuration.
        store: open for writing.
        now: the time from which ``retention.mail_days`` count back; a clock that is ahead drops no mail.

    Raises:
        UserError: the store can't be written, or a key of its hashes is missing.
    """
    evidence = clock_evidence(store, settings, now)
    since = settings.retention.mail_since(believed_time(evidence, now=now))
    store.retention.extend_history(since)
    words = settings.signals.urgency_words
    clean = privacy_filter(store, settings.privacy.subjects, urgency_words=words, at=now)
    anonymous = pseudonym_filter(store, urgency_words=words)
    return lambda messages: clean(anonymous(within_retention(messages, since)))
