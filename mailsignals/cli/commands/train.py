"""``mailsignals train``: train, test and use a model of churned accounts."""

import typer

from mailsignals import clock
from mailsignals.cli.options import AsOf
from mailsignals.cli.progress import working
from mailsignals.cli.run import Run
from mailsignals.cli.tables.train import TargetOption, findings_table, refuse_target
from mailsignals.usecases.train import backtest_figures, train


def train_command(context: typer.Context, *, as_of: AsOf = None, target: TargetOption = None) -> None:
    """Train the chance of churn on churned accounts, and use it."""
    run: Run = context.obj
    refuse_target(target, command="train")
    workspace = run.workspace()
    now = clock.now()
    moment = workspace.instant(as_of, now=now)
    with working(run.output, "Training and testing the model"):
        found = train(workspace, moment, now=now, whole=False)
    run.output.result(backtest_figures(found.backtest), findings_table(found.backtest, found.leaks), to=None)
    use = "is now in use" if found.in_use else "is in use for dates before the next model's"
    order = "sets the order of accounts" if found.artifact.sets_order else "is one of the two causes of risk"
    run.output.say(f"{found.artifact.id} {use} and {order}. To undo: `mailsignals model --roll-back`.")
