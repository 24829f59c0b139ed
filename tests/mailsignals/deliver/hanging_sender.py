"""A sender that never comes to an end; run as ``python -m tests.mailsignals.deliver.hanging_sender FOLDER``."""

import sys
import time
from pathlib import Path

from mailsignals.deliver.outbox import Parcel, deliver_once
from mailsignals.store.ledger import Ledger
from tests.mailsignals.deliver.letters import AT, a_key


def hang() -> None:
    """Hand over, for ever."""
    sys.stdout.write("handing over\n")
    sys.stdout.flush()
    time.sleep(600)


if __name__ == "__main__":
    with Ledger.open(Path(sys.argv[1]), at=AT) as ledger:
        deliver_once(ledger, Parcel(key=a_key(), id_="id@us.test", send=hang), now=lambda: AT)
