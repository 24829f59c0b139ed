"""Digests and reports as notifications, with an envelope per recipient and channel."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

from mailsignals.accounts.addresses import plain_address
from mailsignals.clock import local_date
from mailsignals.config import Settings
from mailsignals.flags.news import DIGEST
from mailsignals.notifications.delivery.dispatch import NOBODY, Envelope
from mailsignals.notifications.delivery.message import Letter
from mailsignals.notifications.delivery.safety import delivery_problem
from mailsignals.notifications.digest.bulletin import Bulletin
from mailsignals.notifications.digest.digest import Digest
from mailsignals.notifications.digest.html import letter
from mailsignals.notifications.digest.text import short, subject, text
from mailsignals.store.tables.deliveries import Key


@dataclasses.dataclass(frozen=True)
class DigestNotification:
    """A digest, report or alert in the forms that a delivery needs."""

    content: Digest | Bulletin

    @property
    def subject(self) -> str:
        """Return the subject, which names no customer."""
        return subject(self.content)

    @property
    def text(self) -> str:
        """Return all of the content as plain text, charts in words."""
        return text(self.content)

    @property
    def short_text(self) -> str:
        """Return the first accounts or groups with their first reasons, for a chat channel."""
        return short(self.content)

    @property
    def letter(self) -> Letter:
        """Return the HTML of the email, with charts as pictures."""
        return letter(self.content)


def digest_envelopes(settings: Settings, digests: Sequence[Digest], as_of: dt.datetime) -> list[Envelope]:
    """Return the envelopes of a day's digests: one email per digest, and a channel note if a channel is configured.

    The day is the one in the CSM's time zone.
    """
    channel = settings.digest.webhook.kind
    found = []
    for digest in digests:
        on = local_date(as_of, settings.timezone_of(digest.csm))
        csm = digest.csm or NOBODY
        recipient, problem = plain_address(csm) or csm, delivery_problem(digest.csm, settings.mail_may_go_to)
        found.append(
            Envelope(
                key=Key(kind=DIGEST, recipient=recipient, due_on=on),
                content=DigestNotification(digest),
                problem=problem,
            )
        )
        if channel:
            key = Key(kind=channel, recipient=recipient, due_on=on)
            found.append(Envelope(key=key, content=DigestNotification(digest), problem=None))
    return found


def bulletin_envelopes(
    settings: Settings, bulletin: Bulletin, *, to: Sequence[str], on: dt.date
) -> list[Envelope]:
    """Return an email with a report for each of some addresses; each address gets one per day of delivery."""
    return [
        Envelope(
            key=Key(kind=bulletin.kind, recipient=plain_address(address) or address, due_on=on),
            content=DigestNotification(bulletin),
            problem=delivery_problem(address, settings.mail_may_go_to),
        )
        for address in to
    ]
