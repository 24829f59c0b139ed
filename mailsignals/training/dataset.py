"""What models learn from and are asked about: snapshots, inputs and labels, as they were known at an instant."""

import dataclasses
import datetime as dt
import enum
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from mailsignals.config import Settings
from mailsignals.signals.facts import Facts
from mailsignals.training.snapshots import KnownAccounts, snapshots, weeks_to_learn_from
from models.calibration import CHURN_INTERVALS, WHOLE_HORIZON
from models.controls import DAYS_SINCE_LAST_MAIL, GRADED_RULE, controls
from models.evaluate import Test
from models.inputs import CONTRACT, MAIL, NO_RENEWAL, inputs, tier_input, unstandardised
from models.labels import churn_labels, silence_labels
from models.sample import Flags, Sample
from models.scorecard import coefficients
from models.train import Recipe

RAW = "raw "


class Target(enum.StrEnum):
    """The events that a model can predict."""

    CHURN = "churn"
    SILENCE = "silence"
    """The account writes nothing for 90 days: a stand-in where nobody is known to have left."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Dataset:
    """Labelled snapshots of the accounts that could be judged, and what all fits on them have in common."""

    target: Target
    as_of: dt.datetime
    rows: pl.DataFrame
    """One row for each of the sample: the controls, ``tier``, ``csm``, ``inbound_90``."""
    sample: Sample
    recipe: Recipe
    newest: pl.DataFrame
    """The newest snapshot's accounts: the inputs, and ``raw NAME`` of those that come from mail."""
    tiers: tuple[str, ...]

    @property
    def contract(self) -> bool:
        """Return whether the account list has any facts that a model may use."""
        return len(self.recipe.mail) < len(self.sample.names)

    def test(self, asked: Flags, settings: Settings) -> Test:
        """Some of the rows, as figures need them."""
        csm = self.rows["csm"].fill_null("").cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)
        today = self.sample.day + self.sample.days_known
        return Test(
            sample=self.sample.take(asked),
            csm=csm[asked],
            csms=len(np.unique(csm[asked])),
            accounts_per_csm=settings.risk.accounts_per_csm,
            false_alarms=settings.model.false_alarms_per_csm_month,
            known_until=int(today.max(initial=0)),
        )


def build_dataset(
    facts: Facts,
    book: pl.DataFrame,
    settings: Settings,
    *,
    as_of: dt.datetime,
    target: Target,
    known: KnownAccounts | None = None,
) -> Dataset | None:
    """Everything known at an instant that models can learn from; none before there is a past to compare with.

    Args:
        facts: of all accounts.
        book: the account book's rows.
        settings: states, weights, time zone.
        as_of: nothing later is used, no mail and no departure.
        target: what is to be predicted.
        known: the account book as it was known at instants; None: as it is.
    """
    weeks = weeks_to_learn_from(facts, as_of)
    if not weeks:
        return None
    judged = snapshots(facts, book, settings, weeks, known=known).filter(pl.col("state") == "scored")
    weights = settings.risk.weights.model_dump()
    seen = seen_inputs(judged, weights, settings.tier_names)
    label = churn_labels if target is Target.CHURN else silence_labels
    labelled = label(seen, as_of=as_of, timezone=settings.company.timezone)
    mail = tuple(feature.name for feature in MAIL)
    facts_known = _known_facts(labelled, settings) if settings.model.contract else ()
    return Dataset(
        target=target,
        as_of=as_of,
        rows=labelled.select(DAYS_SINCE_LAST_MAIL, GRADED_RULE, "tier", "csm", "inbound_90"),
        sample=Sample.of(labelled, (*mail, *facts_known)),
        recipe=Recipe(
            scorecard=coefficients(weights),
            mail=mail,
            days=CHURN_INTERVALS if target is Target.CHURN else WHOLE_HORIZON,
        ),
        newest=with_raw(seen, judged).filter(pl.col("as_of") == pl.col("as_of").max()),
        tiers=settings.tier_names,
    )


def seen_inputs(judged: pl.DataFrame, weights: Mapping[str, float], tiers: Sequence[str]) -> pl.DataFrame:
    """The inputs of every model and the controls, beside the columns of the snapshots, in their order."""
    found = inputs(judged, weights, tiers)
    # Some inputs have the names of sums that the controls read.
    return judged.with_columns(controls()).with_columns(found.drop("account", "as_of").get_columns())


def with_raw(seen: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    """With ``raw NAME`` for each input that comes from mail; ``judged`` are the same rows before ``seen_inputs``."""
    return seen.with_columns(unstandardised(judged).select(pl.all().name.prefix(RAW)).get_columns())


def _known_facts(labelled: pl.DataFrame, settings: Settings) -> tuple[str, ...]:
    """The facts of the contract that differ between accounts."""
    contract = (*(feature.name for feature in CONTRACT), NO_RENEWAL)
    names = [*contract, *(tier_input(tier) for tier in settings.tier_names)]
    distinct = labelled.select(pl.col(names).drop_nulls().n_unique())
    return tuple(name for name in names if distinct[name].item() > 1)
