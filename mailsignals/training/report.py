"""The backtest as one HTML page that needs nothing from elsewhere, and as JSON."""

import dataclasses
import json
from collections.abc import Mapping, Sequence

import polars as pl

from mailsignals.training.backtest import Backtest
from mailsignals.training.dataset import Target
from mailsignals.training.plots import CalendarChart, Curve, PlotBars, calendar, plot_bars, plot_curve
from mailsignals.training.timelines import alarms, departures
from mailsignals.training.verdict import LEFT, alarms_a_month, beforehand, verdict
from mailsignals.wording.templates import environment
from models.bootstrap import UNKNOWN, Estimate
from models.card import FIGURES
from models.evaluate import LEAST_TEST_CHURNERS

RANDOM = "random alarms"


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReportPage:
    """The values that the template prints; only the first three if the history could not be judged."""

    title: str
    verdict: str
    left: str
    basis: str = ""
    """What was asked, of how many, when."""
    caution: str = ""
    """What no figure below can say."""
    columns: Sequence[str] = ()
    rows: Sequence[tuple[str, Sequence[tuple[str, str]]]] = ()
    """A figure and what each contender has of it, with its interval; a dash where there is no such thing."""
    slices: Sequence[tuple[str, str, str, str]] = ()
    steps: Sequence[str] = ()
    ranking: PlotBars | None = None
    recall: PlotBars | None = None
    calibration: Curve | None = None
    budgets: Curve | None = None
    calendar: CalendarChart | None = None
    departures: Sequence[tuple[str, str, str, str]] = ()
    alarms: Sequence[tuple[str, str, str, str]] = ()


def document(judgement: Backtest | None, target: Target, book: pl.DataFrame, *, as_of: str) -> str:
    """The report as JSON: the verdict in words, all figures with intervals, every alarm and every departure."""
    found = {
        "as_of": as_of,
        "target": target.value,
        "verdict": verdict(judgement, target),
        "judgement": judgement.to_json() if judgement else None,
        "alarms": _plain(alarms(judgement, book)) if judgement else [],
        "departures": _plain(departures(judgement, book)) if judgement else [],
    }
    return json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def report_html(
    judgement: Backtest | None, target: Target, book: pl.DataFrame, *, company: str, as_of: str
) -> str:
    """The report as one page; every name in it is escaped."""
    templates = environment("mailsignals.training")
    page = _page(judgement, target, book, title=f"{company}: would it have warned us? {as_of}")
    return templates.get_template("backtest.html.j2").render(page=page)


def _page(judgement: Backtest | None, target: Target, book: pl.DataFrame, *, title: str) -> ReportPage:
    if judgement is None:
        return ReportPage(title=title, verdict=verdict(judgement, target), left=LEFT[target])
    chosen = judgement.verdicts[judgement.chosen]
    told, warned = departures(judgement, book), alarms(judgement, book)
    return ReportPage(
        title=title,
        verdict=verdict(judgement, target),
        basis=_basis(judgement, target),
        caution=_caution(judgement),
        columns=[*judgement.verdicts, RANDOM],
        rows=_rows(judgement),
        slices=[
            (name, f"{figures['events'].value:.0f}", str(figures["roc_auc"]), str(figures["pr_auc"]))
            for name, figures in judgement.slices.items()
        ],
        steps=[_step(step.challenger, step.holder, step.better, wins=step.wins) for step in judgement.steps]
        + [
            f"{judgement.chosen} against {control}: {_gains(better)}."
            for control, better in judgement.against.items()
        ],
        ranking=_ranking(judgement),
        recall=_recall(judgement),
        calibration=plot_curve(
            f"Said and came: {judgement.chosen}",
            [(mean, share) for mean, share, _ in chosen.reliability],
            labels=("probability said", f"share that {LEFT[target]}"),
            diagonal=True,
            percent=True,
        ),
        budgets=plot_curve(
            "What more false alarms would buy",
            [(budget, recall) for budget, recall, _ in judgement.curve],
            labels=("false alarms per CSM and month", "warned of"),
            diagonal=False,
            percent=False,
        ),
        calendar=calendar(f"Alarms by month, and below the line who {LEFT[target]}", warned, told),
        left=LEFT[target],
        departures=[
            (str(row["name"]), str(row["left_on"]), str(row["warned_on"]), str(row["lead"]))
            for row in told.with_columns(
                pl.col("warned_on").cast(pl.String).fill_null("never"),
                lead=pl.format("{} days", pl.col("lead_days").cast(pl.Int64)).fill_null(""),
            ).iter_rows(named=True)
        ],
        alarms=[
            (row["name"], str(row["opened_on"]), f"{100 * row['risk']:.0f} %", row["outcome"])
            for row in warned.iter_rows(named=True)
        ],
    )


