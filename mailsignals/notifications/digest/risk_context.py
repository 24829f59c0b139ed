"""What a digest says of risk besides the accounts: how often levels came true, what was checked, what changed; pure."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

from mailsignals.config.risk import RiskSection
from mailsignals.flags.episodes import HIGH
from mailsignals.risk.track_record import LevelRecord
from mailsignals.wording.risk import LEAST_EVENTS, track_record_words


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class RiskContext:
    """Sentences that hold for all accounts of an instant, and when each CSM was told before."""

    rules: RiskSection
    """Thresholds, and the assumed churn of a year."""
    records: Sequence[LevelRecord]
    """How often each level came true; empty where it is not known."""
    check: str
    """One sentence or two on what the order was checked on."""
    changes: Mapping[str | None, str] = dataclasses.field(default_factory=dict)
    """By CSM, the change of method since their last digest, in one sentence; CSMs without a change are left out."""
    told_at: Mapping[str | None, dt.datetime] = dataclasses.field(default_factory=dict)
    """By CSM, when they were last told; those who never were are left out."""

    def record_of(self, level: str) -> str | None:
        """Return how often a level came true, in a sentence; None where it is not known."""
        return next((track_record_words(one) for one in self.records if one.level == level), None)

    def other_records(self) -> list[str]:
        """Return the same of levels other than high, where there were enough cases to say it."""
        return [
            track_record_words(one)
            for one in self.records
            if one.level != HIGH and one.events >= LEAST_EVENTS
        ]

    def lines(self) -> list[str]:
        """Return all that holds for everybody: the record of each level, then what was checked."""
        high = self.record_of(HIGH)
        return [*([high] if high else []), *self.other_records(), self.check]
