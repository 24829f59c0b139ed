"""All that is known of a company at one instant, each part computed when it is first asked for, and once."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property

import polars as pl

from mailsignals.flags.flags import HIDDEN_SCHEMA, flags, hidden_accounts
from mailsignals.flags.holdout import SECRET
from mailsignals.flags.news import by_levels, by_record, told_on
from mailsignals.flags.outcomes import precision
from mailsignals.flags.record import day_of, with_draws
from mailsignals.risk.assess import assess
from mailsignals.risk.predicted import Predicted
from mailsignals.signals.evidence import last_writers
from mailsignals.store.tables.models import JournalEntry
from mailsignals.store.tables.scores import SCORES_SCHEMA
from mailsignals.training.drift import Fit, fit_of
from mailsignals.training.predict import predict_risk
from mailsignals.workspace.mail_snapshot import MailSnapshot
from models.artifact import Artifact

A_DAY = dt.timedelta(days=1)

NOTHING_RECORDED = (
    "No scores are recorded, so this compares with the day before alone: `mailsignals flag record`, once a day, keeps "
    "since when an account is at risk, and how often that was right."
)


class Snapshot(MailSnapshot):
    """A company at an instant: its mail, the risk of its accounts, their flags, and what is new in them."""

    # --- risk -------------------------------------------------------------------------------------

    @cached_property
    def model(self) -> Artifact | None:
        """The model in use at the instant; None where the scorecard decides.

        Raises:
            UserError: the model cannot be read.
        """
        model_id = self.store.models.in_use(self.as_of)
        return None if model_id is None else self.store.models.read(model_id)

    @cached_property
    def predicted(self) -> Predicted | None:
        """The answers of the model in use, of which there may be none."""
        if self.model is None:
            return None
        return predict_risk(
            self.model,
            self.facts,
            self.accounts,
            self.workspace.settings,
            as_of=self.as_of,
            known=self.known_accounts,
        )

    @cached_property
    def risk(self) -> pl.DataFrame:
        """The outlook and risk of every account, as ``risk.assess.assess`` returns them, the riskiest first."""
        return assess(
            self.facts,
            self.accounts,
            self.people,
            self.workspace.settings,
            as_of=self.as_of,
            predicted=self.predicted,
        )

    @cached_property
    def fit(self) -> Fit | None:
        """The drift of accounts since the model in use was trained; None without a model."""
        if self.model is None:
            return None
        return fit_of(
            self.model,
            self.facts,
            self.accounts,
            self.workspace.settings,
            as_of=self.as_of,
            known=self.known_accounts,
        )

    @cached_property
    def models_trained_as_of(self) -> Mapping[str, dt.datetime | None]:
        """The ids of all models, and until when each knows what happened; None for one that cannot be read."""
        return self.store.models.trained_as_of()

    @cached_property
    def model_card(self) -> str:
        """The card of the model in use, as Markdown; empty without a model."""
        return "" if self.model is None else self.store.models.card(self.model.id)

    @cached_property
    def model_journal(self) -> Sequence[JournalEntry]:
        """The models that were put into use, in that order."""
        return self.store.models.journal()

    # --- the record, flags, news ------------------------------------------------------------------

    @cached_property
    def is_recorded(self) -> bool:
        """Return whether scores of any day were recorded by the as-of time."""
        return self.store.scores.newest(as_of=self.as_of) is not None

    @cached_property
    def recorded(self) -> pl.DataFrame:
        """All recorded scores, in ``SCORES_SCHEMA``."""
        return self.store.scores.frame()

    @cached_property
    def scores(self) -> pl.DataFrame:
        """``recorded``, and today as it would be recorded."""
        return pl.concat([self.recorded, self.unrecorded])

    @cached_property
    def _recorded_of_flagged(self) -> pl.DataFrame:
        return self.store.scores.of_flagged()

    @cached_property
    def unrecorded(self) -> pl.DataFrame:
        """The day as it would be recorded, in ``SCORES_SCHEMA``; empty if it is, or if no day ever was."""
        newest = self.store.scores.newest(as_of=self.as_of)
        if newest is None or newest[0] >= self.today:
            return pl.DataFrame(schema=SCORES_SCHEMA)
        return with_draws(
            day_of(self.risk, as_of=self.as_of, timezone=self.timezone),
            self._recorded_of_flagged,
            self.feedback,
            self.listed_accounts,
            timezone=self.timezone,
            secret=self.store.secret(SECRET),
            hold_back=self.workspace.settings.model.hold_back,
        )

    @cached_property
    def flags(self) -> pl.DataFrame:
        """All flags, in ``FLAG_SCHEMA``, with the day as it would be recorded; empty where no day was."""
        return self.flags_of(pl.concat([self._recorded_of_flagged, self.unrecorded]))

    @cached_property
    def recorded_flags(self) -> pl.DataFrame:
        """All flags that follow from recorded days alone, in ``FLAG_SCHEMA``."""
        return self.flags_of(self._recorded_of_flagged)

    def flags_of(self, scores: pl.DataFrame) -> pl.DataFrame:
        """Return the flags that follow from some recorded scores (``SCORES_SCHEMA``), in ``FLAG_SCHEMA``."""
        book = self.listed_accounts
        return flags(scores, self.feedback, book, as_of=self.as_of, timezone=self.timezone)

    @cached_property
    def _yesterday(self) -> "Snapshot":
        """The same store a day before, of which nothing is read again that need not be."""
        before = Snapshot(self.workspace, self.store, self.as_of - A_DAY)
        before._all_touches = self._all_touches
        before.account_facts = self.account_facts
        return before

    @cached_property
    def news(self) -> pl.DataFrame:
        """The change of each account since its CSM's last digest, in ``NEWS_SCHEMA``.

        For who never got a digest it is since the last recorded day before today; without recorded days since
        yesterday.
        """
        if not self.is_recorded:
            return by_levels(self.risk, self._yesterday.risk, before_on=self.today - A_DAY)
        scores, csms = self.store.scores, self.listed_accounts["csm"].unique().to_list()
        told = told_on(self.store.deliveries(), csms, today=self.today)
        usual = scores.last_day(self.today - A_DAY) or self.today - A_DAY
        days = {csm: told.get(csm, usual) for csm in csms}
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
        )

    @cached_property
    def remarks(self) -> Sequence[str]:
        """Sentences that say how reliable flags are."""
        if not self.is_recorded:
            return [NOTHING_RECORDED]
        return [precision(self.flags, as_of=self.as_of, timezone=self.timezone).text]

    @cached_property
    def overview(self) -> pl.DataFrame:
        """``risk`` with the last writers by address, ``news``, and ``hidden_because``: why nobody is told of it."""
        address = pl.lit(self.people["address"])
        writers = last_writers(self.facts, self.as_of).select(
            "account",
            last_inbound_person=address.gather(pl.col("inbound")),
            last_outbound_person=address.gather(pl.col("outbound")),
            last_inbound_at="inbound_at",
        )
        hidden = (
            hidden_accounts(self.flags, as_of=self.as_of, timezone=self.timezone)
            if self.is_recorded
            else pl.DataFrame(schema=HIDDEN_SCHEMA)
        )
        rows = self.risk.join(writers, on="account", how="left", maintain_order="left")
        for more in (self.news, hidden):
            rows = rows.join(more, on="account_id", how="left", maintain_order="left")
        return rows
