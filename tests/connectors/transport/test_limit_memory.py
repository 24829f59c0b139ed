import dataclasses
import datetime as dt
import itertools
from collections.abc import Iterator, Sequence

import pytest

from connectors.transport.limit_state import LimitState, StandingWaitError
from connectors.transport.provider_limits import ProviderLimits
from connectors.transport.window import Budget
from tests.connectors.transport.servers import Clock, most_in

MINUTE, DAY = 60.0, 86_400.0
START = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


@dataclasses.dataclass
class Memory:
    """What outlives a run, as JSON would keep it."""

    states: dict[tuple[str, str], LimitState] = dataclasses.field(default_factory=dict)

    def load(self, project: str, mailbox: str) -> LimitState | None:
        """What was stored last."""
        state = self.states.get((project, mailbox))
        return None if state is None else LimitState.of(state.document())

    def save(self, project: str, mailbox: str, state: LimitState) -> None:
        """Keep it."""
        self.states[project, mailbox] = state


class Wall(Clock):
    """A clock of seconds that begins anew in each process, and one of the wall that does not."""

    def restart(self) -> None:
        """A new process."""
        self.began = self.now - 5.0

    def steady(self) -> float:
        """Seconds since about the process's start."""
        return self.now - getattr(self, "began", 0.0)

    def wall(self) -> dt.datetime:
        """The time."""
        return START + dt.timedelta(seconds=self.now)


def limits(clock: Wall, project: Sequence[Budget], mailbox: Budget) -> ProviderLimits:
    """The limits of a new process."""
    clock.restart()
    return ProviderLimits(
        project="p",
        project_budgets=project,
        mailbox_budgets=[mailbox],
        most_at_once=4,
        now=clock.wall,
        pause=clock.pause,
        clock=clock.steady,
    )


def a_slice(
    clock: Wall, memory: Memory, budgets: tuple[Sequence[Budget], Budget], *, mailboxes: int, killed: bool
) -> Iterator[tuple[float, int]]:
    """Times and units of a slice of 20 minutes in a process of its own, which may be killed."""
    made, until = limits(clock, *budgets), clock.now + 20 * MINUTE
    keeping = made.kept(memory)
    keeping.__enter__()
    try:
        while clock.now < until:
            for number in range(mailboxes):
                made.of(f"{number}@us.test").limiter.take(60_000)
                yield clock.now, 60_000
            clock.now += 30.0
    except StandingWaitError as wait:
        ended = (wait.everywhere, wait.demanded)
    else:
        ended = (True, False)
    assert ended == (True, False)
    if not killed:
        keeping.__exit__(None, None, None)


@pytest.mark.scenario("limits-outlive-runs")
@pytest.mark.parametrize("kills", [0, 7])
def test_25_mailboxes_never_use_more_than_the_day_s_units(kills: int) -> None:
    """Over three days of slices, each in a process of its own, no 24 hours have more than 80 million units."""
    clock, memory = Wall(), Memory()
    budgets = ([Budget(10**7, MINUTE), Budget(80_000_000, DAY)], Budget(120_000, MINUTE))
    used: list[tuple[float, int]] = []
    for number in range(3 * 24 * 2):
        began = clock.now
        killed = bool(kills) and number % kills == 0
        used += a_slice(clock, memory, budgets, mailboxes=25, killed=killed)
        clock.now = max(clock.now, began + 30 * MINUTE)
    assert 60_000_000 <= most_in(used, DAY) <= 80_000_000
    assert sum(units for _, units in used) >= 2 * 80_000_000


@pytest.mark.scenario("limits-outlive-runs")
def test_a_demanded_wait_holds_in_the_next_process() -> None:
    """After an hour was demanded, a new process is refused at once with what is left; the other mailbox goes on."""
    clock, memory = Wall(), Memory()
    budgets = [Budget(1_000, MINUTE)], Budget(1_000, MINUTE)
    made = limits(clock, *budgets)
    with made.kept(memory):
        made.of("a").limiter.take(1)
        made.of("a").limiter.throttled(3_600.0)
    clock.now += 600.0
    made = limits(clock, *budgets)
    with made.kept(memory):
        began = clock.now
        with pytest.raises(StandingWaitError) as refused:
            made.of("a").limiter.take(1)
        assert refused.value.after == dt.timedelta(minutes=50)
        made.of("b").limiter.take(1)
        assert clock.now == began
    clock.now += 3_000.0
    made = limits(clock, *budgets)
    with made.kept(memory):
        made.of("a").limiter.take(1)


@pytest.mark.scenario("limits-outlive-runs")
@pytest.mark.parametrize("jump", [-200 * DAY, 200 * DAY])
def test_what_a_wrong_clock_noted_ends(jump: float) -> None:
    """After a clock was far ahead or behind, neither a wait nor a budget lasts longer than it is."""
    clock, memory = Wall(), Memory()
    budgets = [Budget(100, DAY)], Budget(100, MINUTE)
    made = limits(clock, *budgets)
    with made.kept(memory):
        made.of("a").limiter.take(100)
        made.of("a").limiter.throttled(3_600.0)
    clock.now -= jump
    made = limits(clock, *budgets)
    with made.kept(memory):
        made.of("a").limiter.take(1)


@pytest.mark.scenario("early-429")
def test_crowded_mailboxes_ask_less_at_once_and_remember_it() -> None:
    """Too many at once halves the places of that mailbox, not its rate; they come back one by one, also later on."""
    clock, memory = Wall(), Memory()
    budgets = [Budget(1_000, MINUTE)], Budget(1_000, MINUTE)
    made = limits(clock, *budgets)
    with made.kept(memory):
        places = made.of("a").concurrency
        with places.place() as first, places.place() as second:
            places.crowded(first)
            places.crowded(second)
        assert (places.limit, made.of("b").concurrency.limit) == (2, 4)
        with places.place() as third:
            places.crowded(third)
        assert places.limit == 1
    made = limits(clock, *budgets)
    with made.kept(memory):
        places = made.of("a").concurrency
        assert places.limit == 1
        seen = []
        for _ in range(60):
            clock.now += MINUTE
            seen.append(places.limit)
        assert seen[0] == 1
        assert seen[-1] == 4
        assert all(0 <= later - sooner <= 1 for sooner, later in itertools.pairwise(seen))


def test_damaged_states_are_refused() -> None:
    """Anything that is not a state raises ValueError, so that it can be dropped."""
    for document in ({}, {"saved_at": "x"}, {"saved_at": 1, "windows": []}, {"saved_at": 1, "fence": 3}):
        with pytest.raises(ValueError, match=r"limits|float"):
            LimitState.of(document)


def test_a_complaint_of_long_ago_is_forgotten() -> None:
    """A day after the last complaint, a mailbox may use its budget at once again, in a later process too."""
    clock, memory = Wall(), Memory()
    budgets = [Budget(10**6, MINUTE)], Budget(1_000, MINUTE)
    made = limits(clock, *budgets)
    with made.kept(memory):
        made.of("a").limiter.throttled(1.0)
    clock.now += 2 * DAY
    made = limits(clock, *budgets)
    with made.kept(memory):
        began = clock.now
        for _ in range(10):
            made.of("a").limiter.take(100)
        assert clock.now == began
