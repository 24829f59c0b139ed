"""Snapshots for training and tests: inputs and labels, as they were known at a point in time."""

import dataclasses
import datetime as dt
import enum
from collections.abc import Sequence

import numpy as np
import polars as pl

from mailsignals.accounts.book import numbered_accounts
from mailsignals.clock import local_date
from mailsignals.config import Settings
from mailsignals.risk.quiet import with_chances
from mailsignals.risk.silences import quiet_history, snapshot_instants
from mailsignals.risk.state import JUDGED
from mailsignals.signals.active_days import active_days
from mailsignals.signals.facts import Facts
from mailsignals.training.model_inputs import (
    CHURN_SIGNALS,
    inputs_of_field,
    seen_inputs,
    with_quiet_inputs,
    with_raw,
)
from mailsignals.training.snapshots import (
    CONTRACT_FIELDS,
    SEEN_AT,
    KnownAccounts,
    snapshots,
    weeks_to_learn_from,
)
from models.baselines import FEW_ACTIVE_DAYS, PLAIN_COUNTS, few_active_days, plain_counts
from models.controls import DAYS_SINCE_LAST_MAIL, GRADED_RULE
from models.evaluate import Test
from models.inputs import CONTRACT, MAIL, NO_RENEWAL, tier_input
from models.labels import churn_labels, silence_labels
from models.sample import Flags, Floats, Sample
from models.scorecard import coefficients
from models.train import Recipe
from models.trained_leaving import QUIET_INPUTS

LEAST_KNOWN = 0.5
"""Share of snapshots at which a field must have been known to be an input of models."""
RULES = (DAYS_SINCE_LAST_MAIL, FEW_ACTIVE_DAYS, GRADED_RULE)
"""Columns of the simple rules; higher is riskier."""
QUIET = "quiet"
"""Column of the chance of going quiet, as it was known at the snapshot."""


