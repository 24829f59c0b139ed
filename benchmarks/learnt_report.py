"""Report of the gain of training: means over draws, and targets."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from rich.console import Console
from rich.table import Table

Figures = Mapping[str, float]

SHOWN = {
    "roc_auc": "ROC-AUC",
    "pr_auc": "PR-AUC",
    "lift_10": "lift 10 %",
    "roc_auc_31_90": "AUC 31-90",
    "brier_skill": "Brier skill",
    "calibration_error": "ECE",
    "recall": "recall",
    "random_recall": "random",
    "lead_days": "lead days",
    "random_lead_days": "random",
}
IN_USE, IN_USE_WITH_CONTRACT, SCORECARD = "in use", "in use with contract", "scorecard"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Round:
    """Figures of all contenders after training on one company."""

    world: str
    accounts: int
    draw: int
    departures: int
    """Number of churned accounts known on the day of training."""
    test_departures: int
    base_rate: float
    chosen: Mapping[str, str]
    """Candidates put into use, without and with facts of the contract."""
    figures: Mapping[str, Figures]
    """Figures by contender."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cell:
    """Rounds of one world and size."""

    rounds: Sequence[Round]

    @property
    def name(self) -> str:
        """Return the name in tables."""
        return f"{self.rounds[0].world}, {self.rounds[0].accounts:,} accounts"

    def mean(self, contender: str, figure: str) -> float:
        """Return the mean over draws with the figure."""
        values = [one.figures[contender][figure] for one in self.rounds]
        known = [value for value in values if np.isfinite(value)]
        return float(np.mean(known)) if known else float("nan")

    def worst_gain(self, contender: str, over: str, figure: str) -> float:
        """Return the smallest gain of one contender over another in any draw."""
        return min(one.figures[contender][figure] - one.figures[over][figure] for one in self.rounds)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Claim:
    """A target and the measured figure."""

    text: str
    found: float
    bound: float
    at_most: bool = False

    @property
    def met(self) -> bool:
        """Return whether the target is met; false for nan."""
        return self.found <= self.bound if self.at_most else self.found >= self.bound


def cells(rounds: Sequence[Round]) -> list[Cell]:
    """Return the rounds by world and size, in their order."""
    keys = dict.fromkeys((one.world, one.accounts) for one in rounds)
    return [Cell(rounds=[one for one in rounds if (one.world, one.accounts) == key]) for key in keys]


def claims(cell: Cell) -> Iterator[Claim]:
    """Yield the targets for the world and size of a cell."""
    world, accounts = cell.rounds[0].world, cell.rounds[0].accounts
    scorecard, in_use = cell.mean(SCORECARD, "pr_auc"), cell.mean(IN_USE, "pr_auc")
    yield Claim(
        text="PR-AUC of the scorecard, times that of the graded rule",
        found=scorecard / cell.mean("graded rule", "pr_auc"),
        bound=1.5,
    )
    yield Claim(
        text="PR-AUC of the scorecard, times that of days since last mail",
        found=scorecard / cell.mean("days since last mail", "pr_auc"),
        bound=2.0,
    )
    yield Claim(
        text="AUC in use less the scorecard's, worst draw",
        found=cell.worst_gain(IN_USE, SCORECARD, "roc_auc"),
        bound=-0.01,
    )
    yield Claim(text="Brier skill in use", found=cell.mean(IN_USE, "brier_skill"), bound=0.0)
    if accounts >= 1000:
        bound = 2.0 if world == "calm/angry" else 1.2 if accounts >= 4000 else 1.0
        yield Claim(text="PR-AUC in use, times the scorecard's", found=in_use / scorecard, bound=bound)
    if accounts >= 300:
        yield Claim(
            text="calibration error in use",
            found=cell.mean(IN_USE, "calibration_error"),
            bound=0.010 if accounts < 1000 else 0.007,
            at_most=True,
        )
    yield Claim(
        text="AUC 1-90 less AUC 31-90 in use",
        found=cell.mean(IN_USE, "roc_auc") - cell.mean(IN_USE, "roc_auc_31_90"),
        bound=0.03,
        at_most=True,
    )
    yield Claim(
        text="recall in use, times that of random alarms",
        found=cell.mean(IN_USE, "recall") / cell.mean(IN_USE, "random_recall"),
        bound=5.0 if world == "calm/strong" else 2.0,
    )
    yield Claim(text="median lead in use, days", found=cell.mean(IN_USE, "lead_days"), bound=45.0)
    yield Claim(
        text="AUC that facts of the contract add to the chance of churn",
        found=cell.mean("leaving with contract", "roc_auc") - cell.mean("leaving", "roc_auc"),
        bound=0.05,
    )


def told(one: Round) -> str:
    """Return a round as one line of text."""
    brief = ", ".join(
        f"{name} {figures['roc_auc']:.3f}/{figures['pr_auc']:.3f}" for name, figures in one.figures.items()
    )
    return (
        f"{one.world} {one.accounts} #{one.draw}: {one.departures} churned accounts, "
        f"{' / '.join(one.chosen.values())} in use; {brief}"
    )


def show(rounds: Sequence[Round], console: Console) -> None:
    """Print the means and the targets."""
    found = cells(rounds)
    for cell in found:
        console.print(_figures(cell))
    console.print(_targets(found))


def _figures(cell: Cell) -> Table:
    first = cell.rounds[0]
    departures = ", ".join(f"{one.departures}" for one in cell.rounds)
    used = ", ".join(" / ".join(one.chosen.values()) for one in cell.rounds)
    table = Table(
        "",
        title=f"{cell.name}: {departures} known churned accounts; in use, without / with contract: {used}; "
        f"{first.test_departures} churned accounts to predict, base rate {first.base_rate:.1%}",
        title_justify="left",
    )
    for heading in SHOWN.values():
        table.add_column(heading, justify="right")
    for contender in first.figures:
        table.add_row(contender, *(_number(cell.mean(contender, figure), figure) for figure in SHOWN))
    return table


def _targets(found: Sequence[Cell]) -> Table:
    table = Table("", "target", title="Targets", title_justify="left")
    for heading in ("found", "wanted", ""):
        table.add_column(heading, justify="right")
    for cell in found:
        for claim in claims(cell):
            wanted = f"{'at most' if claim.at_most else 'at least'} {claim.bound:g}"
            table.add_row(
                cell.name, claim.text, f"{claim.found:.3f}", wanted, "met" if claim.met else "missed"
            )
    return table


def _number(value: float, figure: str) -> str:
    if not np.isfinite(value):
        return ""
    return (
        f"{value:.0f}"
        if figure.endswith("days")
        else f"{value:.2f}"
        if figure == "lift_10"
        else f"{value:.3f}"
    )
