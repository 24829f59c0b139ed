"""Runs a case: the command with its fault, then what must hold, then the command again."""

import contextlib
import dataclasses
import datetime as dt
import importlib
import os
import pickle
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from mailsignals import clock
from mailsignals.cli.app import main
from tests.faults.cases import NOTHING, Case, named
from tests.faults.commands import COMMANDS, Command
from tests.faults.companies import AS_OF
from tests.faults.company_state import MESSAGES, State, company_state, differences
from tests.faults.disk import Disk
from tests.faults.servers import Servers
from tests.faults.system_calls import Answer, Call, Ended, supervise

T = TypeVar("T")

SHOWN = 3
"""The number of differing lines that a problem shows."""

NEVER_LOST = (
    MESSAGES,
    "score",
    "feedback",
    "dismissal",
    "delivery",
    "forgotten",
    "token",
    "account_fact",
    "told",
)
"""The parts whose earlier rows must be there at once after a kill, before anything ran again."""

STATUSES = frozenset({0, 2, 3, 4})
"""The exit statuses of a command that met an error."""

_TWO_SENTENCES = re.compile(r"\w[.;:)`'] +[A-Z`'a-z]")


@dataclasses.dataclass(frozen=True, slots=True)
class Ran:
    """The end of a command."""

    status: int
    text: str
    calls: list[Call]


@dataclasses.dataclass(frozen=True, slots=True)
class Undisturbed:
    """What a command does without a fault."""

    ran: Ran
    before: State
    after: State
    delivered: Counter[str]


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case."""

    command: str
    case: str
    kills: bool
    hit: str
    seconds: float
    problems: list[tuple[str, str]]
    """Kind (lost, doubled, bug, words, again, files) and description."""


class Bench:
    """A folder in which one case after the other runs, always under the same path."""

    def __init__(self, place: Path, servers: Servers) -> None:
        self._place, self._servers = place, servers
        self._company = place / "company"
        self._undisturbed: dict[str, Undisturbed] = {}
        os.environ |= {"GMAIL_TOKEN": servers.gmail_token, "GRAPH_TOKEN": servers.graph_token}

    def run(self, case: Case) -> Outcome:
        """Run a case."""
        began = time.monotonic()
        command = next(one for one in COMMANDS if one.name == case.command)
        usual = self._usual(command)
        self._fresh(command)
        disk = self._disk() if case.fault.startswith("power cut") else None
        number = case.number(usual.ran.calls)
        injection = case.answer(number, disk.note if disk else lambda _: None)
        ran = self._run(command, injection)
        problems: list[tuple[str, str]] = []
        if injection.hit is not None:
            if disk is not None:
                disk.cut_power("content" if case.fault.endswith("content") else "names")
            check = self._after_kill if case.kills else self._after_error
            problems = check(command, usual, ran)
        where = named(injection.hit, str(self._company))
        return Outcome(case.command, case.text(number), case.kills, where, time.monotonic() - began, problems)

    def _after_kill(self, command: Command, usual: Undisturbed, ran: Ran) -> list[tuple[str, str]]:
        problems = []
        if ran.status != -9:
            problems.append(("bug", f"status {ran.status} instead of a kill"))
        state, error = self._state()
        if state is None:
            if usual.before.get(MESSAGES) and "UserError" not in error:
                problems.append(("bug", error))
            elif usual.before.get(MESSAGES):
                problems.append(("lost", f"the store doesn't open: {error}"))
        elif not command.removes:
            kept = {part: usual.before.get(part, []) for part in NEVER_LOST}
            lost, _ = differences(kept, {part: state.get(part, []) for part in NEVER_LOST})
            problems += _problem("lost", "before it ran again", lost)
        return problems + self._again(command, usual)

    def _after_error(self, command: Command, usual: Undisturbed, ran: Ran) -> list[tuple[str, str]]:
        problems = _words(command, ran, self._company)
        if ran.status == usual.ran.status:
            return problems + self._compared(usual, "done, it says; ")
        return problems + self._again(command, usual)

    def _again(self, command: Command, usual: Undisturbed) -> list[tuple[str, str]]:
        ran = self._run(dataclasses.replace(command), NOTHING, later=command.later)
        problems = []
        if ran.status != usual.ran.status and not (
            command.sends and ran.status == 3 and "unsure" in ran.text
        ):
            problems.append(("again", f"status {ran.status} of the next run: {ran.text[-400:]}"))
        return problems + self._compared(usual, "")

    def _compared(self, usual: Undisturbed, when: str) -> list[tuple[str, str]]:
        """Compare with the state without a fault."""
        state, error = self._state()
        if state is None:
            return [("lost", f"{when}the store doesn't open: {error}")]
        lost, more = differences(usual.after, state)
        files = [line for line in more if line.startswith("drafts:")]
        problems = [
            *_problem("lost", when, lost),
            *_problem("doubled", when, [line for line in more if line not in files]),
            *_problem("files", when, files),
        ]
        delivered = self._servers.delivered()
        twice = [line for line, count in delivered.items() if count > 1]
        return problems + _problem("doubled", when, twice)

    # --- processes ---------------------------------------------------------------------------

    def _usual(self, command: Command) -> Undisturbed:
        found = self._undisturbed.get(command.name)
        if found is None:
            self._fresh(command)
            before, _ = self._state()
            ran = self._run(command, NOTHING)
            after, error = self._state()
            if ran.status != command.status or after is None:
                raise AssertionError(
                    f"{command.name} without a fault: status {ran.status}\n{ran.text}\n{error}"
                )
            found = Undisturbed(ran, before or {}, after, self._servers.delivered())
            self._undisturbed[command.name] = found
        return found

    def _fresh(self, command: Command) -> None:
        """Put the company in place in which the command begins."""
        base = self._place / "bases" / command.company.__name__
        for old in (self._company, self._company.with_name("company.before"), self._place / "attic"):
            shutil.rmtree(old, ignore_errors=True)
        if not base.exists():
            self._company.mkdir()
            ran = self._child(lambda: self._made(command), NOTHING)
            assert ran.status == 0, ran.text
            base.parent.mkdir(exist_ok=True)
            shutil.copytree(self._company, base)  # nobody has it open, and backups have digests of bytes
        else:
            shutil.copytree(base, self._company)
        self._servers.forget()

    def _made(self, command: Command) -> int:
        command.company(self._company, self._servers)
        return 0

    def _disk(self) -> Disk:
        attic = self._place / "attic"
        attic.mkdir()
        return Disk(self._company, attic)

    def _run(self, command: Command, answer: Answer, *, later: dt.timedelta = dt.timedelta()) -> Ran:
        def work() -> int:
            set_clock(AS_OF + later)
            os.chdir(self._company)
            return main(command.words_in(self._company))

        return self._child(work, answer)

    def _child(self, work: Callable[[], int], answer: Answer) -> Ran:
        said, modules = self._place / "said.txt", self._place / "modules.txt"

        known = set(sys.modules)

        def redirected() -> int:
            descriptor = os.open(said, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
            os.dup2(descriptor, 1)
            os.dup2(descriptor, 2)
            status = work()
            modules.write_text("\n".join(sys.modules.keys() - known))
            return status

        modules.write_text("")
        ended: Ended = supervise(self._company, redirected, answer)
        warm_up(modules.read_text().split())
        return Ran(ended.status, said.read_text(encoding="utf-8", errors="replace"), ended.calls)

    def _state(self) -> tuple[State | None, str]:
        """The state, computed in a process of its own; None with the error if the company can't be read."""
        result = self._place / "state.pickle"

        def work() -> int:
            result.write_bytes(pickle.dumps(_tried(lambda: company_state(self._company))))
            return 0

        result.unlink(missing_ok=True)
        ran = self._child(work, NOTHING)
        if not result.exists():
            return None, f"status {ran.status}: {ran.text[-300:]}"
        found: tuple[State | None, str] = pickle.loads(result.read_bytes())
        return found


