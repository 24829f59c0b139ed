"""Gain of training: ``python -m benchmarks.learnt [--worlds calm/mid,mixed/mid] [--sizes 300,1000] [--draws 2]``.

Models are trained on one company and tested on other companies of the same world in later weeks, so that every
prediction is out of account and out of time. Contenders are the model that training would put into use, each kind of
model fitted to the same data, and the controls. They are evaluated by the functions of mailsignals.
"""

import argparse
import dataclasses
import datetime as dt
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from rich.console import Console

from benchmarks.first_scorecard import first_scores
from benchmarks.learnt_report import IN_USE, IN_USE_WITH_CONTRACT, SCORECARD, Figures, Round, show, told
from benchmarks.scenarios import BEGIN, CALM, END, SETTINGS, WORLDS, Simulated, World, simulate
from mailsignals.risk.silences import snapshot_instants
from mailsignals.signals.history import history
from mailsignals.training.backtest import replay_history, risk_of
from mailsignals.training.dataset import QUIET, Dataset, build_dataset
from mailsignals.training.fit import fit_model
from mailsignals.training.model_inputs import CHURN_SIGNALS
from mailsignals.training.snapshots import WEEK
from models.alarms import cost_of_alarms, replay, within_budget
from models.artifact import Artifact
from models.baselines import FEW_ACTIVE_DAYS
from models.controls import DAYS_SINCE_LAST_MAIL, GRADED_RULE
from models.evaluate import SOON_DAYS, Test, random_alarms
from models.inputs import CONTRACT, MAIL, NO_RENEWAL, tier_input
from models.metrics import Ranked, bins_of, brier_skill, calibration_error
from models.sample import Floats, Sample
from models.train import Candidate, Fitted
from models.trained_leaving import QUIET_INPUTS

LEARNT_AT = BEGIN + 78 * WEEK
ASKED = snapshot_instants(LEARNT_AT, LEARNT_AT + 13 * WEEK)
"""Times of the test's snapshots; the outcome of alarms is known for all of them."""
PORTFOLIOS, PORTFOLIO = 6, 1_000
FIRST_TEST_SEED = 900
RISK = "risk without churn dates"
RULES = (DAYS_SINCE_LAST_MAIL, FEW_ACTIVE_DAYS, GRADED_RULE)
MAIL_NAMES = (*(feature.name for feature in MAIL), *QUIET_INPUTS)
NAMES = (
    *MAIL_NAMES,
    *(feature.name for feature in CONTRACT),
    NO_RENEWAL,
    *(tier_input(tier) for tier in SETTINGS.tier_names),
)


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Questions:
    """Snapshots of companies outside the training data."""

    test: Test
    rows: pl.DataFrame
    """Scores of the controls: ``RULES``, ``RISK``, and ``SCORECARD`` in its first version."""


def questions(world: World, *, portfolios: int = PORTFOLIOS, accounts: int = PORTFOLIO) -> Questions:
    """Return the test snapshots of several companies, each standardised within its own company and day."""
    parts = [
        _asked(simulate(world, accounts=accounts, seed=FIRST_TEST_SEED + number), first=number * accounts)
        for number in range(portfolios)
    ]
    rows = pl.concat([part[0] for part in parts])
    csm = rows["csm"].cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)
    test = Test(
        sample=Sample(
            names=NAMES,
            **{
                field.name: np.concatenate([getattr(part[1], field.name) for part in parts])
                for field in dataclasses.fields(Sample)
                if field.name != "names"
            },
        ),
        csm=csm,
        csms=len(np.unique(csm)),
        accounts_per_csm=SETTINGS.risk.accounts_per_csm,
        false_alarms=SETTINGS.model.false_alarms_per_csm_month,
        known_until=(END.date() - dt.date(1970, 1, 1)).days,
    )
    return Questions(test=test, rows=rows.select(*RULES, RISK, SCORECARD))


def _asked(company: Simulated, *, first: int) -> tuple[pl.DataFrame, Sample]:
    known = _known(company, END)
    facts = company.facts()
    past = history(facts, ASKED, timezone=SETTINGS.company.timezone)
    judged = past.join(known.churn.rows, on=["account", "as_of"], how="semi")
    scores = first_scores(judged, SETTINGS.risk.weights.model_dump()).select(
        "account", "as_of", pl.col("raw_score").alias(SCORECARD)
    )
    asked = known.churn.rows["as_of"].is_in(ASKED)
    rows = known.churn.rows.filter(asked).join(
        scores, on=["account", "as_of"], how="left", maintain_order="left"
    )
    risk = risk_of(rows[QUIET].to_numpy(), rows[CHURN_SIGNALS].to_numpy())
    sample = known.churn.sample.only(NAMES).take(asked.to_numpy())
    return rows.with_columns(pl.Series(RISK, risk)), dataclasses.replace(
        sample, account=sample.account + first
    )


