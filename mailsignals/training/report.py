"""Backtest report, as one self-contained HTML page and as JSON."""

import dataclasses
import json
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from mailsignals.training.backtest import Backtest
from mailsignals.training.dataset import Target
from mailsignals.training.judgement import Judgement
from mailsignals.training.known_then import FieldThen
from mailsignals.training.leaks import Leak
from mailsignals.training.plots import CalendarChart, Curve, PlotBars, calendar, plot_bars, plot_curve
from mailsignals.training.reason_lift import ReasonLift
from mailsignals.training.timelines import alarms, departures
from mailsignals.training.verdict import HAPPENED, alarms_a_month, beforehand, verdict
from mailsignals.wording.templates import environment
from models.bootstrap import UNKNOWN, Estimate
from models.card import FIGURES
from models.evaluate import LEAST_TEST_CHURNERS
from models.selection import SelectionStep

RANDOM = "random alarms"
TITLES = {Target.SILENCE: "Going quiet", Target.CHURN: "Churn"}


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class HistoryFindings:
    """Results that a backtest report shows."""

    backtest: Backtest
    leaks: Sequence[Leak] = ()
    """Fields of the account list that reveal churn."""
    fields: Sequence[FieldThen] = ()
    """Fields as they were known then, compared with today's; empty without churn dates."""
    reasons: Mapping[Target, Sequence[ReasonLift]] = dataclasses.field(default_factory=dict)
    """Lift of each reason by target."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReportSection:
    """The values that the template prints for one target."""

    title: str
    happened: str
    basis: str
    """Basis of the figures: numbers of snapshots, accounts and events, and their dates."""
    caution: str
    """Limits of the figures, in words."""
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    """Name of each figure, and its text and interval for each contender; a dash where it doesn't exist."""
    slices: Sequence[tuple[str, str, str, str]]
    steps: Sequence[str]
    ranking: PlotBars
    recall: PlotBars
    calibration: Curve | None
    budgets: Curve
    calendar: CalendarChart
    departures: Sequence[tuple[str, str, str, str]]
    alarms: Sequence[tuple[str, str, str, str]]
    reasons: Sequence[tuple[str, str, str, str, str]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReportPage:
    """The values that the template prints."""

    title: str
    verdict: str
    leaks: Sequence[str]
    fields: Sequence[tuple[str, str, str, str, str]]
    sections: Sequence[ReportSection]


def document(findings: HistoryFindings, book: pl.DataFrame, *, as_of: str) -> str:
    """Return the report as JSON: the verdict in words, all figures with intervals, every alarm and churned account."""
    judged = _judged(findings.backtest)
    found = {
        "as_of": as_of,
        "verdict": verdict(findings.backtest),
        "backtest": findings.backtest.to_json(),
        "revealing_fields": [
            {
                "field": leak.field,
                "refused": leak.refused,
                "why": leak.sentence,
                "accounts": [
                    {"account_id": account, "churned_on": str(churned), "seen_on": str(seen)}
                    for account, (churned, seen) in zip(leak.accounts, leak.dates, strict=True)
                ],
            }
            for leak in findings.leaks
        ],
        "fields_then_and_today": [one.to_json() for one in findings.fields],
        "reasons": {
            target.value: [one.to_json() for one in reasons] for target, reasons in findings.reasons.items()
        },
        "alarms": {one.target.value: _plain(alarms(one, book)) for one in judged},
        "departures": {one.target.value: _plain(departures(one, book)) for one in judged},
    }
    return json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def report_html(findings: HistoryFindings, book: pl.DataFrame, *, company: str, as_of: str) -> str:
    """Return the report as one HTML page with all names escaped."""
    page = ReportPage(
        title=f"{company}: backtest as of {as_of}",
        verdict=verdict(findings.backtest),
        leaks=[leak.sentence for leak in findings.leaks],
        fields=[_field(one) for one in findings.fields],
        sections=[_section(findings, one, book) for one in _judged(findings.backtest)],
    )
    templates = environment("mailsignals.training")
    return templates.get_template("backtest.html.j2").render(page=page)


def _judged(backtest: Backtest) -> list[Judgement]:
    return [one for one in (backtest.silence, backtest.churn) if one is not None]


def _section(findings: HistoryFindings, judgement: Judgement, book: pl.DataFrame) -> ReportSection:
    chosen, happened = judgement.verdicts[judgement.chosen], HAPPENED[judgement.target]
    told, warned = departures(judgement, book), alarms(judgement, book)
    return ReportSection(
        title=TITLES[judgement.target],
        happened=happened,
        basis=_basis(judgement),
        caution=_caution(judgement),
        columns=[*judgement.verdicts, RANDOM],
        rows=_rows(judgement),
        slices=[
            (name, f"{figures['events'].value:.0f}", str(figures["roc_auc"]), str(figures["pr_auc"]))
            for name, figures in judgement.slices.items()
        ],
        steps=_steps(findings.backtest, judgement),
        ranking=_ranking(judgement),
        recall=_recall(judgement),
        calibration=plot_curve(
            f"Calibration: {judgement.chosen}",
            [(mean, share) for mean, share, _ in chosen.reliability],
            labels=("predicted chance", f"share that {happened}"),
            diagonal=True,
            percent=True,
        )
        if chosen.reliability
        else None,
        budgets=plot_curve(
            "Recall by false alarms",
            [(budget, recall) for budget, recall, _ in judgement.curve],
            labels=("false alarms per CSM and month", "recall"),
            diagonal=False,
            percent=False,
        ),
        calendar=calendar(f"Alarms by month; below the line, accounts that {happened}", warned, told),
        departures=[
            (str(row["name"]), str(row["left_on"]), str(row["warned_on"]), str(row["lead"]))
            for row in told.with_columns(
                pl.col("warned_on").cast(pl.String).fill_null("never"),
                lead=pl.format("{} days", pl.col("lead_days").cast(pl.Int64)).fill_null(""),
            ).iter_rows(named=True)
        ],
        alarms=[
            (row["name"], str(row["opened_on"]), f"{100 * row['risk']:.0f}%", row["outcome"])
            for row in warned.iter_rows(named=True)
        ],
        reasons=[_reason(one) for one in findings.reasons.get(judgement.target, ())],
    )


def _reason(one: ReasonLift) -> tuple[str, str, str, str, str]:
    cause = {"quiet": "going quiet", "leaving": "churn signals", "risk": "all"}[one.cause]
    return (
        one.theme,
        cause,
        str(one.accounts),
        f"{100 * one.share:.0f}% / {100 * one.other_share:.0f}%",
        str(one.lift),
    )


def _field(one: FieldThen) -> tuple[str, str, str, str, str]:
    roc = (f"{value:.2f}" if np.isfinite(value) else "-" for value in (one.roc_auc_then, one.roc_auc_today))
    return one.field, f"{one.unknown:,} of {one.rows:,}", f"{one.differ:,}", next(roc), next(roc)


def _basis(judgement: Judgement) -> str:
    origins = [np.datetime64(day, "D") for day in judgement.origins]
    fitted = (
        "No model was fitted, because no outcome was known early enough."
        if not origins
        else f"Models were fitted once, on {origins[0]}, with the data known then."
        if len(origins) == 1
        else f"Models were fitted {len(origins)} times from {origins[0]} to {origins[-1]}, with the data known then."
    )
    return (
        f"{fitted} {int(judgement.test.sample.mature.sum()):,} predictions for {judgement.accounts:,} accounts can be "
        f"checked. {judgement.test.churners:,} of these accounts {HAPPENED[judgement.target]} within 90 days of one "
        f"({100 * judgement.base_rate:.1f}% of the predictions). CSMs: {judgement.test.csms}. "
        "Intervals are 90% bootstrap intervals over accounts."
    )


def _caution(judgement: Judgement) -> str:
    few = (
        f" Rankings need at least {LEAST_TEST_CHURNERS} accounts that {HAPPENED[judgement.target]}, so none is shown."
        if judgement.test.churners < LEAST_TEST_CHURNERS
        else ""
    )
    return (
        "Every method sets its alarm thresholds on the same weeks that measure it, which flatters all of them "
        f"slightly. {beforehand(judgement)}Nobody acted on these alarms, so the backtest can't show the effect of a "
        f"call.{few}"
    )


def _rows(judgement: Judgement) -> list[tuple[str, list[tuple[str, str]]]]:
    columns = [*(verdict.figures for verdict in judgement.verdicts.values()), judgement.random]
    return [
        (words, [_cell(figures.get(name, UNKNOWN)) for figures in columns])
        for name, words in FIGURES.items()
        if judgement.tells(name)
    ]


def _cell(figure: Estimate) -> tuple[str, str]:
    value, _, interval = str(figure).partition(" (")
    return ("-", "") if value == "unknown" else (value, interval.removesuffix(")"))


def _ranking(judgement: Judgement) -> PlotBars:
    return plot_bars(
        "PR-AUC by method",
        [(name, one.figures["pr_auc"]) for name, one in judgement.verdicts.items()],
        rule=judgement.base_rate if np.isfinite(judgement.base_rate) else None,
        rule_label="chance",
    )


def _recall(judgement: Judgement) -> PlotBars:
    figures = [(name, one.figures["recall_at_budget"]) for name, one in judgement.verdicts.items()]
    return plot_bars(
        f"Recall at {alarms_a_month(judgement.test.false_alarms)}",
        [*figures, (RANDOM, judgement.random["recall_at_budget"])],
    )


def _steps(backtest: Backtest, judgement: Judgement) -> list[str]:
    of_models = [_step(step, "takes over" if step.wins else "does not take over") for step in backtest.steps]
    if backtest.order is not None:
        of_models.append(
            _step(backtest.order, "sets the order" if backtest.order.wins else "does not set the order")
        )
    return [
        *(of_models if judgement.target is Target.CHURN else []),
        *(
            f"{judgement.chosen} against {rule}: {_gains(better)}."
            for rule, better in judgement.against.items()
        ),
    ]


def _step(step: SelectionStep, outcome: str) -> str:
    return f"{step.challenger} against {step.holder}: {_gains(step.better)}; {outcome}."


def _gains(better: Mapping[str, Estimate]) -> str:
    return ", ".join(
        f"{FIGURES[name]} {gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})"
        for name, gain in better.items()
    )


def _plain(frame: pl.DataFrame) -> list[dict[str, object]]:
    return frame.with_columns(pl.selectors.date().cast(pl.String)).to_dicts()
