import threading
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import StoppedError
from connectors.transport.concurrency import Concurrency
from connectors.transport.limiter import Limiter
from connectors.transport.spread_rate import LAST_HOLD
from connectors.transport.window import Budget, Window
from tests.connectors.transport.servers import (
    Clock,
    Permits,
    fixed_window,
    sliding_window,
    token_bucket,
    work,
)
from tests.support.waiting import PATIENCE_SECONDS

MINUTE = 60.0
GMAIL = [Budget(6_000, MINUTE), Budget(15_000, MINUTE)]
HOUR = 3_600.0


@pytest.mark.slow
@pytest.mark.parametrize("budget", GMAIL, ids=["standard", "legacy"])
@pytest.mark.parametrize("server", [fixed_window, sliding_window])
def test_what_is_permitted_is_used_and_no_more(
    server: Callable[[int, float], Permits], budget: Budget
) -> None:
    """Of a server that keeps to its word at least 95% is used, and it never has to refuse anything."""
    rate, refused = work(server(budget.units, MINUTE), budget, seconds=HOUR, units=20, parts=25)
    assert rate >= 0.95 * budget.rate
    assert refused == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("server", "permitted"),
    [
        (fixed_window(3_000, MINUTE), 50.0),
        (sliding_window(3_000, MINUTE), 50.0),
        (sliding_window(5_400, MINUTE), 90.0),
        (token_bucket(100, 500), 100.0),
        (token_bucket(60, 1_000), 60.0),
        (token_bucket(10, 500), 10.0),
    ],
    ids=["half, fixed", "half, sliding", "nine tenths", "all, evenly", "60 a second", "a tenth"],
)
def test_a_server_that_permits_less_is_found_out(server: Permits, permitted: float) -> None:
    """After a day with a server that grants less than it said, nine tenths are used and few answers are refusals."""
    rate, refused = work(server, Budget(6_000, MINUTE), seconds=24 * HOUR, units=20, parts=5)
    assert rate >= 0.88 * permitted
    assert refused < 0.01


def test_all_of_a_budget_may_be_used_at_once() -> None:
    """A small mailbox is read without waiting; then the window has to pass."""
    clock = Clock()
    limiter = Limiter([Budget(100, MINUTE)], pause=clock.pause, clock=clock)
    began = clock.now
    for _ in range(100):
        limiter.take(1)
    assert clock.now == began
    limiter.take(1)
    assert MINUTE <= clock.now - began <= 1.1 * MINUTE


USES = st.lists(st.tuples(st.floats(0, 30), st.integers(1, 12)), max_size=60)


@given(uses=USES, budgets=st.lists(st.tuples(st.integers(5, 60), st.floats(1, 60)), min_size=1, max_size=3))
def test_no_window_ever_holds_more_than_its_budget(
    uses: list[tuple[float, int]], budgets: list[tuple[int, float]]
) -> None:
    """Whenever units are asked for, and however many, no stretch of a budget's length has more than its units."""
    clock = Clock()
    limits = [Budget(units, seconds) for units, seconds in budgets]
    limiter = Limiter(limits, pause=clock.pause, clock=clock)
    used: list[tuple[float, int]] = []
    for idle, units in uses:
        clock.now += idle
        limiter.take(units)
        used.append((clock.now, units))
    for budget in limits:
        for end, last in used:
            inside = sum(units for at, units in used if end - budget.seconds < at <= end)
            assert inside <= max(budget.units, last)


@pytest.mark.slow
@settings(deadline=None, max_examples=10)
@given(st.integers(2, 6), st.integers(5, 20))
def test_threads_share_a_budget(threads: int, units: int) -> None:
    """However many threads ask, together they get the budget and no more, and all of them come to their end."""
    looked = threading.local()

    def clock() -> float:
        looked.at = time.monotonic()
        return float(looked.at)

    parent = Limiter([Budget(units, 0.2)], pause=time.sleep, clock=clock)
    used: list[float] = []

    def take() -> None:
        own = Limiter([Budget(1_000, MINUTE)], pause=time.sleep, parent=parent)
        for _ in range(4):
            own.take(1)
            used.append(looked.at)  # when it was permitted: a thread may be kept waiting afterwards

    running = [threading.Thread(target=take) for _ in range(threads)]
    for each in running:
        each.start()
    for each in running:
        each.join()
    used.sort()
    assert len(used) == 4 * threads
    assert all(later - first >= 0.19 for first, later in zip(used, used[units:], strict=False))


def test_a_fence_holds_for_all_threads_of_a_mailbox_and_for_no_other() -> None:
    """After a complaint nobody asks for as long as the server wants; another mailbox of the project goes on."""
    clock = Clock()
    project = Limiter([Budget(1_000, MINUTE)], pause=clock.pause, clock=clock)
    one, other = (
        Limiter([Budget(1_000, MINUTE)], pause=clock.pause, parent=project, clock=clock) for _ in range(2)
    )
    one.take(1)
    one.throttled(7.0)
    began = clock.now
    other.take(1)
    assert clock.now == began
    one.take(1)
    assert clock.now >= began + 7.0


def test_a_clock_that_goes_back_makes_no_endless_wait() -> None:
    """A wait is never negative, and never longer than what is waited for."""
    clock = Clock()
    limiter = Limiter([Budget(10, MINUTE)], pause=clock.pause, clock=clock)
    limiter.take(10)
    limiter.throttled()
    clock.now -= 500
    began = clock.now
    limiter.take(10)
    assert clock.now - began < 500 + 2 * MINUTE


def test_more_than_the_whole_budget_can_be_used_once() -> None:
    """A request that costs more than is ever permitted at once waits until nothing else is in use."""
    clock = Clock()
    limiter = Limiter([Budget(10, MINUTE)], pause=clock.pause, clock=clock)
    limiter.take(25)
    began = clock.now
    limiter.take(25)
    assert clock.now - began >= MINUTE


def test_a_wait_can_be_stopped() -> None:
    """When somebody wants to stop nobody goes on waiting."""

    def stop(_: float) -> None:
        raise StoppedError

    limiter = Limiter([Budget(1, MINUTE)], pause=stop)
    limiter.take(1)
    with pytest.raises(StoppedError):
        limiter.take(1)
    places = Concurrency(1, pause=stop)
    with places.place(), pytest.raises(StoppedError), places.place():
        pytest.fail("there was no second place")


def test_the_memory_of_uses_is_bounded() -> None:
    """However often units are used, a window remembers no more than about a thousand instants."""
    window = Window(Budget(10**9, MINUTE))
    for number in range(100_000):
        window.use(1, number * 0.001)
        window.forget(number * 0.001)
    assert len(window._uses) <= 1_100
    assert window.used <= 62_000


def test_an_hour_s_hold_is_the_longest_that_matters() -> None:
    """A rate that was refused long ago is tried again."""
    assert LAST_HOLD <= 2 * HOUR


def test_places_are_given_back() -> None:
    """No more than so many are inside at once, and everybody gets in."""
    places, inside, most, lock = Concurrency(4, pause=lambda _: None), 0, 0, threading.Lock()

    full = threading.Barrier(4)

    def visit() -> None:
        nonlocal inside, most
        with places.place():
            with lock:
                inside += 1
                most = max(most, inside)
            full.wait(PATIENCE_SECONDS)
            with lock:
                inside -= 1

    running = [threading.Thread(target=visit) for _ in range(20)]
    for each in running:
        each.start()
    for each in running:
        each.join()
    assert (most, inside) == (4, 0)
