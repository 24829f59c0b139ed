"""What learning is worth: ``python -m benchmarks.learnt [--worlds calm/mid,mixed/mid] [--sizes 300,1000] [--draws 2]``.

Models learn from one company and are asked about other companies of the same world at later weeks, so that every
answer is out of account and out of time. Contenders are the model that training would put into use, each kind of
model fitted to the same, and the controls; all are judged by the functions that judge models in earnest.
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

from benchmarks.learnt_report import IN_USE, IN_USE_WITH_CONTRACT, Figures, Round, show, told
from benchmarks.scenarios import BEGIN, CALM, END, SETTINGS, WORLDS, Simulated, World, simulate
from mailsignals.training.backtest import replay_history
from mailsignals.training.dataset import Dataset, Target, build_dataset, seen_inputs
from mailsignals.training.fit import fit_model
from mailsignals.training.snapshots import WEEK, snapshots
from models.alarms import cost_of_alarms, false_alarm_rate, replay, within_budget
from models.artifact import Artifact
from models.controls import DAYS_SINCE_LAST_MAIL, GRADED_RULE
from models.evaluate import SOON_DAYS, Test, random_alarms
from models.inputs import CONTRACT, MAIL, NO_RENEWAL, tier_input
from models.labels import churn_labels
from models.metrics import Ranked, bins_of, brier_skill, calibration_error
from models.sample import Floats, Sample
from models.train import Candidate, CandidateKind, Fitted

LEARNT_AT = BEGIN + 78 * WEEK
ASKED = [LEARNT_AT + week * WEEK for week in range(14)]
"""The last of these is so long before the end that whom an alarm warns of is known."""
PORTFOLIOS, PORTFOLIO = 6, 1_000
FIRST_TEST_SEED = 900
NAMES = (
    *(feature.name for feature in (*MAIL, *CONTRACT)),
    NO_RENEWAL,
    *(tier_input(tier) for tier in SETTINGS.tier_names),
)


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Questions:
    """Snapshots of companies that no model has learnt from."""

    test: Test
    rows: pl.DataFrame
    """The controls."""


def questions(world: World, *, portfolios: int = PORTFOLIOS, accounts: int = PORTFOLIO) -> Questions:
    """Of several companies; what is set against the day is set against the day of its own company."""
    parts = [
        _asked(simulate(world, accounts=accounts, seed=FIRST_TEST_SEED + number), first=number * accounts)
        for number in range(portfolios)
    ]
    labelled = pl.concat(parts)
    csm = labelled["csm"].cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)
    test = Test(
        sample=Sample.of(labelled, NAMES),
        csm=csm,
        csms=len(np.unique(csm)),
        accounts_per_csm=SETTINGS.risk.accounts_per_csm,
        false_alarms=SETTINGS.model.false_alarms_per_csm_month,
        known_until=(END.date() - dt.date(1970, 1, 1)).days,
    )
    return Questions(test=test, rows=labelled.select(GRADED_RULE, DAYS_SINCE_LAST_MAIL, "raw_score"))


def _asked(company: Simulated, *, first: int) -> pl.DataFrame:
    judged = snapshots(company.facts(), company.book, SETTINGS, ASKED).filter(pl.col("state") == "scored")
    seen = seen_inputs(judged, SETTINGS.risk.weights.model_dump(), SETTINGS.tier_names)
    labelled = churn_labels(seen, as_of=END, timezone=SETTINGS.company.timezone)
    return labelled.with_columns(pl.col("account") + pl.lit(first, dtype=pl.UInt32))


def learnt(world: World, *, accounts: int, seed: int) -> Dataset:
    """What is known of a company on the day of learning."""
    company = simulate(world, accounts=accounts, seed=seed)
    found = build_dataset(
        company.facts(LEARNT_AT), company.book, SETTINGS, as_of=LEARNT_AT, target=Target.CHURN
    )
    if found is None:
        raise RuntimeError("the company is too young to learn from")
    return found


def in_use(known: Dataset) -> dict[str, Artifact]:
    """What training would put into use, without and with facts of the contract."""
    mail = dataclasses.replace(known, sample=known.sample.only(known.recipe.mail))
    return {
        name: fit_model(these, replay_history(these, SETTINGS, whole=False), SETTINGS)
        for name, these in ((IN_USE, mail), (IN_USE_WITH_CONTRACT, known))
    }


def fitted(known: Dataset) -> dict[str, Fitted]:
    """Each kind of model, whether or not so few departures would permit it."""
    kinds = [Candidate(kind=kind) for kind in CandidateKind]
    kinds += [Candidate(kind=kind, contract=True) for kind in (CandidateKind.LINEAR, CandidateKind.ADDITIVE)]
    return {one.name: known.recipe.fit(one, known.sample) for one in kinds}


def price(artifact: Artifact, score: Floats, test: Test) -> float:
    """False alarms per CSM and month at the thresholds that training set, which know nothing of the test."""
    board = test.board(score)
    return false_alarm_rate(cost_of_alarms(board, replay(board.score, board.day, artifact.thresholds)[0]))


def figures(score: Floats, test: Test, *, probability: bool) -> Figures:
    """Of one contender: how it ranks, whether its probabilities hold, and what alarms at the budget bring."""
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
    """Each draw of each size in a world; all are asked the same."""
    world = WORLDS[name]
    asked = questions(world)
    controls = {
        column: figures(asked.rows[column].to_numpy(), asked.test, probability=False)
        for column in (GRADED_RULE, DAYS_SINCE_LAST_MAIL, "raw_score")
    }
    for size in sizes:
        for draw in range(draws):
            known = learnt(world, accounts=size, seed=10 * draw + size)
            used, asked_of = in_use(known), asked.test.sample
            models = {name: one.fitted for name, one in used.items()} | fitted(known)
            said = {name: one.probabilities(asked_of)[:, -1] for name, one in models.items()}
            judged = {name: figures(score, asked.test, probability=True) for name, score in said.items()}
            yield Round(
                world=name,
                accounts=size,
                draw=draw,
                departures=known.sample.take(known.sample.mature).churners(),
                test_departures=asked.test.churners,
                base_rate=float(asked_of.event[asked_of.mature].mean()),
                chosen={one: artifact.fitted.candidate.name for one, artifact in used.items()},
                price={one: price(artifact, said[one], asked.test) for one, artifact in used.items()},
                figures={**judged, **controls},
            )


def main() -> None:
    """Print each round as it ends, then means and targets."""
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
