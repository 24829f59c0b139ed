import datetime as dt
import errno
import logging
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from connectors.base import RAISED, RetryLaterError
from mailsignals.errors import UserError
from mailsignals.store import Store
from mailsignals.sync.plan import Step
from tests.mailsignals.store.pages import AT
from tests.mailsignals.sync.test_mailboxes import Tenant, mail, run, stored


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.open(tmp_path / "store", mode="write") as store:
        yield store


@pytest.mark.scenario("one-mailbox-raises")
@pytest.mark.parametrize(
    "error",
    [
        ValueError("b@x.test"),
        AttributeError("'NoneType'"),
        RecursionError(),
        OSError("odd"),
        KeyError("subject"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_unexpected_error_parks_its_mailbox_alone(
    store: Store, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """All others are read in the same run; the log names the lines of the program and nothing of the mail."""
    tenant = Tenant({f"{number:02}@x.test": [mail(f"{number:02}@x.test", "1")] for number in range(40)})
    tenant.scripts["07@x.test"] = [mail("07@x.test", "1"), error]
    with caplog.at_level(logging.INFO):
        outcomes = run(tenant, store)
    assert {name for name, outcome in outcomes.items() if not outcome.complete} == {"07@x.test"}
    parked = outcomes["07@x.test"]
    assert parked.report is not None
    assert (parked.report.added, parked.trouble and parked.trouble.state) == (1, "unexpected error")
    assert type(error).__name__ in caplog.text
    assert "@x.test" not in caplog.text
    tenant.scripts["07@x.test"] = [mail("07@x.test", "1"), mail("07@x.test", "2", cursor="2")]
    assert run(tenant, store)["07@x.test"].complete


@pytest.mark.scenario("one-mailbox-raises")
def test_trouble_of_the_machine_ends_the_run_in_words(store: Store) -> None:
    """A full disk is everybody's: the run ends with the file and a remedy."""
    full = OSError(errno.ENOSPC, "No space left on device", "tokens.json")
    with pytest.raises(UserError, match=r"tokens.json: the disk is full"):
        run(Tenant({"a@x.test": [full], "b@x.test": []}), store)


@pytest.mark.scenario("one-mailbox-raises")
def test_one_raising_email_keeps_no_other_from_being_stored(store: Store) -> None:
    """An email on which the filter fails is skipped with its reason, and tried again later."""

    def filter_(messages: pl.DataFrame) -> pl.DataFrame:
        if "bad" in messages["provider_id"]:
            raise ZeroDivisionError
        return messages

    ids = [*"abcdefg", "bad", *"hij"]
    outcome = run(Tenant({"a@x.test": [mail("a@x.test", *ids)]}), store, message_filter=filter_)["a@x.test"]
    assert outcome.complete
    assert [name for _, name in stored(store)] == list("abcdefghij")
    assert store.skipped().select("place", "reason").rows() == [("bad", RAISED)]
    assert store.due("memory", "a@x.test", now=AT + dt.timedelta(hours=2)) == ("bad",)


@pytest.mark.scenario("limits-outlive-runs")
@pytest.mark.parametrize("patient", [True, False])
def test_a_wait_of_the_whole_project_stops_every_mailbox(store: Store, patient: bool) -> None:
    """Nobody is asked, whoever started the run: each shows the time; afterwards all go on."""
    hour = dt.timedelta(hours=1)
    everywhere = RetryLaterError("memory", "a pause.", "Wait.", after=hour, state="waiting", everywhere=True)
    tenant = Tenant({f"{number:02}@x.test": [everywhere] for number in range(20)})
    outcomes = run(tenant, store)
    assert {outcome.trouble and outcome.trouble.next_try_at for outcome in outcomes.values()} == {AT + hour}
    later = AT + dt.timedelta(minutes=59)
    tenant.paused, before = (
        RetryLaterError("memory", "a pause.", "Wait.", after=hour, everywhere=True),
        tenant.held,
    )
    tenant.held = {}
    waiting = run(tenant, store, at=later, patient=patient)
    assert {outcome.step for outcome in waiting.values()} == {Step.WAIT}
    assert len(waiting) == 20
    assert tenant.held == {}
    assert set(store.mailbox_status.frame()["next_try_at"]) == {AT + hour}
    assert max(status.failures for status in store.mailbox_status.of("memory")) <= 1
    tenant.paused, tenant.held = None, before
    tenant.scripts = {name: [mail(name, "1")] for name in tenant.scripts}
    assert all(outcome.complete for outcome in run(tenant, store, at=AT + hour, patient=patient).values())


def test_a_wait_that_a_wrong_clock_noted_is_over(store: Store) -> None:
    """A next try that is further ahead than any pause was noted by a clock that was ahead."""
    hour = dt.timedelta(hours=1)
    tenant = Tenant({"a@x.test": [RetryLaterError("a@x.test", "too much.", "Wait.", after=hour)]})
    run(tenant, store, at=AT + dt.timedelta(days=200))
    tenant.scripts["a@x.test"] = [mail("a@x.test", "1")]
    assert run(tenant, store)["a@x.test"].complete
