"""Each matter once, whatever is refused, put off, cut off or killed: on a real store, by the real outbox."""

import datetime as dt
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailsignals.notifications.alerts.deliver import note_plan, settle
from mailsignals.notifications.alerts.history import BEFORE, DUE, pasts_of
from mailsignals.notifications.alerts.plan import AlertPlan, plan_alerts
from mailsignals.notifications.delivery.outbox import Delivery, deliver_once
from mailsignals.notifications.delivery.senders.base import LaterError, RefusedError, UnsureError
from mailsignals.store import Store
from mailsignals.store.tables.deliveries import REFUSED, UNSURE
from mailsignals.store.tables.ledger import Ledger
from tests.mailsignals.notifications.alerts.rows import ANA, CSM, LOUD, RULES, a_matter, at
from tests.mailsignals.notifications.delivery.letters import a_store

START = at("02 07:00")
MINUTE = dt.timedelta(minutes=1)
FAULTS = {
    "": None,
    "later": LaterError(ANA, "busy."),
    "refused": RefusedError(ANA, "unknown.", "Correct it."),
    "unsure": UnsureError(ANA, "cut off."),
}


class Killed(BaseException):
    """The process ended here."""


class Service:
    """Tells Ana what there is to tell, with whatever goes wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder = a_store(folder)
        self.taken: list[tuple[dt.datetime, Mapping[str, Any]]] = []
        """What the mail server took over, and when."""

    def tell(self, matters: Sequence[Mapping[str, Any]], now: dt.datetime, fault: str) -> AlertPlan:
        """One run of the job."""
        settle(self.folder, at=now)
        with Store.open(self.folder, mode="read") as store:
            pasts = pasts_of([CSM], store.alerted(), store.deliveries())
        plan = plan_alerts(matters, pasts, rules=RULES, at=now)
        note_plan(self.folder, plan)
        for notice in plan.notices:

            def send(rows: Sequence[Mapping[str, Any]] = notice.rows) -> None:
                if fault == "killed before":
                    raise Killed
                error = FAULTS.get(fault)
                if error is None or fault == "unsure":
                    self.taken += [(now, row) for row in rows]
                if error is not None:
                    raise error
                if fault == "killed after":
                    raise Killed

            parcel = Delivery(
                key=notice.key, id_="id", send=send, events=[row["matter"] for row in notice.rows]
            )
            try:
                with Ledger.open(self.folder, at=now) as ledger:
                    deliver_once(ledger, parcel, now=lambda: now)
            except Killed:
                pass
        return plan


SPANS = st.tuples(st.integers(-300, 4000), st.integers(30, 4000))
"""From when until when something is true, in minutes after the start and after that."""
STEPS = st.lists(
    st.tuples(st.integers(5, 900), st.sampled_from([*FAULTS, "killed before", "killed after"])),
    min_size=1,
    max_size=9,
)


@pytest.mark.slow
@example(spans=[(60, 4000)], steps=[(180, "later")])
@example(spans=[(60, 4000), (200, 4000)], steps=[(180, "refused"), (120, "")])
@example(spans=[(60, 4000)], steps=[(180, "unsure")])
@example(spans=[(60, 4000)], steps=[(180, "killed before")])
@example(spans=[(60, 4000)], steps=[(180, "killed after")])
@given(spans=st.lists(SPANS, min_size=1, max_size=5), steps=STEPS)
@settings(max_examples=12, deadline=None)
def test_each_matter_is_told_once_in_loud_hours_and_while_it_is_true(
    spans: list[tuple[int, int]], steps: list[tuple[int, str]]
) -> None:
    """And at last what is still true was told, unless it is uncertain or was refused, or began before alerts did."""
    ends = {f"{number}": START + (since + lasts) * MINUTE for number, (since, lasts) in enumerate(spans)}
    whole = [
        {**a_matter(f"{number}", "02 07:00"), "began_at": START + since * MINUTE}
        for number, (since, _) in enumerate(spans)
    ]

    def true(now: dt.datetime) -> list[dict[str, Any]]:
        return [row for row in whole if row["began_at"] <= now < ends[row["matter"]]]

    with tempfile.TemporaryDirectory() as folder:
        service, now = Service(Path(folder) / "store"), START
        service.tell(true(now), now, "")
        for minutes, fault in steps:
            now += minutes * MINUTE
            plan = service.tell(true(now), now, fault)
            told = [row["matter"] for notice in plan.notices for row in notice.rows]
            assert {each.row["matter"] for each in plan.standings if each.state == DUE} <= set(told)
        end = at("20 10:00")  # long after every pause; what is true by now stays so
        lasting = [row for row in whole if row["began_at"] <= now]
        service.tell(lasting, end, "")
        last = service.tell(lasting, end + MINUTE, "")
    counts = Counter(row["matter"] for _, row in service.taken)
    assert set(counts.values()) <= {1}
    for when, row in service.taken:
        assert LOUD.holds(when, CSM.timezone)
        assert START < row["began_at"] <= when
        assert when >= end or when < ends[row["matter"]]
    open_ends = {each.row["matter"] for each in last.standings if each.state in {BEFORE, REFUSED, UNSURE}}
    assert {row["matter"] for row in lasting} == counts.keys() | open_ends
