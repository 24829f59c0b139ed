"""Sentences of a digest that hold for all accounts: track record, calibration, changes of method; pure."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

from mailsignals.config.risk import RiskSection
from mailsignals.flags.episodes import HIGH
from mailsignals.risk.track_record import LevelRecord
from mailsignals.wording.people import PersonNames
from mailsignals.wording.risk import track_record_words


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class RiskContext:
    """Sentences that hold for all accounts at a point in time, and the time of each CSM's last digest."""

    rules: RiskSection
    """Thresholds, and the assumed share of accounts that churn in a year."""
    records: Sequence[LevelRecord] = ()
    """The track record of each level; empty if unknown."""
    check: str = ""
    """A few sentences on the data that risks are calibrated on."""
    changes: Mapping[str | None, str] = dataclasses.field(default_factory=dict)
    """By CSM, the change of method since their last digest, in one sentence; CSMs without a change are left out."""
    told_at: Mapping[str | None, dt.datetime] = dataclasses.field(default_factory=dict)
    """The time of the last digest by CSM; CSMs without a digest so far are left out."""

    names: PersonNames = dataclasses.field(default_factory=PersonNames)
    """The names of people; others are shown by their address."""
    currency: str = ""
    """The currency of ARR, as ``wording.money.money`` expects it."""

    def record_of(self, level: str) -> str | None:
        """Return the track record of a level in a sentence; None if unknown."""
        return next((track_record_words(one) for one in self.records if one.level == level), None)

    def other_records(self) -> list[str]:
        """Return the track records of medium and low risk in sentences, with enough cases for a share only."""
        return [
            track_record_words(one) for one in self.records if one.level != HIGH and one.share is not None
        ]

    def lines(self) -> list[str]:
        """Return the track record of each level, then the sentences on calibration."""
        high = self.record_of(HIGH)
        return [*([high] if high else []), *self.other_records(), self.check]