def _basis(judgement: Backtest, target: Target) -> str:
    found = judgement.to_json()
    origins = found["origins"]
    fitted = (
        f"once, on {origins[0]}"
        if len(origins) == 1
        else f"{len(origins)} times, {origins[0]} to {origins[-1]}"
    )
    return (
        f"Models were fitted {fitted}, each time to what was known then, and asked about the weeks until the next "
        f"time, of accounts that they had not seen. {found['rows']:,} answers about {found['accounts']:,} accounts "
        f"can be checked; {found['events']:,} of these accounts {LEFT[target]} within 90 days of one "
        f"({100 * found['base_rate']:.1f} % of the answers). CSMs: {found['csms']}. "
        "Intervals hold 90 % of draws of accounts."
    )


def _caution(judgement: Backtest) -> str:
    few = (
        f" With under {LEAST_TEST_CHURNERS} departures, models were not ranked."
        if judgement.test.churners < LEAST_TEST_CHURNERS
        else ""
    )
    return (
        "Alarm thresholds were set on the same weeks on which they are judged, for every contender alike, which "
        f"flatters all a little. {beforehand(judgement)}Nobody acted on these alarms: what a call would have changed, "
        f"history cannot say.{few}"
    )


def _rows(judgement: Backtest) -> list[tuple[str, list[tuple[str, str]]]]:
    columns = [*(verdict.figures for verdict in judgement.verdicts.values()), judgement.random]
    return [
        (words, [_cell(figures.get(name, UNKNOWN)) for figures in columns]) for name, words in FIGURES.items()
    ]


def _cell(figure: Estimate) -> tuple[str, str]:
    value, _, interval = str(figure).partition(" (")
    return ("-", "") if value == "unknown" else (value, interval.removesuffix(")"))


def _ranking(judgement: Backtest) -> PlotBars:
    mature = judgement.test.sample.take(judgement.test.sample.mature)
    return plot_bars(
        "PR-AUC: how well each ranks",
        [(name, one.figures["pr_auc"]) for name, one in judgement.verdicts.items()],
        rule=float(mature.event.mean()) if len(mature) else None,
        rule_label="chance",
    )


def _recall(judgement: Backtest) -> PlotBars:
    figures = [(name, one.figures["recall_at_budget"]) for name, one in judgement.verdicts.items()]
    return plot_bars(
        f"Share warned of, at {alarms_a_month(judgement.test.false_alarms)}",
        [*figures, (RANDOM, judgement.random["recall_at_budget"])],
    )


def _step(challenger: str, holder: str, better: Mapping[str, Estimate], *, wins: bool) -> str:
    outcome = "takes over" if wins else "does not take over"
    return f"{challenger} against {holder}: {_gains(better)}; {outcome}."


def _gains(better: Mapping[str, Estimate]) -> str:
    return ", ".join(
        f"{FIGURES[name]} {gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})"
        for name, gain in better.items()
    )


def _plain(frame: pl.DataFrame) -> list[dict[str, object]]:
    return frame.with_columns(pl.selectors.date().cast(pl.String)).to_dicts()
