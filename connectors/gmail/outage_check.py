"""Distinguishes a few unreadable messages from an unreadable mailbox."""

from collections.abc import Collection

from connectors.base import ConnectorError, GiveUpError, RetryLaterError
from connectors.gmail.api import GmailAnswerError, GmailApi
from connectors.gmail.errors import GmailErrorKind
from connectors.gmail.parse import ids_in_listing

PROBES = 3


class Doubt:
    """A check whether any message of a mailbox can be read, after several could not."""

    def __init__(self, api: GmailApi) -> None:
        self._api = api
        self.good: str | None = None
        """The id of a message that was read in this run."""

    def settle(self, kind: GmailErrorKind, failing: Collection[str]) -> None:
        """Check that another message can be read, with retries; ``kind`` is the reason why ``failing`` could not.

        Raises:
            ConnectorError: no message can be read.
        """
        first, *others = self._candidates(failing)
        if not self._comes(first, patient=True) and not any(
            self._comes(name, patient=False) for name in others
        ):
            raise self._suspended(kind)

    def _candidates(self, failing: Collection[str]) -> list[str]:
        """A message that was read before; else some of the newest page, if possible not failing ones."""
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
                self._api.take(self._api.quota.get)
                self._api.once(request)
        except GmailAnswerError as trouble:
            return trouble.verdict.kind is GmailErrorKind.MISSING  # the mailbox works
        except RetryLaterError as error:
            if error.state == "unreachable":
                return False
            raise
        return True

    def _suspended(self, kind: GmailErrorKind) -> ConnectorError:
        if kind is GmailErrorKind.RETRY:
            return RetryLaterError(
                self._api.mailbox,
                "Gmail lists messages but returns none of them; the user may be suspended.",
                "Check the user in Admin console > Directory > Users. The next run tries again.",
                state="suspended",
            )
        return GiveUpError(
            self._api.mailbox,
            "Gmail refuses access to all messages: the user is suspended.",
            "Reactivate the user (Admin console > Directory > Users), or remove the address from the configuration.",
            state="suspended",
        )
