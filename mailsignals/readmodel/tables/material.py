"""What the tables of an edition are made from: everything that is known of a company at one instant."""

import dataclasses
import datetime as dt
import functools

import polars as pl

from mailsignals.clock import local_date
from mailsignals.config import Settings
from mailsignals.readmodel.tables.learnt import Learnt
from mailsignals.signals.facts import Facts
from mailsignals.signals.pipeline import signals
from mailsignals.sla import ticket_rows
from mailsignals.sla.promises import Promises
from mailsignals.sla.tickets import Tickets


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Material:
    """A company at an instant."""

    as_of: dt.datetime
    settings: Settings
    book: pl.DataFrame
    """The account book's rows, with what people said of who left; a row's position is the account's number."""
    rows: pl.DataFrame
    """What ``assess`` says of every account, who wrote last by address, the news, and who is away."""
    flags: pl.DataFrame | None
    """``FLAG_SCHEMA``; none where no scores are recorded."""
    scores: pl.DataFrame
    """``SCORES_SCHEMA``: what was recorded day by day, and today as it would be recorded; who is held back, too."""
    recorded: pl.DataFrame
    """``SCORES_SCHEMA``: what was recorded of all accounts."""
    facts: Facts
    touches: pl.LazyFrame
    """``TOUCH_SCHEMA`` up to the instant."""
    messages: pl.LazyFrame
    """``MESSAGE_SCHEMA``: what the store holds."""
    standings: pl.DataFrame
    """``STANDINGS_SCHEMA``: how each mailbox stands."""
    people: pl.DataFrame
    """The addresses at their numbers."""
    desk: Tickets
    promises: Promises
    learnt: Learnt
    """The models of the store."""

    @property
    def today(self) -> dt.date:
        """The day of the instant in the company's time zone."""
        return local_date(self.as_of, self.settings.company.timezone)

    @functools.cached_property
    def signals(self) -> pl.DataFrame:
        """All signals of all accounts at the instant, as ``signals`` returns them."""
        horizon = dt.timedelta(days=self.settings.signals.reply_horizon_days)
        return signals(self.facts, [self.as_of], reply_horizon=horizon)

    @functools.cached_property
    def tickets(self) -> pl.DataFrame:
        """What ``ticket_rows`` says of the desk, with ids, names for numbers, and ``account`` by its number."""
        rows = ticket_rows.ticket_rows(self.desk).with_columns(number=pl.col("account"))
        named = ticket_rows.with_names(
            rows, account_ids=self.book["account_id"], addresses=self.people["address"]
        )
        return ticket_rows.with_ids(named).rename({"number": "account"})