def set_clock(moment: dt.datetime) -> None:
    """Stop the program's clock at a time."""
    clock.now = lambda: moment


def _tried(work: Callable[[], T]) -> tuple[T | None, str]:
    try:
        return work(), ""
    except Exception as error:  # noqa: BLE001  # whatever it is, the case says so
        return None, f"{type(error).__name__}: {error}"


def _problem(kind: str, when: str, lines: list[Any]) -> list[tuple[str, str]]:
    if not lines:
        return []
    return [(kind, f"{when} {len(lines)}: {'; '.join(str(line)[:150] for line in lines[:SHOWN])}".strip())]


def _words(command: Command, ran: Ran, folder: Path) -> list[tuple[str, str]]:
    """Return what is wrong with the words of a command that met an error."""
    text = ran.text.replace("\n", " ")
    shown = text[-500:]
    if "Traceback" in text or "bug" in text or ran.status not in STATUSES:
        return [("bug", f"status {ran.status}: {shown}")]
    if ran.status in {0, command.status}:
        return []
    names = {str(folder), "store", ".draft-", *(path.name for path in folder.iterdir()), *command.words}
    if not any(name in text for name in names):
        return [("words", f"no file is named: {shown}")]
    if not _TWO_SENTENCES.search(text):
        return [("words", f"no remedy: {shown}")]
    return []


def warm_up(modules: Iterable[str]) -> None:
    """Import modules, so that no later child does; those that can't be imported alone are left out."""
    for name in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
