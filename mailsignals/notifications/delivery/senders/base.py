"""The contract of senders, and errors with a type that decides what may follow."""

import datetime as dt
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from connectors.base import ConnectorError, RetryLaterError, SignInError
from connectors.private_file import write_private


class Sender(Protocol):
    """A sender of emails."""

    def send(self, message: EmailMessage) -> None:
        """Send a message; return once the service has accepted it.

        Raises:
            SendError: the message was not accepted, or that is unknown.
        """


class SendError(Exception):
    """An error with the address or server first, the problem, and what to do; without secrets and subjects."""

    def __init__(self, whose: str, problem: str, remedy: str, *, everywhere: bool = False) -> None:
        super().__init__(f"{whose}: {problem} {remedy}")
        self.everywhere = everywhere
        """Whether nothing can be sent to anyone."""


class RefusedError(SendError):
    """Nothing was sent, and a retry fails too until the cause is fixed."""

    def __init__(
        self, whose: str, problem: str, remedy: str, *, everywhere: bool = False, sign_in: bool = False
    ) -> None:
        super().__init__(whose, problem, remedy, everywhere=everywhere)
        self.sign_in = sign_in
        """Whether the credentials were refused."""


class LaterError(SendError):
    """Nothing was sent, and a later retry may succeed."""

    def __init__(
        self,
        whose: str,
        problem: str,
        remedy: str = "",
        *,
        everywhere: bool = False,
        after: dt.timedelta | None = None,
    ) -> None:
        super().__init__(whose, problem, remedy, everywhere=everywhere)
        self.after = after
        """The delay that the service requested; None without one."""


class UnsureError(SendError):
    """The message was sent without a confirmation."""

    def __init__(self, whose: str, problem: str) -> None:
        super().__init__(
            whose, problem, "It may have arrived. Check with the recipient, and use --resend if it did not."
        )


def of_connector(error: ConnectorError) -> SendError:
    """Return the sending error for a sign-in error of a connector."""
    if isinstance(error, RetryLaterError):
        return LaterError(error.mailbox, error.problem, error.remedy, everywhere=True, after=error.after)
    return RefusedError(
        error.mailbox,
        error.problem,
        error.remedy,
        everywhere=True,
        sign_in=isinstance(error, SignInError),
    )


class FolderSender:
    """A sender that writes each email as one ``.eml`` file; the same email replaces its file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, message: EmailMessage) -> None:
        """Write the file, readable by its owner only."""
        name = message["Message-ID"].strip("<>")
        try:
            write_private(self._path / f"{name}.eml", message.as_bytes())
        except OSError as error:
            raise RefusedError(
                str(self._path),
                f"this folder can't be written: {error.strerror or error}.",
                "Check its permissions and free space, or correct digest.folder.",
                everywhere=True,
            ) from error
