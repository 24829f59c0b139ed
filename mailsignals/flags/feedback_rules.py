"""What may be said of an account at risk, and when: the same rules for commands, pages and links in mails; pure."""

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
"""How many characters a note may have."""

ONCE = dt.timedelta(minutes=10)
"""Who says the same again within this time has said it once: pages are sent twice, and links are opened twice."""


class About(enum.StrEnum):
    """The part of a feedback entry that is wrong, so that each surface can give advice in its own words."""

    UNTIL = "until"
    NOTE = "note"
    CHURNED_ON = "churned_on"
    FLAG = "flag"
    RECORD = "record"
    ACCOUNT = "account"


class NotSaidError(UserError):
    """It may not be said, or not so; nothing is kept."""

    def __init__(self, about: About, text: str) -> None:
        super().__init__(text)
        self.about = about


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class FeedbackRules:
    """Somebody who says something of an account at an instant, and what is known of it by then.

    Its methods return what is to be kept, or what was kept already where the same is said again.
    """

    account: Row
    """The account's in the account book."""
    by: str
    at: dt.datetime
    today: dt.date
    """The day in the company's time zone."""
    recorded: bool
    """Whether any day's scores are."""
    flag: Row | None
    """Its newest flag that people may see (``FLAG_SCHEMA``)."""
    churned_on: dt.date | None
    """When it left, by the account book or by what people said."""
    standing: Sequence[Row]
    """What was said of it and not taken back, oldest first (``FEEDBACK_SCHEMA``)."""

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
        """Somebody who says something now.

        Args:
            account: its row of the account book.
            by: who.
            at: now.
            timezone: of days.
            scores: what was recorded of the account, in ``SCORES_SCHEMA``.
            feedback: what people said, in ``FEEDBACK_SCHEMA``.
            recorded: whether any day's scores are.
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
        """The account, for people."""
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
        """Not now: out of sight until a day, or one of ``EVENTS``.

        Raises:
            NotSaidError: there is no open flag, or the day has come.
        """
        said = self._said(SNOOZED, until=f"{until}", note=note)
        if (before := self._before(said)) is not None:
            return before
        self._refuse_unrecorded()
        if not self.is_open:
            raise NotSaidError(About.FLAG, f"{self.who}: there is no open flag.")
        if said.until not in EVENTS and (said.until or "") <= self.today.isoformat():
            raise NotSaidError(About.UNTIL, f"{said.until}: that has come already. Give a later day.")
        return said

    def dismissed(self, note: str | None) -> FeedbackEntry:
        """Not at risk: the flag was wrong.

        Raises:
            NotSaidError: there is no flag to settle, or no note.
        """
        said = self._said(DISMISSED, note=note)
        if (before := self._before(said)) is not None:
            return before
        self._refuse_unsettled()
        if said.note is None:
            raise NotSaidError(About.NOTE, "Say in a few words why the account is not at risk.")
        return said

    def saved(self, note: str | None) -> FeedbackEntry:
        """It was at risk, and is kept.

        Raises:
            NotSaidError: there is no flag to settle.
        """
        said = self._said(SAVED, note=note)
        if (before := self._before(said)) is not None:
            return before
        self._refuse_unsettled()
        return said

    def churned(self, on: dt.date | None, note: str | None) -> FeedbackEntry:
        """It left, on a day or today.

        Raises:
            NotSaidError: that is known already, or the account had not started.
        """
        left = self.today if on is None else on
        said = self._said(CHURNED, churned_on=left, note=note)
        if (before := self._before(said)) is not None:
            return before
        if self.churned_on is not None:
            raise NotSaidError(
                About.CHURNED_ON, f"{self.who}: it is known already that it left, on {self.churned_on}."
            )
        started = self.account["started_on"]
        if started is not None and left < started:
            raise NotSaidError(
                About.CHURNED_ON, f"{left}: the account book says that {self.who} started on {started}."
            )
        return said

    def undone(self, given_at: dt.datetime | None = None) -> FeedbackEntry | None:
        """Take back what was said last; None: it was taken back already.

        Args:
            given_at: which word; None: whatever is the last.

        Raises:
            NotSaidError: there is nothing to take back, or something else was said since.
        """
        if given_at is not None and given_at not in {row["given_at"] for row in self.standing}:
            return None
        if not self.standing:
            raise NotSaidError(
                About.ACCOUNT, f"{self.who}: nobody has said anything that could be taken back."
            )
        if given_at is not None and given_at != self.standing[-1]["given_at"]:
            raise NotSaidError(About.ACCOUNT, f"{self.who}: something else was said since.")
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
            raise NotSaidError(About.NOTE, f"That is longer than {count_noun(NOTE_LENGTH, 'character')}.")
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
        """The last word, if it was the same a short time ago."""
        if not self.standing:
            return None
        last = FeedbackEntry(**self.standing[-1])
        same = last == dataclasses.replace(said, given_at=last.given_at)
        return last if same and said.given_at - last.given_at < ONCE else None

    def _refuse_unrecorded(self) -> None:
        if not self.recorded:
            raise NotSaidError(About.RECORD, "No day was recorded yet, so there is no flag.")

    def _refuse_unsettled(self) -> None:
        self._refuse_unrecorded()
        if not self.is_recent:
            raise NotSaidError(
                About.FLAG,
                f"{self.who}: there is no open flag, and none of the last {LOOK_AHEAD.days} days.",
            )


def _free(at: dt.datetime, given_at: pl.Series) -> dt.datetime:
    """The instant, or the next one after all that was kept, where what was said a moment later was kept first.

    An account and an instant have one word.
    """
    taken = set(given_at.to_list())
    ahead = [each for each in taken if at <= each < at + ONCE]
    if ahead:
        at = max(ahead) + dt.timedelta(microseconds=1)
    while at in taken:
        at += dt.timedelta(microseconds=1)
    return at
