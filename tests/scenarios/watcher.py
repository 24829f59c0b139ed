"""Somebody who is told how a run goes, and does nothing with it."""

from connectors.base import Page
from mailsignals.sync.mailboxes import MailboxOutcome
from mailsignals.sync.plan import Step


class Silent:
    """Hears everything."""

    def begins(self, provider: str, mailbox: str, step: Step) -> None:
        """A mailbox is being read."""

    def moves(self, provider: str, mailbox: str, page: Page) -> None:
        """A page of it was stored."""

    def ends(self, outcome: MailboxOutcome) -> None:
        """It is done."""
