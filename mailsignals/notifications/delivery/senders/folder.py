"""Puts mails into a folder, from which another program may take them."""

from email.message import EmailMessage
from pathlib import Path

from connectors.private_file import write_private
from mailsignals.notifications.delivery.senders.base import RefusedError


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
