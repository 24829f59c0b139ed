"""Decides what to do with a mailbox now, and when to try one that can't be read again."""

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterable
from enum import StrEnum

from connectors.base import ConnectorError, Cursor, RetryLaterError
from connectors.provider import Mailbox
from mailsignals.clock import wait_is_over
from mailsignals.store.tables.mailbox_status import MailboxStatus, Trouble


class Step(StrEnum):
    """The step that a run takes with a mailbox."""

    BACKFILL = "backfill"
    """Read everything; an interrupted run continues."""
    INCREMENTAL = "incremental"
    """Read the changes since the last run."""
    RESYNC = "resync"
    """Compare everything, because the cursor was lost."""
    WAIT = "wait"
    """Skip it until its next try is due."""
    REFUSE = "refuse"
    """Skip it until a person decides."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The plan for one mailbox: the step, and the trouble if it isn't read."""

    step: Step
    mailbox: Mailbox
    trouble: Trouble | None = None


FIRST_PROBE = dt.timedelta(minutes=15)
LAST_PROBE = dt.timedelta(days=1)
"""The first and the longest pause before a failing mailbox is tried again; doubled each time."""
LONGEST_WAIT = dt.timedelta(days=7)
"""The longest wait that is believed; the clock was wrong when a longer one began."""

_NEVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


def plan(
    mailbox: Mailbox,
    standing: MailboxStatus | None,
    *,
    cursor: Cursor | None,
    now: dt.datetime,
    patient: bool,
) -> Plan:
    """Return the plan for a mailbox; with ``patient``, every failing mailbox waits until its next try is due.

    Without it, as in a run started by a person, only mailboxes wait for which the provider requested a pause.
    """
    if standing is None:
        return Plan(step=Step.BACKFILL, mailbox=mailbox)
    if standing.identity and mailbox.identity and standing.identity != mailbox.identity:
        return Plan(step=Step.REFUSE, mailbox=mailbox, trouble=_another_owner())
    trouble = standing.trouble
    if trouble and (patient or trouble.demanded) and _waits(trouble, now):
        return Plan(step=Step.WAIT, mailbox=mailbox, trouble=trouble)
    if standing.synced_at is None:
        return Plan(step=Step.BACKFILL, mailbox=mailbox)
    return Plan(step=Step.RESYNC if cursor is None else Step.INCREMENTAL, mailbox=mailbox)


def pause_plan(
    mailbox: Mailbox, standing: MailboxStatus | None, *, error: ConnectorError, now: dt.datetime
) -> Plan:
    """Return the plan for a mailbox while its whole provider has to wait: its own wait, or the one of the error."""
    own = standing.trouble if standing else None
    if own is None or not own.demanded or not _waits(own, now):
        own = trouble(error, failures=0, now=now)
    return Plan(step=Step.WAIT, mailbox=mailbox, trouble=own)


def _waits(trouble: Trouble, now: dt.datetime) -> bool:
    return not wait_is_over(trouble.next_try_at, now=now, longest=LONGEST_WAIT)


def _another_owner() -> Trouble:
    return Trouble(
        state="another owner",
        problem="the address has a new owner, but mail of the former owner is stored under it.",
        remedy="To store both people's mail under one address, run `mailsignals sync --mailbox ADDRESS --new-owner`. "
        "Otherwise remove the address from the configuration.",
        next_try_at=_NEVER,
    )


def of_the_forgotten(mailbox: Mailbox) -> Plan:
    """Return the plan for the mailbox of an erased person: it is never read."""
    trouble = Trouble(
        state="forgotten",
        problem="the mailbox is not read, because its owner was erased by `mailsignals forget`.",
        remedy="Remove the address from the configuration, or its owner from the group.",
        next_try_at=_NEVER,
    )
    return Plan(step=Step.REFUSE, mailbox=mailbox, trouble=trouble)


def renamed(mailboxes: Iterable[Mailbox], standings: Collection[MailboxStatus]) -> list[Mailbox]:
    """Return the mailboxes; those with a changed address keep the name that their mail is stored under."""
    first = {standing.identity: standing.mailbox for standing in standings if standing.identity}
    return [dataclasses.replace(one, stored_as=first.get(one.identity or "")) for one in mailboxes]


def trouble(error: ConnectorError, *, failures: int, now: dt.datetime) -> Trouble:
    """Return the trouble that an error causes, with the time of the next try.

    The pause is the one that the provider requests, else 15 minutes, doubled for each failed run, a day at most.

    Args:
        error: the reason why the mailbox can't be read.
        failures: the number of consecutive failed runs before.
        now: the time of the error.
    """
    asked = error.after if isinstance(error, RetryLaterError) else None
    pause = asked if asked is not None else min(FIRST_PROBE * 2 ** min(failures, 10), LAST_PROBE)
    return Trouble(
        state=error.state,
        problem=error.problem,
        remedy=error.remedy,
        next_try_at=now + pause,
        demanded=asked is not None,
    )
