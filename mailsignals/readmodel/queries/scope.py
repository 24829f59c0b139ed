"""The scope of a query: the viewer, the edition, and the rules for figures of people."""

import dataclasses
import datetime as dt
from typing import Self

import polars as pl

from mailsignals.clock import local_date
from mailsignals.config import Settings
from mailsignals.config.privacy import People
from mailsignals.readmodel.editions import Edition
from mailsignals.readmodel.queries.privacy import may_be_shown
from mailsignals.readmodel.roles import Viewer
from mailsignals.wording.people import PersonNames


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scope:
    """One viewer's view of one edition."""

    viewer: Viewer
    people: People
    """``privacy.people``, which decides whose figures are shown."""
    timezone: str
    """The company's time zone, in which days and weeks start."""
    edition: Edition
    now: dt.datetime
    """The date and time of the request."""
    currency: str = ""
    """Of ARR and what is made of it; empty where the configuration names none."""

    @classmethod
    def of(cls, settings: Settings, *, viewer: Viewer, edition: Edition, now: dt.datetime) -> Self:
        """Return the scope of a viewer under a configuration."""
        return cls(
            viewer=viewer,
            people=settings.privacy.people,
            timezone=settings.company.timezone,
            edition=edition,
            now=now,
            currency=settings.accounts.currency,
        )

    @property
    def as_of(self) -> dt.datetime:
        """The date and time of the figures, which contain nothing later."""
        return self.edition.as_of

    @property
    def names(self) -> PersonNames:
        """The names of people, as they were when the edition was made."""
        return self.edition.remembered("names", lambda: _names(self.edition.table("names")))

    @property
    def today(self) -> dt.date:
        """The date of the figures, in the company's time zone."""
        return local_date(self.as_of, self.timezone)

    def may_show(self, column: str) -> pl.Expr:
        """Return true for rows whose person (an address in a column) may be shown to the viewer singly."""
        return may_be_shown(pl.col(column).cast(pl.String), self.people, self.viewer.address)


def _names(table: pl.DataFrame) -> PersonNames:
    return PersonNames(dict(table.select("address", "name").iter_rows()))
