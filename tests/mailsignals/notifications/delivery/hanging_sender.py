"""A sender that never comes to an end; run as a module with ``FOLDER``."""

import sys
import time
from pathlib import Path

from mailsignals.notifications.delivery.outbox import Delivery, deliver_once
from mailsignals.store.tables.ledger import Ledger
from tests.mailsignals.notifications.delivery.letters import AT, a_key


def hang() -> None:
    """Hand over, for ever."""
    sys.stdout.write("handing over\n")
    sys.stdout.flush()
    time.sleep(600)


if __name__ == "__main__":
    with Ledger.open(Path(sys.argv[1]), at=AT) as ledger:
        deliver_once(ledger, Delivery(key=a_key(), id_="id@us.test", send=hang), now=lambda: AT)
