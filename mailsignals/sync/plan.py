"""What to do with a mailbox now, and when to come back to one that cannot be read; decisions only."""

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterable
from enum import StrEnum

from connectors.base import ConnectorError, Cursor, RetryLaterError
from connectors.provider import Mailbox
from mailsignals.store.tables.mailbox_status import MailboxStatus, Trouble


class Step(StrEnum):
    """The step that a run takes with a mailbox."""

    BACKFILL = "backfill"
    """Read everything there is; a run that was interrupted goes on."""
    INCREMENTAL = "incremental"
    """Read what happened since the last run."""
    RESYNC = "resync"
    """Compare everything, because the bookmark was lost."""
    WAIT = "wait"
    """Leave it alone until the time to try again has come."""
    REFUSE = "refuse"
    """Leave it alone until somebody decides."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The plan for one mailbox: the step, and the trouble if it is not read."""

    step: Step
    mailbox: Mailbox
    trouble: Trouble | None = None


FIRST_PROBE = dt.timedelta(minutes=15)
LAST_PROBE = dt.timedelta(days=1)
"""How long until a mailbox in trouble is tried again at first, and at most: each time twice as long as before."""

_NEVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


def plan(
    mailbox: Mailbox,
    standing: MailboxStatus | None,
    *,
    cursor: Cursor | None,
    now: dt.datetime,
    patient: bool,
) -> Plan:
    """Return the plan for a mailbox; ``patient`` leaves every mailbox in trouble alone until its next try is due.

    An impatient run (somebody started it) leaves alone only those that the provider itself told us to.
    """
    if standing is None:
        return Plan(step=Step.BACKFILL, mailbox=mailbox)
    if standing.identity and mailbox.identity and standing.identity != mailbox.identity:
        return Plan(step=Step.REFUSE, mailbox=mailbox, trouble=_another_owner())
    trouble = standing.trouble
    if trouble and trouble.next_try_at > now and (patient or trouble.demanded):
        return Plan(step=Step.WAIT, mailbox=mailbox, trouble=trouble)
    if standing.synced_at is None:
        return Plan(step=Step.BACKFILL, mailbox=mailbox)
    return Plan(step=Step.RESYNC if cursor is None else Step.INCREMENTAL, mailbox=mailbox)


def _another_owner() -> Trouble:
    return Trouble(
        state="another owner",
        problem="this address now belongs to somebody else than the one whose mail is stored under it.",
        remedy="If that is right, run `mailsignals sync --mailbox ADDRESS --new-owner`; both people's mail then "
        "stands under one address. Else take the address out of the configuration.",
        next_try_at=_NEVER,
    )


def of_the_forgotten(mailbox: Mailbox) -> Plan:
    """The mailbox of somebody who was forgotten is not read, whoever configured it."""
    trouble = Trouble(
        state="forgotten",
        problem="this person was forgotten by `mailsignals forget`, so the mailbox is not read.",
        remedy="Take the address out of the configuration, or its owner out of the group.",
        next_try_at=_NEVER,
    )
    return Plan(step=Step.REFUSE, mailbox=mailbox, trouble=trouble)


def renamed(mailboxes: Iterable[Mailbox], standings: Collection[MailboxStatus]) -> list[Mailbox]:
    """The mailboxes, those whose address changed under the name that their mail is stored under."""
    first = {standing.identity: standing.mailbox for standing in standings if standing.identity}
    return [dataclasses.replace(one, stored_as=first.get(one.identity or "")) for one in mailboxes]


def trouble(error: ConnectorError, *, failures: int, now: dt.datetime) -> Trouble:
    """Return the trouble that an error causes, with the time of the next try.

    The pause is the one that the provider demands, else 15 minutes, doubled for each failed run before, a day at most.

    Args:
        error: why the mailbox can't be read.
        failures: how many runs in a row failed before.
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