def learnt(world: World, *, accounts: int, seed: int) -> Dataset:
    """Return the dataset of a company as of the day of training."""
    return _known(simulate(world, accounts=accounts, seed=seed), LEARNT_AT)


def _known(company: Simulated, as_of: dt.datetime) -> Dataset:
    found = build_dataset(
        company.facts(as_of), company.dated_book(), SETTINGS, as_of=as_of, known=company.known_accounts
    )
    if found is None:
        raise RuntimeError("The company is too young for training.")
    return found


def in_use(known: Dataset) -> dict[str, Artifact]:
    """Return the models that training would put into use, without and with facts of the contract."""
    mail = known.without([name for name in known.churn.sample.names if name not in MAIL_NAMES])
    return {
        name: fit_model(these, replay_history(these, whole=False, silence=False), SETTINGS)
        for name, these in ((IN_USE, mail), (IN_USE_WITH_CONTRACT, known))
    }


def fitted(known: Dataset) -> dict[str, Fitted]:
    """Return each candidate fitted to the data, even with too few churned accounts for its use."""
    candidates = [Candidate(), Candidate(contract=True)]
    return {one.name: known.recipe.fit(one, known.churn.sample) for one in candidates}


def figures(score: Floats, test: Test, *, probability: bool) -> Figures:
    """Return the figures of one contender: ranking, calibration, and alarms at the budget."""
    mature = test.sample.mature
    rows, shown = test.sample.take(mature), score[mature]
    ones = np.ones(len(rows))
    ranked = Ranked(shown, rows.event)
    later = ~(rows.days_to_event <= SOON_DAYS)
    board = test.board(score)
    paid = cost_of_alarms(
        board, replay(board.score, board.day, within_budget(board, false_alarms=test.false_alarms))[0]
    )
    chance = random_alarms(test, alarms=float(paid.alarms.sum()))
    return {
        "roc_auc": ranked.roc_auc(ones),
        "pr_auc": ranked.pr_auc(ones),
        "lift_10": ranked.lift(ones),
        "roc_auc_31_90": Ranked(shown[later], rows.event[later]).roc_auc(ones[later]),
        "brier_skill": brier_skill(shown, rows.event, ones) if probability else np.nan,
        "calibration_error": calibration_error(shown, rows.event, ones, bins_of(shown))
        if probability
        else np.nan,
        "recall": float(paid.caught.sum() / paid.churned.sum()),
        "lead_days": float(np.nanmedian(paid.lead_days)) if paid.caught.any() else np.nan,
        "random_recall": chance["recall_at_budget"].value,
        "random_lead_days": chance["lead_days_median"].value,
    }


def rounds(name: str, sizes: Sequence[int], draws: int) -> Iterator[Round]:
    """Yield the round of each draw and size in a world; all have the same test."""
    world = WORLDS[name]
    asked = questions(world)
    controls = {
        column: figures(asked.rows[column].to_numpy(), asked.test, probability=False)
        for column in (*RULES, RISK, SCORECARD)
    }
    for size in sizes:
        for draw in range(draws):
            known = learnt(world, accounts=size, seed=10 * draw + size)
            used, asked_of = in_use(known), asked.test.sample
            models = {name: one.fitted for name, one in used.items()} | fitted(known)
            said = {name: one.probabilities(asked_of) for name, one in models.items()}
            judged = {name: figures(score, asked.test, probability=True) for name, score in said.items()}
            yield Round(
                world=name,
                accounts=size,
                draw=draw,
                departures=known.churn.sample.take(known.churn.sample.mature).churners(),
                test_departures=asked.test.churners,
                base_rate=float(asked_of.event[asked_of.mature].mean()),
                chosen={one: artifact.fitted.candidate.name for one, artifact in used.items()},
                figures={**judged, **controls},
            )


def main() -> None:
    """Run the benchmark: print each round as it ends, then means and targets."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learnt", description="Measure learning.")
    parser.add_argument("--worlds", default=",".join(CALM), help="%(default)s if left out")
    parser.add_argument("--sizes", default="300,1000", help="accounts to learn from; %(default)s if left out")
    parser.add_argument(
        "--draws", type=int, default=2, help="companies of each size; %(default)s if left out"
    )
    parser.add_argument("--output", type=Path, help="a JSON file for all figures")
    chosen = parser.parse_args()
    console, progress = Console(width=170), Console(stderr=True, width=170)
    found = []
    for world in chosen.worlds.split(","):
        for one in rounds(world, [int(size) for size in chosen.sizes.split(",")], chosen.draws):
            progress.print(told(one))
            found.append(one)
    show(found, console)
    if chosen.output:
        text = json.dumps([dataclasses.asdict(one) for one in found], indent=1)
        chosen.output.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
