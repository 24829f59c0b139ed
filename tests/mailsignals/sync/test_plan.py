import datetime as dt

import pytest

from connectors.base import ConnectorError, Cursor, GiveUpError, RetryLaterError, SignInError
from connectors.provider import Mailbox
from mailsignals.store.tables.mailbox_status import MailboxStatus, Trouble
from mailsignals.sync.plan import FIRST_PROBE, LAST_PROBE, Step, plan, renamed, trouble

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
ANA = Mailbox(address="ana@example.com", identity="id-1")
HOUR = dt.timedelta(hours=1)


def standing(
    *,
    identity: str | None = "id-1",
    synced_at: dt.datetime | None = NOW,
    next_try_at: dt.datetime | None = None,
    demanded: bool = False,
) -> MailboxStatus:
    """How a mailbox stands; in trouble if there is a time for the next try."""
    found = None
    if next_try_at:
        found = Trouble(
            state="suspended", problem="p", remedy="r", next_try_at=next_try_at, demanded=demanded
        )
    return MailboxStatus(
        mailbox=ANA.address, identity=identity, trouble=found, failures=0, synced_at=synced_at
    )


@pytest.mark.parametrize(
    ("how", "cursor", "step"),
    [
        (None, None, Step.BACKFILL),
        (standing(synced_at=None), None, Step.BACKFILL),
        (standing(synced_at=None), Cursor("half"), Step.BACKFILL),
        (standing(), Cursor("7"), Step.INCREMENTAL),
        (standing(), None, Step.RESYNC),
        (standing(identity=None), Cursor("7"), Step.INCREMENTAL),
        (standing(identity="id-2"), Cursor("7"), Step.REFUSE),
        (standing(next_try_at=NOW + HOUR), Cursor("7"), Step.INCREMENTAL),
        (standing(next_try_at=NOW + HOUR, demanded=True), Cursor("7"), Step.WAIT),
        (standing(next_try_at=NOW, demanded=True), Cursor("7"), Step.INCREMENTAL),
    ],
)
def test_what_a_run_that_somebody_started_does(
    how: MailboxStatus | None, cursor: Cursor | None, step: Step
) -> None:
    """It reads every mailbox, but those with another owner, and those that the provider wants left alone for now."""
    assert plan(ANA, how, cursor=cursor, now=NOW, patient=False).step is step


def test_a_service_waits_for_the_time_of_the_next_try() -> None:
    """A mailbox in trouble is left alone until its time has come, and then tried."""
    waiting = standing(next_try_at=NOW + HOUR)
    decided = plan(ANA, waiting, cursor=Cursor("7"), now=NOW, patient=True)
    assert (decided.step, decided.trouble) == (Step.WAIT, waiting.trouble)
    assert plan(ANA, waiting, cursor=Cursor("7"), now=NOW + HOUR, patient=True).step is Step.INCREMENTAL


def test_a_new_address_keeps_its_history() -> None:
    """Whoever is known by the provider's own id is stored under the first address, and asked for by the new one."""
    (mailbox,) = renamed([Mailbox(address="ana.new@example.com", identity="id-1")], [standing()])
    assert (mailbox.name, mailbox.address) == ("ana@example.com", "ana.new@example.com")
    (other,) = renamed([Mailbox(address="bo@example.com")], [standing(identity=None)])
    assert other.name == "bo@example.com"


def test_tries_lie_further_and_further_apart() -> None:
    """A mailbox that fails is tried again after a quarter of an hour, then ever later, at least once a day."""
    error = GiveUpError("ana@example.com", "p", "r", state="suspended")
    waits = [trouble(error, failures=failures, now=NOW).next_try_at - NOW for failures in range(30)]
    assert waits[:3] == [FIRST_PROBE, 2 * FIRST_PROBE, 4 * FIRST_PROBE]
    assert waits[-1] == LAST_PROBE


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RetryLaterError("a", "p", "r", after=3 * HOUR, state="quota used up"), (3 * HOUR, True)),
        (RetryLaterError("a", "p", "r", state="quota used up"), (FIRST_PROBE, False)),
        (SignInError("a", "p", "r", state="quota used up"), (FIRST_PROBE, False)),
    ],
)
def test_the_provider_s_own_demand_is_kept(
    error: ConnectorError, expected: tuple[dt.timedelta, bool]
) -> None:
    """If the provider says when to come back, that is when."""
    found = trouble(error, failures=0, now=NOW)
    assert (found.next_try_at - NOW, found.demanded) == expected
    assert (found.state, found.problem, found.remedy) == ("quota used up", "p", "r")


@pytest.mark.scenario("clock-jumps")
@pytest.mark.parametrize("patient", [True, False])
@pytest.mark.parametrize("demanded", [True, False])
def test_a_wait_that_began_while_the_clock_was_ahead_has_ended(*, patient: bool, demanded: bool) -> None:
    """No wait is longer than a week, so the mailbox is read."""
    for days in (8, 200):
        how = standing(next_try_at=NOW + dt.timedelta(days=days), demanded=demanded)
        assert plan(ANA, how, cursor=Cursor("7"), now=NOW, patient=patient).step is Step.INCREMENTAL
    how = standing(synced_at=NOW + dt.timedelta(days=200))
    assert plan(ANA, how, cursor=Cursor("7"), now=NOW, patient=patient).step is Step.INCREMENTAL