class Target(enum.StrEnum):
    """Events against which a ranking is evaluated."""

    CHURN = "churn"
    SILENCE = "silence"
    """The account writes nothing for 90 days, which needs no churn dates."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Questions:
    """Labelled snapshots of one target."""

    target: Target
    rows: pl.DataFrame
    """One row per row of the sample: ``account``, ``as_of``, ``state``, ``RULES``, ``QUIET``,
    ``CHURN_SIGNALS``, ``inbound_90``, ``csm``, and ``CONTRACT_FIELDS`` of the account list as they were known then,
    with ``known_FIELD``.
    """
    counts: Floats
    """Inputs of the plain logistic, one row per row of the sample."""
    sample: Sample
    accounts_per_csm: int
    false_alarms: float

    def test(self, asked: Flags) -> Test:
        """Return the chosen rows as the test that figures are computed from."""
        csm = self.rows["csm"].fill_null("").cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)
        today = self.sample.day + self.sample.days_known
        return Test(
            sample=self.sample.take(asked),
            csm=csm[asked],
            csms=len(np.unique(csm[asked])),
            accounts_per_csm=self.accounts_per_csm,
            false_alarms=self.false_alarms,
            known_until=int(today.max(initial=0)),
        )

    def score(self, name: str, asked: Flags) -> Floats:
        """Return a column of the chosen rows as numbers."""
        return self.rows[name].cast(pl.Float64).to_numpy()[asked]


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Dataset:
    """Everything known at a point in time that training and backtests use."""

    as_of: dt.datetime
    churn: Questions
    """Snapshots of accounts that wrote within 90 days, with enough visible mail."""
    silence: Questions
    """Snapshots of accounts that wrote within 90 days."""
    churn_dates: int
    """Number of accounts with a known churn date that is not in the future."""
    recipe: Recipe
    newest: pl.DataFrame
    """One row per account of the newest snapshot: the inputs, and ``raw NAME`` of those that come from mail."""
    tiers: tuple[str, ...]

    @property
    def contract(self) -> bool:
        """Return whether the account list has any facts that a model may use."""
        mail = {*self.recipe.mail, *QUIET_INPUTS}
        return any(name not in mail for name in self.churn.sample.names)

    def without(self, names: Sequence[str]) -> "Dataset":
        """Return the dataset without some inputs."""
        kept = tuple(name for name in self.churn.sample.names if name not in set(names))
        churn = dataclasses.replace(self.churn, sample=self.churn.sample.only(kept))
        return dataclasses.replace(self, churn=churn)


def build_dataset(
    facts: Facts,
    book: pl.DataFrame,
    settings: Settings,
    *,
    as_of: dt.datetime,
    known: KnownAccounts | None = None,
    silences: pl.DataFrame | None = None,
) -> Dataset | None:
    """Return the labelled snapshots as of a date; None until accounts have a past to compare with.

    Args:
        facts: of all accounts.
        book: the rows of the account list; an optional column ``churn_seen_at`` holds the time at which the churn date
            became known.
        settings: states, weights, time zone.
        as_of: later emails and churn dates are ignored.
        known: returns the account list as known at given times; without it, today's list counts as always known.
        silences: the result of ``risk.silences.quiet_history`` for ``as_of``, optionally with further signs; computed
            if left out.
    """
    weeks = weeks_to_learn_from(facts, as_of)
    if not weeks:
        return None
    timezone = settings.company.timezone
    book = _without_later_news(book, as_of)
    months = snapshot_instants(weeks[0], as_of)
    history = silences
    if history is None:
        history = quiet_history(
            active_days(facts, timezone=timezone), departures_of(book), as_of=as_of, timezone=timezone
        )
    heard = with_quiet_inputs(with_chances(history, since=weeks[0], until=as_of))
    rows = snapshots(facts, book, settings, months, heard=heard, known=known) if months else None
    if rows is None or not rows["wrote"].any():
        return None
    weights = settings.risk.weights.model_dump()
    judged = rows.filter(pl.col("wrote") & pl.col("state").is_in((*JUDGED, "not_enough_sight")))
    seen = _with_simple_rules(seen_inputs(judged, settings, settings.tier_names), facts)
    labelled = {
        Target.CHURN: churn_labels(
            seen.filter(pl.col("state").is_in(JUDGED)), as_of=as_of, timezone=timezone
        ),
        Target.SILENCE: silence_labels(seen, as_of=as_of, timezone=timezone),
    }
    mail = tuple(feature.name for feature in MAIL)
    churn = labelled[Target.CHURN]
    names = (*mail, *QUIET_INPUTS, *(_known_facts(churn, settings) if settings.model.contract else ()))
    return Dataset(
        as_of=as_of,
        churn=_questions(Target.CHURN, churn, names, settings),
        silence=_questions(Target.SILENCE, labelled[Target.SILENCE], (*mail, *QUIET_INPUTS), settings),
        churn_dates=book.filter(pl.col("churned_on") <= local_date(as_of, timezone)).height,
        recipe=Recipe(scorecard=coefficients(weights), mail=mail),
        newest=with_raw(seen, judged).filter(pl.col("as_of") == pl.col("as_of").max()),
        tiers=settings.tier_names,
    )


def _questions(
    target: Target, labelled: pl.DataFrame, names: tuple[str, ...], settings: Settings
) -> Questions:
    kept = [
        "account",
        "as_of",
        "state",
        *RULES,
        QUIET,
        CHURN_SIGNALS,
        "inbound_90",
        "csm",
        *CONTRACT_FIELDS,
    ]
    kept += [f"known_{field}" for field in CONTRACT_FIELDS]
    return Questions(
        target=target,
        # States use the start date of today's list, models the one that was known then.
        rows=labelled.with_columns(started_on="tenure_from").select(kept),
        sample=Sample.of(labelled, names),
        counts=labelled.select(PLAIN_COUNTS).to_numpy(),
        accounts_per_csm=settings.risk.accounts_per_csm,
        false_alarms=settings.model.false_alarms_per_csm_month,
    )


def _with_simple_rules(rows: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Return the rows with ``FEW_ACTIVE_DAYS`` and the ``PLAIN_COUNTS``."""
    touches = facts.touches.select("account", "sent_at", "outbound", "person").collect()
    few = pl.Series(FEW_ACTIVE_DAYS, few_active_days(touches, rows))
    return rows.with_columns(few, *plain_counts(touches, rows).get_columns())


def _without_later_news(book: pl.DataFrame, as_of: dt.datetime) -> pl.DataFrame:
    """Return the account list without the churn dates that became known later."""
    if SEEN_AT not in book.columns:
        return book
    known = pl.col(SEEN_AT).is_null() | (pl.col(SEEN_AT) <= as_of)
    return book.with_columns(churned_on=pl.when(known).then("churned_on"))


def departures_of(book: pl.DataFrame) -> pl.DataFrame:
    """Return ``account`` and ``churned_on`` of the rows of an account list, in its order."""
    return numbered_accounts(book, ["churned_on"])


def _known_facts(labelled: pl.DataFrame, settings: Settings) -> tuple[str, ...]:
    """Return the inputs from contracts that differ between accounts and whose past is known at most snapshots."""
    contract = (*(feature.name for feature in CONTRACT), NO_RENEWAL)
    names = [*contract, *(tier_input(tier) for tier in settings.tier_names)]
    past = [
        field
        for field in CONTRACT_FIELDS
        if int(labelled[f"known_{field}"].sum()) >= LEAST_KNOWN * labelled.height
    ]
    with_past = {name for field in past for name in inputs_of_field(field, settings.tier_names)}
    distinct = labelled.select(pl.col(names).drop_nulls().n_unique())
    return tuple(name for name in names if name in with_past and distinct[name].item() > 1)
