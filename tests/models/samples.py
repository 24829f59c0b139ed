"""Invented companies as a model sees them: labelled snapshots whose risk follows from known inputs."""

import numpy as np

from models.inputs import MAIL
from models.sample import Sample, folds
from models.scorecard import coefficients
from models.train import Recipe
from models.trained_leaving import QUIET_INPUTS

WEEKS = 70
MAIL_NAMES = tuple(feature.name for feature in MAIL)
SCORECARD = coefficients({"activity": 2.0, "response": 2.0, "breadth": 1.0, "friction": 1.0, "ours": 0.5})
RECIPE = Recipe(scorecard=SCORECARD, mail=MAIL_NAMES)
NAMES = (*MAIL_NAMES, *QUIET_INPUTS)


def company(
    accounts: int,
    *,
    seed: int = 0,
    strength: float = 1.5,
    driver: str = "scorecard",
    weeks: int = WEEKS,
    base: float = 0.0025,
) -> Sample:
    """Accounts whose inputs wander; who leaves, and when, follows from ``driver``: the scorecard, or one input."""
    rng = np.random.default_rng(seed)
    level = rng.normal(size=(accounts, len(NAMES)))
    inputs = np.empty((accounts, weeks, len(NAMES)))
    for week in range(weeks):
        level = 0.9 * level + np.sqrt(1 - 0.81) * rng.normal(size=level.shape)
        inputs[:, week] = level
    weights = np.array([SCORECARD.get(name, 0.0) for name in NAMES])
    score = inputs @ weights
    risk = score / score.std() if driver == "scorecard" else inputs[:, :, NAMES.index(driver)]
    hazard = base * np.exp(strength * risk - strength**2 / 2)
    leaves = rng.random((accounts, weeks)) < hazard
    last = np.where(leaves.any(axis=1), leaves.argmax(axis=1), weeks + 10_000)
    account, at = (grid.ravel() for grid in np.meshgrid(range(accounts), range(weeks), indexing="ij"))
    until = 7 * (last[account] - at) + 3
    there = until > 0
    end = 7 * weeks
    known = np.where(until > end - 7 * at, np.inf, until).astype(np.float64)
    return Sample(
        names=NAMES,
        inputs=inputs.reshape(-1, len(NAMES)),
        score=score.ravel(),
        account=account,
        fold=folds(account, np.isfinite(known)),
        day=7 * at,
        days_known=(end - 7 * at).astype(np.float64),
        days_to_event=known,
        days_to_sight=known,
    ).take(there)
