"""Derives and reads tables of a store again and again, by several account lists in turn, beside others who do the same.

Run as ``python -m tests.mailsignals.store.deriver FOLDER SEED``; prints a line when it is ready, begins when it is
given one, and prints how many rounds it made.
"""

import dataclasses
import random
import sys
import time
from pathlib import Path

from mailsignals.store import Store
from mailsignals.store.upkeep.derived import derived
from tests.mailsignals.test_derived import RULES, a_book, a_directory

ROUNDS = 10
ACCOUNTS = 6
"""As many account lists compete, each with another owner of the one domain that writes: more than are kept."""
LONGEST_SECONDS = 0.03
"""Between deriving and reading at most, in which others may derive."""


def main() -> None:
    """Read each time what the account list of the round says, and nothing else."""
    dice = random.Random(int(sys.argv[2]))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for _ in range(ROUNDS):
        account = dice.randrange(ACCOUNTS)
        directory = dataclasses.replace(a_directory(), book=a_book(a=account))
        with Store.open(Path(sys.argv[1]), mode="read") as store:
            tables = derived(store, directory, RULES)
            time.sleep(dice.uniform(0, LONGEST_SECONDS))
            owners = tables.touches.collect()["account"].to_list()
            assert owners == [account, account], (account, owners)
            assert tables.links.collect().height == 1
    sys.stdout.write(f"{ROUNDS}\n")


if __name__ == "__main__":
    main()
