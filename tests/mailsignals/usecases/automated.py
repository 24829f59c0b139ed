"""Mail of the small company with what programs wrote, and with strangers in conversations."""

import datetime as dt
from pathlib import Path

from tests.mailsignals import small_company
from tests.mailsignals.usecases.offices import imported

MUTE = "kim@a12.test"
"""Of the account that never wrote."""
BULK = b"Precedence: bulk\n"


def add_mail(
    folder: Path,
    name: str,
    sender: str,
    to: str,
    *,
    more: bytes = b"",
    number: int = 1,
    after: str | None = None,
) -> None:
    """Import some mails, a minute apart, into the desk's mailbox; ``more`` are further headers."""
    mails = [
        small_company.a_mail(
            f"{name}{place}",
            small_company.MIDNIGHT - dt.timedelta(days=3, minutes=place),
            sender,
            to,
            after=after,
        ).replace(b"Subject:", more + b"Subject:")
        for place in range(number)
    ]
    (folder / f"{name}.mbox").write_bytes(b"".join(mails))
    imported(folder, f"{name}.mbox")
