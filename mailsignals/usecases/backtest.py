"""Replay history week by week, and report whether a model would have warned."""

import datetime as dt
from pathlib import Path

from mailsignals.files import write_text
from mailsignals.training.backtest import Backtest, replay_history
from mailsignals.training.dataset import Target
from mailsignals.training.report import document, report_html
from mailsignals.usecases.train import dataset
from mailsignals.workspace import Workspace


def backtest(workspace: Workspace, as_of: dt.datetime, target: Target) -> Backtest | None:
    """Replay all of history up to an instant; None where there is none to judge by.

    Raises:
        UserError: the mail does not reach far enough back.
    """
    with workspace.at(as_of) as snapshot:
        known = dataset(snapshot, target)
    return replay_history(known, workspace.settings, whole=True)


def write_report(
    found: Backtest | None, target: Target, workspace: Workspace, folder: Path, *, on: str
) -> list[Path]:
    """Write ``report.html`` and ``report.json``, and return their places.

    Args:
        found: what ``backtest`` returned.
        target: what was predicted.
        workspace: the company, for names.
        folder: is made where there is none.
        on: the day of the replay, in words.

    Raises:
        UserError: the folder cannot be written.
    """
    book = workspace.book.accounts
    texts = {
        "report.html": report_html(found, target, book, company=workspace.settings.company.name, as_of=on),
        "report.json": document(found, target, book, as_of=on),
    }
    return [write_text(folder, name, text, option="--output") for name, text in texts.items()]
