"""The rules of feedback on accounts at risk, the same for commands, pages and links in emails; pure."""

import dataclasses
import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from typing import Any, Self

import polars as pl

from mailsignals.clock import local_date
from mailsignals.errors import UserError
from mailsignals.flags.episodes import CHURNED, DISMISSED, EVENTS, SAVED, SNOOZED
from mailsignals.flags.feedback import UNDONE, standing_feedback, with_departures
from mailsignals.flags.flags import flags, visible_flags
from mailsignals.flags.outcomes import LOOK_AHEAD
from mailsignals.schema import BOOK_SCHEMA
from mailsignals.store.tables.feedback import FeedbackEntry
from mailsignals.wording.numbers import count_noun

Row = Mapping[str, Any]

NOTE_LENGTH = 1000
"""The largest number of characters in a note."""

ONCE = dt.timedelta(minutes=10)
"""The time within which the same feedback counts once, because forms are sent and links opened twice."""


class About(enum.StrEnum):
    """The part of a feedback entry that is wrong, so that each surface can give advice in its own words."""

    UNTIL = "until"
    NOTE = "note"
    CHURNED_ON = "churned_on"
    FLAG = "flag"
    RECORD = "record"
    ACCOUNT = "account"


class NotSaidError(UserError):
    """The feedback is not allowed, or incomplete; nothing is stored."""

    def __init__(self, about: About, text: str) -> None:
        super().__init__(text)
        self.about = about


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class FeedbackRules:
    """The feedback that one person may give on one account at a point in time.

    Its methods return the entry to store, or the stored entry if the same feedback was given just before.
    """

    account: Row
    """The account's row in the account list."""
    by: str
    at: dt.datetime
    today: dt.date
    """The day in the company's time zone."""
    recorded: bool
    """True if any day is recorded."""
    flag: Row | None
    """Its newest flag that people may see (``FLAG_SCHEMA``)."""
    churned_on: dt.date | None
    """The churn date, by the account list or by feedback; None without one."""
    standing: Sequence[Row]
    """Feedback on it that was not undone, oldest first (``FEEDBACK_SCHEMA``)."""

    @classmethod
    def of(  # noqa: PLR0913  # what is known of the account
        cls,
        account: Row,
        *,
        by: str,
        at: dt.datetime,
        timezone: str,
        scores: pl.DataFrame,
        feedback: pl.DataFrame,
        recorded: bool,
    ) -> Self:
        """Return the rules for feedback that somebody gives now.

        Args:
            account: its row in the account list.
            by: the name or address of the person.
            at: the current time.
            timezone: of days.
            scores: the recorded days of the account, in ``SCORES_SCHEMA``.
            feedback: all feedback, in ``FEEDBACK_SCHEMA``.
            recorded: whether any day is recorded.
        """
        own = feedback.filter(pl.col("account_id") == account["account_id"])
        at = _free(at, own["given_at"])
        book = pl.DataFrame([{name: account[name] for name in BOOK_SCHEMA}], schema=BOOK_SCHEMA)
        seen = visible_flags(flags(scores, own, book, as_of=at, timezone=timezone)).sort("opened_on")
        return cls(
            account=account,
            by=by,
            at=at,
            today=local_date(at, timezone),
            recorded=recorded,
            flag=None if seen.is_empty() else seen.row(-1, named=True),
            churned_on=with_departures(book, own, as_of=at)["churned_on"].item(),
            standing=standing_feedback(own, at).to_dicts(),
        )

    @property
    def who(self) -> str:
        """Return the account for messages: its id and name."""
        id_, name = self.account["account_id"], self.account["name"]
        return f"{id_} ({name})" if name else str(id_)

    @property
    def is_open(self) -> bool:
        """Return whether there is an open flag."""
        return self.flag is not None and self.flag["closed_on"] is None

    @property
    def is_recent(self) -> bool:
        """Return whether a flag is open, or opened in the last 120 days, so that feedback can settle it."""
        return self.flag is not None and (
            self.flag["closed_on"] is None or self.flag["opened_on"] + LOOK_AHEAD >= self.today
        )

    def snoozed(self, until: dt.date | str, note: str | None) -> FeedbackEntry:
        """Return an entry that snoozes a flag until a day, or until one of ``EVENTS``.

        Raises:
            NotSaidError: no flag is open, or the day is not in the future.
        """
        said = self._said(SNOOZED, until=f"{until}", note=note)
        if (before := self._before(said)) is not None:
            return before
        self._refuse_unrecorded()
        if not self.is_open:
            raise NotSaidError(About.FLAG, f"{self.who} has no open flag, so it can't be snoozed.")
        if said.until not in EVENTS and (said.until or "") <= self.today.isoformat():
            raise NotSaidError(About.UNTIL, f"{said.until} is not in the future. Use a later date.")
        return said

    def dismissed(self, note: str | None) -> FeedbackEntry:
        """Return an entry that dismisses a flag, because the account is not at risk.

        Raises:
            NotSaidError: no flag can be settled, or the note is empty.
        """
        said = self._said(DISMISSED, note=note)
        if (before := self._before(said)) is not None:
            return before
        self._refuse_unsettled()
        if said.note is None:
            raise NotSaidError(
                About.NOTE, "A note is required. Enter the reason why the account is not at risk."
            )
        return said

    def saved(self, note: str | None) -> FeedbackEntry:
        """Return an entry that marks an account as saved: it was at risk and stays.

        Raises:
            NotSaidError: no flag can be settled.
        """
        said = self._said(SAVED, note=note)
        if (before := self._before(said)) is not None:
            return before
        self._refuse_unsettled()
        return said

    def churned(self, on: dt.date | None, note: str | None) -> FeedbackEntry:
        """Return an entry that marks an account as churned, on a day or today.

        Raises:
            NotSaidError: the account has a churn date already, or the day is before its start.
        """
        left = self.today if on is None else on
        said = self._said(CHURNED, churned_on=left, note=note)
        if (before := self._before(said)) is not None:
            return before
        if self.churned_on is not None:
            raise NotSaidError(
                About.CHURNED_ON, f"{self.who} is marked as churned already, on {self.churned_on}."
            )
        started = self.account["started_on"]
        if started is not None and left < started:
            raise NotSaidError(
                About.CHURNED_ON,
                f"{left}: {self.who} started on {started}. Use a later date.",
            )
        return said

    def undone(self, given_at: dt.datetime | None = None) -> FeedbackEntry | None:
        """Return an entry that undoes the last feedback; None if that was undone already.

        Args:
            given_at: the time of the feedback to undo; None for the last.

        Raises:
            NotSaidError: no feedback can be undone, or newer feedback was given since.
        """
        if given_at is not None and given_at not in {row["given_at"] for row in self.standing}:
            return None
        if not self.standing:
            raise NotSaidError(About.ACCOUNT, f"{self.who} has no feedback to undo.")
        if given_at is not None and given_at != self.standing[-1]["given_at"]:
            raise NotSaidError(About.ACCOUNT, f"{self.who} has newer feedback. Undo that first.")
        return self._said(UNDONE)

    def _said(
        self,
        kind: str,
        *,
        until: str | None = None,
        churned_on: dt.date | None = None,
        note: str | None = None,
    ) -> FeedbackEntry:
        words = (note or "").strip() or None
        if words is not None and len(words) > NOTE_LENGTH:
            raise NotSaidError(
                About.NOTE, f"The note is longer than {count_noun(NOTE_LENGTH, 'character')}. Shorten it."
            )
        return FeedbackEntry(
            account_id=self.account["account_id"],
            given_at=self.at,
            given_by=self.by,
            kind=kind,
            until=until,
            churned_on=churned_on,
            note=words,
        )

    def _before(self, said: FeedbackEntry) -> FeedbackEntry | None:
        """Return the last entry, if it was the same a short time ago."""
        if not self.standing:
            return None
        last = FeedbackEntry(**self.standing[-1])
        same = last == dataclasses.replace(said, given_at=last.given_at)
        return last if same and said.given_at - last.given_at < ONCE else None

    def _refuse_unrecorded(self) -> None:
        if not self.recorded:
            raise NotSaidError(About.RECORD, "No day is recorded yet, so no flag is open.")

    def _refuse_unsettled(self) -> None:
        self._refuse_unrecorded()
        if not self.is_recent:
            raise NotSaidError(
                About.FLAG,
                f"{self.who} has no open flag, and no flag that opened in the last {LOOK_AHEAD.days} days.",
            )


def _free(at: dt.datetime, given_at: pl.Series) -> dt.datetime:
    """Return the time, or the next free one after entries that were stored first.

    An account has at most one entry at a time.
    """
    taken = set(given_at.to_list())
    ahead = [each for each in taken if at <= each < at + ONCE]
    if ahead:
        at = max(ahead) + dt.timedelta(microseconds=1)
    while at in taken:
        at += dt.timedelta(microseconds=1)
    return at
