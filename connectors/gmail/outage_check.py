"""Tells a few messages that cannot be had from a mailbox that gives out none."""

from collections.abc import Collection

from connectors.base import ConnectorError, GiveUpError, RetryLaterError
from connectors.gmail.api import GmailAnswerError, GmailApi
from connectors.gmail.errors import GmailErrorKind
from connectors.gmail.parse import ids_in_listing

PROBES = 3


class Doubt:
    """A check whether a mailbox gives out messages at all, for when none of several came."""

    def __init__(self, api: GmailApi) -> None:
        self._api = api
        self.good: str | None = None
        """A message that came in this run."""

    def settle(self, kind: GmailErrorKind, failing: Collection[str]) -> None:
        """Make sure that some other message can be had, if it takes a while; ``kind`` is why ``failing`` could not.

        Raises:
            ConnectorError: none can be had.
        """
        first, *others = self._candidates(failing)
        if not self._comes(first, patient=True) and not any(
            self._comes(name, patient=False) for name in others
        ):
            raise self._suspended(kind)

    def _candidates(self, failing: Collection[str]) -> list[str]:
        """What came before; else messages from all over the newest page, which do not fail if possible."""
        if self.good is not None:
            return [self.good]
        ids, _ = ids_in_listing(self._api.messages(token=None))
        names = [name for name in ids if name not in failing] or list(failing)
        return list(
            dict.fromkeys(names[number * (len(names) - 1) // (PROBES - 1)] for number in range(PROBES))
        )

    def _comes(self, name: str, *, patient: bool) -> bool:
        try:
            request = self._api.get(name)
            if patient:
                self._api.call(request, units=self._api.quota.get)
            else:
                self._api.limiter.take(self._api.quota.get)
                self._api.once(request)
        except GmailAnswerError as trouble:
            return trouble.verdict.kind is GmailErrorKind.MISSING  # the mailbox looked for it
        except RetryLaterError as error:
            if error.state == "out of reach":
                return False
            raise
        return True

    def _suspended(self, kind: GmailErrorKind) -> ConnectorError:
        if kind is GmailErrorKind.RETRY:
            return RetryLaterError(
                self._api.mailbox,
                "Gmail lists the mailbox but gives out none of its messages; the user may be suspended.",
                "Look in Admin console > Directory > Users; if the user is active, the next run tries again.",
                state="suspended",
            )
        return GiveUpError(
            self._api.mailbox,
            "Gmail refuses every message of the mailbox: the user is suspended.",
            "Restore the user (Admin console > Directory > Users), or take the address out of the configuration.",
            state="suspended",
        )
