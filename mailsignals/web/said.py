"""What people say of accounts at risk: read as it is this very moment, and kept beside whoever writes mail."""

import contextlib
import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from mailsignals.errors import UserError
from mailsignals.flags.episodes import CHURNED, DISMISSED, EVENTS, SAVED, SNOOZED
from mailsignals.flags.outcomes import LOOK_AHEAD
from mailsignals.flags.said import UNDONE, standing
from mailsignals.store.catalogue import Catalogue
from mailsignals.store.faults import worded
from mailsignals.store.feedback import Feedback
from mailsignals.web.visit import Visit

KINDS = (SNOOZED, DISMISSED, SAVED, CHURNED, UNDONE)
LONGEST_NOTE = 1000


@contextlib.contextmanager
def feedback_of(visit: Visit) -> Iterator[Feedback]:
    """The table of it; SQLite lets a writer of mail and us take turns.

    Raises:
        UserError: there is no store, or it cannot be used.
    """
    folder = visit.site.settings().store.path
    with worded(folder), contextlib.closing(Catalogue.for_notes(folder)) as catalogue:
        yield Feedback(catalogue, contextlib.nullcontext)


def said_of(visit: Visit, account_id: str) -> pl.DataFrame:
    """All that was said of an account, in ``FEEDBACK_SCHEMA``."""
    with feedback_of(visit) as feedback:
        return feedback.frame().filter(pl.col("account_id") == account_id)


def said_since(visit: Visit, account_ids: Collection[str]) -> Mapping[str, str]:
    """The kind of what was said last of some accounts since the figures were prepared, by account."""
    with feedback_of(visit) as feedback:
        found = feedback.frame()
    news = pl.col("account_id").is_in(list(account_ids)) & (pl.col("given_at") >= visit.edition.as_of)
    return dict(found.filter(news).sort("given_at").select("account_id", "kind").iter_rows())


def say(  # noqa: PLR0913  # what is said, and of what
    visit: Visit,
    account_id: str,
    kind: str,
    *,
    flag: Mapping[str, Any] | None,
    until: str = "",
    on: str = "",
    note: str = "",
) -> None:
    """Keep what the viewer says of an account.

    Args:
        visit: by whom and when.
        account_id: of which account.
        kind: one of ``KINDS``.
        flag: the newest flag of it that people may see.
        until: a day or an event, of what is snoozed.
        on: the day it left; empty: today.
        note: what there is to know.

    Raises:
        UserError: it cannot be said, and why not.
    """
    zone = ZoneInfo(visit.site.settings().company.timezone)
    today = visit.now.astimezone(zone).date()
    note = note.strip()[:LONGEST_NOTE]
    if kind not in KINDS:
        raise UserError("Nothing was said.")
    left = (_day(on) if on else today) if kind == CHURNED else None
    if left and left > today:
        raise UserError(f"{left} is still to come. Say so on the day it left.")
    if kind == SNOOZED:
        _refuse_snooze(flag, until, today)
    if kind in {DISMISSED, SAVED}:
        _refuse_verdict(kind, flag, note, today)
    with feedback_of(visit) as feedback:
        if kind == UNDONE and standing(feedback.frame(), visit.now).filter(account_id=account_id).is_empty():
            raise UserError("Nobody has said anything that could be taken back.")
        feedback.add(
            account_id,
            kind,
            at=visit.now,
            by=visit.viewer.address or "dashboard",
            until=until if kind == SNOOZED else None,
            churned_on=left,
            note=note or None,
        )


def _refuse_snooze(flag: Mapping[str, Any] | None, until: str, today: dt.date) -> None:
    if flag is None or flag["closed_on"] is not None:
        raise UserError("There is no open flag to snooze.")
    if until not in EVENTS and _day(until) <= today:
        raise UserError(f"{until} has come already. Give a later day.")


def _refuse_verdict(kind: str, flag: Mapping[str, Any] | None, note: str, today: dt.date) -> None:
    if flag is None or (flag["closed_on"] is not None and flag["opened_on"] + LOOK_AHEAD < today):
        raise UserError(f"There is no open flag, and none of the last {LOOK_AHEAD.days} days.")
    if kind == DISMISSED and not note:
        raise UserError("Say in a few words why the account is not at risk.")


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UserError(f"{text!r} is not a day. Choose one.") from None
