"""The data of a company as of one time; each part is computed once, on first use."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property

import polars as pl

from mailsignals.flags.flags import HIDDEN_SCHEMA, flags, hidden_accounts, shown_level
from mailsignals.flags.method import MethodChange, method_change, recorded_method, source_of
from mailsignals.flags.news import by_levels, by_record, told_on
from mailsignals.flags.outcomes import precision
from mailsignals.flags.record import day_of, high_accounts, with_draws
from mailsignals.secret_files import SecretFile
from mailsignals.signals.evidence import last_writers
from mailsignals.store.tables.scores import SCORES_SCHEMA
from mailsignals.workspace.risk_snapshot import RiskSnapshot

A_DAY = dt.timedelta(days=1)

NOTHING_RECORDED = (
    "No days are recorded, so changes are against yesterday only. `mailsignals flag record`, run once a day, records "
    "how long an account has been at risk and how often flags were right."
)


class Snapshot(RiskSnapshot):
    """A company as of a time: its mail, the risk of its accounts, their flags, and their news."""

    # --- the record, flags, news ------------------------------------------------------------------

    @cached_property
    def is_recorded(self) -> bool:
        """True if any day was recorded by the as-of time."""
        return self.store.scores.newest(as_of=self.as_of) is not None

    @cached_property
    def recorded_source(self) -> str | None:
        """The source of risk on the last day recorded by the as-of time; None without recorded days."""
        newest = self.store.scores.newest(as_of=self.as_of)
        return None if newest is None else source_of(self.store.scores.of_day(newest[0]))

    @cached_property
    def recorded(self) -> pl.DataFrame:
        """All recorded scores, in ``SCORES_SCHEMA``."""
        return self.store.scores.frame()

    @cached_property
    def scores(self) -> pl.DataFrame:
        """``recorded`` and ``unrecorded`` scores together, in ``SCORES_SCHEMA``."""
        return pl.concat([self.recorded, self.unrecorded])

    @cached_property
    def _recorded_of_flagged(self) -> pl.DataFrame:
        return self.store.scores.of_flagged()

    @cached_property
    def _recorded_in_question(self) -> pl.DataFrame:
        """The recorded scores of accounts at high risk on any day, or today."""
        return self.store.scores.of_flagged(and_of=high_accounts(self.risk))

    @cached_property
    def unrecorded(self) -> pl.DataFrame:
        """Today's scores before they are recorded, in ``SCORES_SCHEMA``; empty after that, or without recorded days."""
        newest = self.store.scores.newest(as_of=self.as_of)
        if newest is None or newest[0] >= self.today:
            return pl.DataFrame(schema=SCORES_SCHEMA)
        return with_draws(
            day_of(self.risk, as_of=self.as_of, timezone=self.timezone),
            self._recorded_in_question,
            self.feedback,
            self.listed_accounts,
            timezone=self.timezone,
            secret=self.store.secret(SecretFile.HOLDOUT),
            hold_back=self.workspace.settings.model.hold_back,
        )

    @cached_property
    def flags(self) -> pl.DataFrame:
        """All flags, in ``FLAG_SCHEMA``, also those of today before it is recorded; empty without recorded days."""
        if self.unrecorded.is_empty():
            return self.recorded_flags
        return self.flags_of(pl.concat([self._recorded_in_question, self.unrecorded]))

    @cached_property
    def recorded_flags(self) -> pl.DataFrame:
        """All flags from recorded days alone, in ``FLAG_SCHEMA``."""
        return self.flags_of(self._recorded_of_flagged)

    def flags_of(self, scores: pl.DataFrame) -> pl.DataFrame:
        """Return the flags from these scores (``SCORES_SCHEMA``), in ``FLAG_SCHEMA``."""
        book = self.listed_accounts
        return flags(scores, self.feedback, book, as_of=self.as_of, timezone=self.timezone)

    @cached_property
    def _yesterday(self) -> "Snapshot":
        """The snapshot as of a day before, which shares the touches and account facts of this one."""
        before = Snapshot(self.workspace, self.store, self.as_of - A_DAY)
        before._all_touches = self._all_touches
        before.account_facts = self.account_facts
        return before

    @cached_property
    def news(self) -> pl.DataFrame:
        """The change of each account since its CSM's last digest, in ``NEWS_SCHEMA``.

        Without a digest it is the change since the last recorded day before today; without recorded days, since
        yesterday.
        """
        if not self.is_recorded:
            return by_levels(self.risk, self._yesterday.risk, before_on=self.today - A_DAY)
        scores = self.store.scores
        usual = scores.last_day(self.today - A_DAY) or self.today - A_DAY
        days = {csm: self._told_on.get(csm, usual) for csm in self._csms}
        recorded = {day: scores.last_day(day) for day in set(days.values())}
        since = pl.DataFrame(
            [(csm, day, recorded[day]) for csm, day in days.items()],
            schema={"csm": pl.String(), "since_on": pl.Date(), "before_on": pl.Date()},
            orient="row",
        )
        before = [scores.of_day(day) for day in set(recorded.values()) if day is not None]
        return by_record(
            self.flags,
            self.listed_accounts,
            since,
            pl.concat([pl.DataFrame(schema=SCORES_SCHEMA), *before]),
            source=self._source or "",
        )

    @cached_property
    def method_changes(self) -> Mapping[str | None, MethodChange]:
        """The change of method since the last digest, by CSM; without CSMs that have no change or no digest.

        Without recorded days every CSM has the change since yesterday.
        """
        if not self.is_recorded:
            change = method_change(source_of(self._yesterday.risk), self._source)
            return dict.fromkeys(self._csms, change) if change else {}
        scores = self.store.scores
        last = {day: scores.last_day(day) for day in set(self._told_on.values())}
        methods = {day: recorded_method(scores.of_day(on)) for day, on in last.items() if on is not None}
        changes = {csm: method_change(methods.get(day), self._source) for csm, day in self._told_on.items()}
        return {csm: change for csm, change in changes.items() if change is not None}

    @cached_property
    def _csms(self) -> Sequence[str | None]:
        return self.workspace.book.accounts["csm"].unique().to_list()

    @cached_property
    def _told_on(self) -> Mapping[str | None, dt.date]:
        """The date of each CSM's last digest before today."""
        return told_on(self.store.deliveries(), self._csms, today=self.today)

    @property
    def _source(self) -> str | None:
        """The source of the risk as of today; None without accounts."""
        return source_of(self.risk)

    @cached_property
    def remarks(self) -> Sequence[str]:
        """Sentences about the reliability of flags."""
        if not self.is_recorded:
            return [NOTHING_RECORDED]
        found = precision(self.flags, as_of=self.as_of, timezone=self.timezone, source=self.recorded_source)
        return [found.text]

    @cached_property
    def _hidden(self) -> pl.DataFrame:
        """The hidden accounts with the reason, in ``HIDDEN_SCHEMA``."""
        if not self.is_recorded:
            return pl.DataFrame(schema=HIDDEN_SCHEMA)
        return hidden_accounts(self.flags, as_of=self.as_of, timezone=self.timezone)

    @cached_property
    def shown_risk(self) -> pl.DataFrame:
        """``risk`` as every surface shows it: the level gives no hint of a flag held out for comparison.

        Without such flags, now and in the past, it is ``risk`` itself. Flags are not computed then.
        """
        if not self.workspace.settings.model.hold_back and not self.store.scores.any_held_back():
            return self.risk
        rows = self.risk.join(self._hidden, on="account_id", how="left", maintain_order="left")
        return rows.with_columns(level=shown_level()).drop("hidden_because")

    @cached_property
    def overview(self) -> pl.DataFrame:
        """``shown_risk`` with ``hidden_because`` (the reason for hiding an account), the last writers and ``news``."""
        address = pl.lit(self.people["address"])
        writers = last_writers(self.facts, self.as_of).select(
            "account",
            last_inbound_person=address.gather(pl.col("inbound")),
            last_outbound_person=address.gather(pl.col("outbound")),
            last_inbound_at="inbound_at",
        )
        rows = self.shown_risk.join(self._hidden, on="account_id", how="left", maintain_order="left").join(
            writers, on="account", how="left", maintain_order="left"
        )
        return rows.join(self.news, on="account_id", how="left", maintain_order="left")
