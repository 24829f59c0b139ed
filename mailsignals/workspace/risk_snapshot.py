"""The risk of a company's accounts as of one time: both chances, the model in use, and the track record."""

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from functools import cached_property

import polars as pl

from mailsignals.risk.assess import assess
from mailsignals.risk.back_again import back_again_of, learn_back_again
from mailsignals.risk.card import BrokenCardError, card_text, record_of_card
from mailsignals.risk.predicted import Predicted
from mailsignals.risk.quiet import Band, QuietModel, learn_from_history, quiet_bands, quiet_of
from mailsignals.risk.silences import prior_of, quiet_history
from mailsignals.risk.track_record import LevelRecord, ReplayInputs, track_record
from mailsignals.signals.active_days import active_days
from mailsignals.store.tables.models import JournalEntry
from mailsignals.training.dataset import departures_of
from mailsignals.training.drift import Fit, fit_of
from mailsignals.training.predict import DayInputs, predict_risk
from mailsignals.workspace.mail_snapshot import MailSnapshot
from models.artifact import Artifact
from models.quiet_signs import with_signs

log = logging.getLogger(__name__)


class RiskSnapshot(MailSnapshot):
    """The risk of accounts as of a time, with the models and evidence behind it."""

    @cached_property
    def model(self) -> Artifact | None:
        """The model in use at the as-of time; None without one, or where it is retired.

        Raises:
            UserError: the model cannot be read.
        """
        model_id = self.store.models.in_use(self.as_of)
        return None if model_id is None else self.store.models.read(model_id)

    @cached_property
    def predicted(self) -> Predicted | None:
        """The predictions of the model in use; None without a model."""
        if self.model is None:
            return None
        return predict_risk(self.model, self._day_inputs)

    @property
    def _day_inputs(self) -> DayInputs:
        """The accounts and the mail as inputs of the model in use."""
        return DayInputs(
            facts=self.facts,
            book=self.accounts,
            settings=self.workspace.settings,
            as_of=self.as_of,
            quiet=self.quiet,
            known=self.known_accounts,
        )

    @cached_property
    def active_days(self) -> pl.DataFrame:
        """The days on which each account wrote, as ``signals.active_days.active_days`` returns them."""
        return active_days(self.facts, timezone=self.timezone)

    @property
    def _left(self) -> pl.DataFrame:
        """``account`` and ``churned_on``, as known at the as-of time."""
        return departures_of(self.accounts)

    @cached_property
    def silences(self) -> pl.DataFrame:
        """The accounts on every fourth Monday, with signs of going quiet, and whether they then went quiet.

        ``risk.silences.quiet_history`` with the columns of ``models.quiet_signs.with_signs``.
        """
        found = quiet_history(self.active_days, self._left, as_of=self.as_of, timezone=self.timezone)
        return with_signs(found, self.active_days, self._sign_touches)

    @cached_property
    def _sign_touches(self) -> pl.DataFrame:
        """The touches from which signs of going quiet are counted."""
        return self.facts.touches.select("account", "sent_at", "outbound", "person").collect()

    @cached_property
    def quiet_model(self) -> QuietModel:
        """The model of going quiet, calibrated by the company's own silences until the as-of time."""
        prior = prior_of(self.active_days, as_of=self.as_of, timezone=self.timezone)
        return learn_from_history(self.silences, prior=prior, as_of=self.as_of)

    @cached_property
    def quiet_bands(self) -> Sequence[Band]:
        """The calibration of the chance to go quiet by band, over two years until the as-of time."""
        return quiet_bands(self.silences, as_of=self.as_of)

    @cached_property
    def quiet(self) -> pl.DataFrame:
        """The chance of going quiet, or of writing again once quiet, per account that ever wrote.

        As ``risk.quiet.quiet_of`` returns it, with ``back_again`` of ``risk.back_again.back_again_of``.
        """
        found = quiet_of(
            self.active_days,
            self.quiet_model,
            as_of=self.as_of,
            timezone=self.timezone,
            touches=self._sign_touches,
        )
        bands = learn_back_again(self.active_days, self._left, as_of=self.as_of, timezone=self.timezone)
        return found.with_columns(back_again_of(found, bands))

    @cached_property
    def risk(self) -> pl.DataFrame:
        """The outlook and risk of every account, in the order of lists, as ``risk.assess.assess`` returns them."""
        return assess(
            self.facts,
            self.accounts,
            self.people,
            self.workspace.settings,
            as_of=self.as_of,
            quiet=self.quiet,
            predicted=self.predicted,
            names=self.workspace.names,
        )

    @cached_property
    def track_record(self) -> Sequence[LevelRecord]:
        """The outcomes of each risk level, as recorded for the day, or else computed.

        Empty where a model sets the order: it has other levels, and its model card has their test results.
        """
        if self.predicted is not None and self.predicted.sets_order:
            return ()
        kept = self.store.risk_cards.of_day(self.today, by=self.as_of)
        try:
            record = None if kept is None else record_of_card(kept)
        except BrokenCardError as error:
            log.warning("computed_again", extra={"reason": str(error)})
            record = None
        return record if record is not None else self._replayed_record

    @cached_property
    def _replayed_record(self) -> Sequence[LevelRecord]:
        given = ReplayInputs(
            facts=self.facts,
            accounts=self.accounts,
            silences=self.silences,
            settings=self.workspace.settings,
        )
        return track_record(given, as_of=self.as_of)

    @property
    def risk_card(self) -> str:
        """The calibration and the track record of the day as a text to store, from ``risk.card.card_text``."""
        return card_text(self.quiet_model, self.quiet_bands, self._replayed_record)

    @cached_property
    def fit(self) -> Fit | None:
        """The drift of accounts since the model in use was trained; None without a model."""
        if self.model is None:
            return None
        return fit_of(self.model, self._day_inputs, silences=self.silences)

    @cached_property
    def models_trained_as_of(self) -> Mapping[str, dt.datetime | None]:
        """The time as of which each model was trained, by its id; None for a model that cannot be read."""
        return self.store.models.trained_as_of()

    @cached_property
    def models_retired(self) -> Mapping[str, str]:
        """The reasons why models are retired, as sentences by model id."""
        return self.store.models.retired()

    @cached_property
    def retired_model(self) -> str | None:
        """The id of the retired model that would be in use at the as-of time; None without one."""
        return self.store.models.retired_in_use(self.as_of)

    @cached_property
    def model_card(self) -> str:
        """The card of the model in use, as Markdown; empty without a model."""
        return "" if self.model is None else self.store.models.card(self.model.id)

    @cached_property
    def model_journal(self) -> Sequence[JournalEntry]:
        """The journal of models put into use, the oldest entry first."""
        return self.store.models.journal()
