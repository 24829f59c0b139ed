"""``mailsignals train``: fit, judge and register a model that learns from customers who left."""

import typer

from mailsignals import clock
from mailsignals.cli.options import AsOf
from mailsignals.cli.run import Run
from mailsignals.cli.tables.train import TargetOption, training
from mailsignals.training.dataset import Target
from mailsignals.usecases.train import backtest_figures, train


def train_command(context: typer.Context, *, as_of: AsOf = None, target: TargetOption = Target.CHURN) -> None:
    """Learn from customers who left, and use what beats the scorecard."""
    run: Run = context.obj
    workspace = run.workspace()
    now = clock.now()
    moment = workspace.instant(as_of, now=now)
    found = train(workspace, moment, target, now=now, whole=False)
    run.output.result(backtest_figures(found.backtest), training(found, target), to=None)
    use = "is in use from now on" if found.in_use else "is in use for instants before a later model's"
    run.output.say(f"{found.artifact.id} {use}; `mailsignals model --roll-back` takes that back.")
