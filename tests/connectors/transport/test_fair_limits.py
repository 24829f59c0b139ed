import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.transport.limiter import Limiter, Ticket
from connectors.transport.window import Budget
from tests.connectors.transport.servers import Clock, most_in

MINUTE, DAY = 60.0, 86_400.0
GMAIL = Budget(6_000, MINUTE)
GRAPH = Budget(10_000, 600.0)


def alone(budget: Budget) -> tuple[Limiter, Clock]:
    """A limiter and its clock."""
    clock = Clock()
    return Limiter([budget], pause=clock.pause, clock=clock), clock


@pytest.mark.scenario("early-429")
@pytest.mark.parametrize("before", [1, 2, 10])
@pytest.mark.parametrize("latency", [0.0, 0.05, 0.5])
def test_an_early_complaint_costs_a_few_seconds(before: int, latency: float) -> None:
    """After one complaint among the first requests, 50 requests to Graph take at most 6 seconds, latency apart."""
    limiter, clock = alone(GRAPH)
    for _ in range(before):
        limiter.take(1)
        clock.now += latency
    limiter.throttled(1.0)
    began = clock.now
    for _ in range(50):
        limiter.take(1)
    assert clock.now - began <= 6.0


@pytest.mark.scenario("early-429")
def test_an_early_complaint_hardly_slows_a_backfill() -> None:
    """1,000 Gmail messages take 186 seconds by the quota, and at most a tenth longer after one early complaint."""
    limiter, clock = alone(GMAIL)
    limiter.take(500)
    limiter.throttled(1.0)
    began = clock.now
    for _ in range(39):
        limiter.take(500)
        clock.now += 0.1
    assert clock.now - began <= 1.1 * 186


def test_steady_use_that_is_refused_is_the_new_rate() -> None:
    """After half a minute of even use, a complaint is about that rate, not about the documented one."""
    limiter, clock = alone(GMAIL)
    for _ in range(30):
        limiter.take(20)
        clock.now += 1.0
    limiter.throttled(1.0)
    assert 17 <= limiter.units_per_second <= 20


@pytest.mark.scenario("transport-limits")
def test_a_mailbox_s_budget_is_counted_when_it_asks() -> None:
    """What waits for the project's budget is not yet used, so that no minute has more than the mailbox may use."""
    clock = Clock()
    project = Limiter([Budget(10, MINUTE)], pause=clock.pause, clock=clock)
    mailbox = Limiter([Budget(50, 10 * MINUTE)], pause=clock.pause, parent=project)
    sent: list[tuple[float, int]] = []
    for _ in range(30):
        mailbox.take(10)
        sent.append((clock.now, 10))
    assert most_in(sent, 10 * MINUTE) <= 50


@pytest.mark.scenario("transport-limits")
def test_a_large_request_gets_its_turn() -> None:
    """500 units are not starved by a stream of small requests of other mailboxes."""
    clock = Clock()
    project = Limiter([Budget(600, MINUTE)], pause=clock.pause, clock=clock)
    large, *small = (Limiter([GMAIL], pause=clock.pause, parent=project) for _ in range(4))
    for limiter in small:
        limiter.take(200)
    waiting = Ticket(large, 500)
    streams = [Ticket(limiter, 20) for limiter in small]
    began = clock.now
    assert waiting.wait() > 0
    while waiting.wait() > 0:
        assert clock.now - began <= 2 * MINUTE
        streams = [Ticket(small[0], 20) if each.wait() == 0 else each for each in streams]
        clock.now += 0.5


ASKED = st.tuples(st.integers(0, 3), st.integers(1, 40), st.floats(0, 20))
FAULTS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 3), st.sampled_from([None, 0.5, 7.0, 59.0]), st.booleans()),
    max_size=4,
)


@given(asked=st.lists(ASKED, min_size=1, max_size=30), faults=FAULTS)
def test_laws_of_a_project_and_its_mailboxes(
    asked: list[tuple[int, int, float]], faults: list[tuple[int, int, float | None, bool]]
) -> None:
    """No window has more than its budget, and whoever waits has its turn in bounded time, after complaints too."""
    clock = Clock()
    mine, whole = Budget(50, 30.0), Budget(80, MINUTE)
    project = Limiter([whole], pause=clock.pause, clock=clock)
    mailboxes = [Limiter([mine], pause=clock.pause, parent=project) for _ in range(4)]
    used: list[tuple[float, int, int]] = []
    waiting: list[tuple[int, Ticket]] = []
    complaints = {step: (box, wait, everywhere) for step, box, wait, everywhere in faults}
    for step, (box, units, idle) in enumerate(asked):
        waiting.append((box, Ticket(mailboxes[box], units)))
        if step in complaints:
            place, wait, everywhere = complaints[step]
            mailboxes[place].throttled(wait, everywhere=everywhere)
        waiting = granted(waiting, clock, used)
        clock.now += idle
    last = clock.now
    while waiting:
        waiting = granted(waiting, clock, used)
        clock.now += 0.25
    # At a hundredth of the rate, which no complaint goes below, and with all pauses.
    assert clock.now - last <= 100 * MINUTE * (1 + sum(units for _, units, _ in asked) / whole.units)
    for number in range(4):
        assert most_in([(at, units) for at, box, units in used if box == number], mine.seconds) <= mine.units
    assert most_in([(at, units) for at, _, units in used], whole.seconds) <= whole.units


def granted(
    waiting: list[tuple[int, Ticket]], clock: Clock, used: list[tuple[float, int, int]]
) -> list[tuple[int, Ticket]]:
    """Let each try once; those that go on waiting."""
    left = []
    for box, ticket in waiting:
        if ticket.wait() == 0:
            used.append((clock.now, box, ticket.units))
        else:
            left.append((box, ticket))
    return left
