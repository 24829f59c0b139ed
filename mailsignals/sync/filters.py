"""The filter that mail passes before it is stored, put together as the configuration asks for."""

import datetime as dt

from mailsignals.config import Settings
from mailsignals.store import Store
from mailsignals.sync.engine import MessageFilter
from mailsignals.sync.privacy import privacy_filter, within_retention
from mailsignals.sync.pseudonyms import pseudonym_filter


def message_filter(settings: Settings, store: Store, now: dt.datetime) -> MessageFilter:
    """Return the filter that pages pass before they are stored, as ``[retention]`` and ``[privacy]`` ask for.

    Mail that is stored passes it too where the rules have become stricter.

    Args:
        settings: the configuration.
        store: open for writing.
        now: from when ``retention.mail_days`` count back.

    Raises:
        UserError: the store cannot be written, or a key of its hashes is gone.
    """
    since = settings.retention.mail_since(now)
    store.retention.extend_history(since)
    words = settings.signals.urgency_words
    clean = privacy_filter(store, settings.privacy.subjects, urgency_words=words, at=now)
    anonymous = pseudonym_filter(store, urgency_words=words)
    return lambda messages: clean(anonymous(within_retention(messages, since)))
