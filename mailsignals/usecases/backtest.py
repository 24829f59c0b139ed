"""Replay history month by month, and test whether the risk list would have warned."""

import datetime as dt
from pathlib import Path

from mailsignals.files import write_text
from mailsignals.training.backtest import replay_history
from mailsignals.training.dataset import Dataset, Target
from mailsignals.training.known_then import facts_then_and_today
from mailsignals.training.reason_lift import ReasonLift, reason_lifts
from mailsignals.training.report import HistoryFindings, document, report_html
from mailsignals.usecases.train import dataset
from mailsignals.workspace import Workspace


def backtest(workspace: Workspace, as_of: dt.datetime) -> HistoryFindings:
    """Replay all history up to a date, for silence and, where churn dates are known, for churn.

    Raises:
        UserError: the mail doesn't go back far enough.
    """
    with workspace.at(as_of) as snapshot:
        known, refused = dataset(snapshot)
    found = replay_history(known, whole=True)
    return HistoryFindings(
        backtest=found,
        leaks=refused,
        fields=facts_then_and_today(known.churn, workspace.book.accounts) if found.churners else (),
        reasons=_reasons(known, least_risk=workspace.settings.risk.medium_risk),
    )


def _reasons(known: Dataset, *, least_risk: float) -> dict[Target, list[ReasonLift]]:
    return {
        one.target: reason_lifts(one, known.recipe.scorecard, least_risk=least_risk)
        for one in (known.silence, known.churn)
    }


def write_report(found: HistoryFindings, workspace: Workspace, folder: Path, *, on: str) -> list[Path]:
    """Write ``report.html`` and ``report.json``, and return their paths.

    Args:
        found: the result of ``backtest``.
        workspace: the company, for names.
        folder: created if missing.
        on: the day of the replay, as text.

    Raises:
        UserError: the folder can't be written.
    """
    book = workspace.book.accounts
    texts = {
        "report.html": report_html(found, book, company=workspace.settings.company.name, as_of=on),
        "report.json": document(found, book, as_of=on),
    }
    return [write_text(folder, name, text, option="--output") for name, text in texts.items()]
