"""Definitions of conversations, check-ins, mail merges and urgent subjects: ``[signals]``."""

from typing import Annotated

from pydantic import AfterValidator

from mailsignals.config.section import Count, Days, Name, Section

_URGENCY_WORDS = (
    # English
    *("urgent", "urgently", "asap", "as soon as possible", "emergency", "critical", "immediately"),
    *("outage", "production down", "escalate", "escalation"),
    # German
    *("dringend", "eilt", "eilig", "sofort", "notfall", "schnellstmöglich", "eskalation", "ausfall"),
    # French
    *("urgence", "urgente", "dès que possible", "immédiatement", "en panne"),
    # Spanish, Portuguese, Italian
    *("urgencia", "emergencia", "lo antes posible", "inmediatamente"),
    *("urgência", "emergência", "o mais rápido possível", "imediatamente"),
    *("urgenza", "urgentissimo", "emergenza", "il prima possibile", "immediatamente"),
    # Dutch
    *("spoed", "spoedeisend", "noodgeval", "zo snel mogelijk", "onmiddellijk", "storing"),
    # Swedish, Danish, Norwegian
    *("brådskande", "akut", "haster", "hurtigst muligt", "snarest"),
    # Polish, Czech, Turkish, Russian
    *("pilne", "awaria", "natychmiast", "naléhavé", "urgentní", "acil", "срочно", "авария"),
    # Japanese, Chinese, Korean
    *("至急", "緊急", "紧急", "加急", "긴급"),
)


def _words(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(word.lower().split()) for word in words))


def _merge_size(accounts: int) -> int:
    if accounts == 1:
        raise ValueError("1 would ignore every email that starts a thread; use 2 or more, or 0 for never")
    return accounts


class SignalsSection(Section):
    """``[signals]``: the settings of the definitions behind the signals."""

    conversation_gap_days: Days = 14
    """A conversation ends after more than this many days without emails."""
    unanswered_gap_days: Days = 90
    """Longest gap in days within a conversation while the customer's email is unanswered."""
    reply_horizon_days: Days = 7
    """A check-in counts as responded if the customer writes within this many days."""
    mail_merge_accounts: Annotated[Count, AfterValidator(_merge_size)] = 10
    """A new email to this many accounts on one day counts as a mail merge, not as contact; 0: never."""
    urgency_words: Annotated[tuple[Name, ...], AfterValidator(_words)] = _URGENCY_WORDS
    """Words and phrases that make a subject urgent, in upper or lower case."""
