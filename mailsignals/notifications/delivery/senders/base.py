"""The contract of what sends, and errors whose type says what may follow."""

import datetime as dt
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from connectors.base import ConnectorError, RetryLaterError, SignInError
from connectors.private_file import write_private


class Sender(Protocol):
    """Hands one mail over."""

    def send(self, message: EmailMessage) -> None:
        """Return once somebody else has taken the message over.

        Raises:
            SendError: it was not taken over, or nobody knows.
        """


class SendError(Exception):
    """Whose, what is wrong, and what to do; never a secret or a subject."""

    def __init__(self, whose: str, problem: str, remedy: str, *, everywhere: bool = False) -> None:
        super().__init__(f"{whose}: {problem} {remedy}")
        self.everywhere = everywhere
        """Whether nothing can be sent to anybody."""


class RefusedError(SendError):
    """Nothing was sent, and trying again changes nothing until somebody acts."""

    def __init__(
        self, whose: str, problem: str, remedy: str, *, everywhere: bool = False, sign_in: bool = False
    ) -> None:
        super().__init__(whose, problem, remedy, everywhere=everywhere)
        self.sign_in = sign_in
        """Whether our credentials were refused."""


class LaterError(SendError):
    """Nothing was sent, and the same may succeed later."""

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
        """How long we were asked to wait."""


class UnsureError(SendError):
    """It was handed over, and nobody said whether it was taken."""

    def __init__(self, whose: str, problem: str) -> None:
        super().__init__(
            whose, problem, "It may have arrived; ask, and send it again with --resend if it did not."
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
    """Writes each mail as one ``.eml`` file, whole or not at all; the same mail again takes the same place."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, message: EmailMessage) -> None:
        """Write the file, for its owner alone to read."""
        name = message["Message-ID"].strip("<>")
        try:
            write_private(self._path / f"{name}.eml", message.as_bytes())
        except OSError as error:
            raise RefusedError(
                str(self._path),
                f"this folder cannot be written to: {error.strerror or error}.",
                "Check the folder, its permissions and its space, or correct digest.folder.",
                everywhere=True,
            ) from error
