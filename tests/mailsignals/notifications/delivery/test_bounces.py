"""What did not arrive, from the deliveries and the mail that came in."""

import datetime as dt

import polars as pl

from connectors.base import Message, frame_of
from mailsignals.notifications.delivery.bounces import BOUNCED, SHOWN_DAYS, undelivered_mail
from mailsignals.store.tables.deliveries import CLAIMED, DELIVERIES_SCHEMA, SENT, UNSURE
from tests.mailsignals.notifications.delivery.letters import ANA, AT, TODAY


def a_delivery(id_: str, state: str, *, days_ago: int = 0) -> dict[str, object]:
    """A delivery that matters for its id and its state."""
    row: dict[str, object] = dict.fromkeys(DELIVERIES_SCHEMA)
    known = {"kind": "digest", "recipient": ANA, "attempts": 1, "message_id": id_, "state": state}
    at = "claimed_at" if state == CLAIMED else "ended_at"
    return row | known | {"due_on": TODAY, at: AT - dt.timedelta(days=days_ago)}


def a_report(*references: str, automated: str | None = "bounce") -> Message:
    """A mail that came to the sender's mailbox and refers to others."""
    return Message(
        mailbox="signals@us.test",
        provider="gmail",
        provider_id="-".join(references),
        references=references,
        sent_at=AT,
        sender="mailer-daemon@us.test",
        automated=automated,
    )


def shown(deliveries: list[dict[str, object]], *reports: Message) -> list[tuple[str, str]]:
    """Id and state of what is shown."""
    frame = pl.DataFrame(deliveries, schema=DELIVERIES_SCHEMA)
    found = undelivered_mail(frame, frame_of(reports).lazy(), now=AT)
    assert found.schema == DELIVERIES_SCHEMA
    return list(found.select("message_id", "state").iter_rows())


def test_what_was_sent_is_not_shown_unless_it_came_back() -> None:
    """A mailer daemon's report is one; somebody's answer is none, and it may refer to other mail, too."""
    deliveries = [
        a_delivery("a@us.test", SENT),
        a_delivery("b@us.test", SENT),
        a_delivery("c@us.test", UNSURE),
    ]
    assert shown(deliveries) == [("c@us.test", UNSURE)]
    reports = [a_report("x@us.test", "a@us.test"), a_report("b@us.test", automated=None)]
    assert shown(deliveries, *reports) == [("a@us.test", BOUNCED), ("c@us.test", UNSURE)]


def test_only_what_is_of_late_is_shown() -> None:
    """Two weeks; and a claim says what it may mean."""
    old = a_delivery("old@us.test", UNSURE, days_ago=SHOWN_DAYS)
    assert shown([old]) == []
    assert shown([old, a_delivery("new@us.test", CLAIMED, days_ago=SHOWN_DAYS - 1)]) == [
        ("new@us.test", CLAIMED)
    ]
