"""Cases of faults: which command, what goes wrong, and at which of its system calls."""

import errno
import math
import os
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from tests.faults.commands import COMMANDS, Command
from tests.faults.system_calls import KILL, Answer, Call

_WRITING = frozenset(
    {"write", "pwrite", "writev", "pwritev", "ftruncate", "fallocate", "mkdir", "rename", "link"}
)
_CHANGING = frozenset({"mkdir", "unlink", "rename", "link", "rmdir", "chmod", "truncate"})
_HARDWARE = frozenset(
    {"write", "pwrite", "writev", "pwritev", "fsync", "fdatasync", "ftruncate", "rename", "unlink"}
)

ERRORS: dict[str, Callable[[Call], bool]] = {
    "ENOSPC": lambda call: call.name in _WRITING or call.creates,
    "EDQUOT": lambda call: call.name in _WRITING or call.creates,
    "EIO": lambda call: call.name in _HARDWARE,
    "EROFS": lambda call: call.name in _CHANGING or (call.name == "open" and not call.reads),
    "EACCES": lambda call: call.name in _CHANGING or call.name == "open",
    "EMFILE": lambda call: call.name == "open",
}
"""The errors, and the calls that can end with them."""

KILLS = ("kill", "power cut content", "power cut names")
"""The ways of ending: at once; at once with what was not flushed lost; with unflushed names lost too."""


@dataclass(frozen=True, slots=True)
class Case:
    """One fault in one command."""

    command: str
    fault: str
    """One of ``KILLS``, or an error."""
    place: float
    """The share of the calls that run before; from 1 on the number of the call."""
    lasts: bool = False
    """True if every later call of the kind fails, too."""

    @property
    def kills(self) -> bool:
        """Return true if the process ends."""
        return self.fault in KILLS

    def number(self, calls: Sequence[Call]) -> int:
        """Return the number of the call at which it happens, among the calls that it concerns, from 1."""
        if self.place >= 1:
            return int(self.place)
        return 1 + int(self.place * sum(map(self.concerns, calls)))

    def concerns(self, call: Call) -> bool:
        """Return true if the fault can happen at a call."""
        return not call.reads if self.kills else ERRORS[self.fault](call)

    def answer(self, number: int, before: Callable[[Call], None]) -> "Injection":
        """Return what decides the calls of a run; ``before`` sees each call that runs."""
        return Injection(self, number, before)

    def text(self, number: int) -> str:
        """Return the case as an argument of ``--case``."""
        return f"{self.command}: {self.fault} at {number}{' on' if self.lasts else ''}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the case of an argument of ``--case``.

        Raises:
            ValueError: it isn't one.
        """
        command, _, rest = text.rpartition(": ")
        fault, _, place = rest.removesuffix(" on").rpartition(" at ")
        if fault not in {*KILLS, *ERRORS} or command not in {one.name for one in COMMANDS}:
            raise ValueError(
                f"{text!r} is not a case. Use COMMAND: FAULT at NUMBER, such as import: kill at 57."
            )
        return cls(command, fault, int(place), rest.endswith(" on"))


class Injection:
    """Lets calls run until the one at which the fault happens."""

    def __init__(self, case: Case, number: int, before: Callable[[Call], None]) -> None:
        self._case, self._left, self._before = case, number, before
        self.hit: Call | None = None
        """The call at which it happened; None until then."""

    def __call__(self, call: Call) -> int | None:
        """Decide a call."""
        if self._case.concerns(call):
            self._left -= 1
            if self._left == 0 or (self._left < 0 and self._case.lasts):
                self.hit = self.hit or call
                return KILL if self._case.kills else getattr(errno, self._case.fault)
        self._before(call)
        return None


def plan(cases: int, *, seed: int, commands: Sequence[Command]) -> Iterator[Case]:
    """Draw cases: a fifth ends the process, the others are errors; each command gets its share, five at least."""
    weights = sum(one.weight for one in commands)
    for command in commands:
        dice = random.Random(f"{seed} {command.name}")
        count = 5 * math.ceil(cases * command.weight / weights / 5)
        for number in range(count):
            place = dice.random()
            if number % 5 == 0:
                yield Case(command.name, dice.choice(KILLS), place)
            else:
                yield Case(command.name, dice.choice(list(ERRORS)), place, dice.random() < 0.5)


def named(call: Call | None, folder: str) -> str:
    """Return a call in words."""
    if call is None:
        return "never reached"
    parts = [os.path.relpath(path, folder) for path in (call.path, call.target) if path]
    return f"{call.name} {' to '.join(parts)}"


NOTHING: Answer = lambda _: None  # noqa: E731  # the answer that lets every call run
