"""``mailsignals alerts``: the alerts that are due between digests, with their states, and sending them."""

from typing import Annotated

import polars as pl
import typer
from rich.console import RenderableType
from rich.text import Text

from mailsignals import clock
from mailsignals.cli.cells import UNKNOWN
from mailsignals.cli.options import Account, AsOf, Csm, DryRun, Limit, Resend, Tier
from mailsignals.cli.output import table
from mailsignals.cli.progress import working
from mailsignals.cli.run import DONE, Run
from mailsignals.cli.send_report import Wishes, send_all
from mailsignals.errors import UserError
from mailsignals.notifications.alerts.deliver import note_plan, settle
from mailsignals.notifications.alerts.history import DUE
from mailsignals.notifications.alerts.plan import WHY, AlertPlan, EventState
from mailsignals.schema import INSTANT
from mailsignals.usecases.account_choice import AccountChoice, chosen_rows
from mailsignals.usecases.alerts import alerts, check_alerts_enabled
from mailsignals.wording.numbers import date_and_time
from mailsignals.wording.people import PersonNames

LIST_SCHEMA = pl.Schema(
    {
        "recipient": pl.String(),
        "kind": pl.String(),
        "account_id": pl.String(),
        "name": pl.String(),
        "ticket": pl.String(),
        "began_at": INSTANT,
        "due_at": INSTANT,
        "state": pl.String(),
        "until": INSTANT,
        "why": pl.String(),
    }
)
WORDS = {
    "due_soon": "about to breach",
    "breached": "breached",
    "escalated": "escalated",
    "at_risk": "at risk",
}


STATE_WORDS = {
    "told": "sent",
    "known": "in a digest",
    "before": "earlier",
    "digest": "in today's digest",
    "quiet": "quiet hours",
    "gathered": "postponed",
    "unsure": "uncertain",
}
"""States in the words that people read; the others read as they are named."""


def alerts_command(  # noqa: PLR0913  # the options are the interface
    context: typer.Context,
    *,
    send: Annotated[bool, typer.Option("--send", help="Send the alerts that are due now.")] = False,
    dry_run: DryRun = False,
    resend: Resend = False,
    as_of: AsOf = None,
    csm: Csm = None,
    tier: Tier = None,
    account: Account = None,
    limit: Limit = None,
) -> int:
    """List or send the alerts that are due between digests."""
    run: Run = context.obj
    if not send and (dry_run or resend):
        raise UserError("--dry-run and --resend require --send.")
    wanted = AccountChoice(csm=csm, tier=tier, account=account, limit=limit)
    if send and (wanted.narrows or limit is not None):
        raise UserError("--csm, --tier, --account and --limit can't be combined with --send.")
    workspace = run.workspace()
    if send and not dry_run:
        check_alerts_enabled(workspace.settings)
        settle(workspace.settings.store.path, at=clock.now())
    moment = workspace.instant(as_of, now=clock.now())
    with working(run.output, "Computing alerts"), workspace.at(moment) as snapshot:
        found = alerts(snapshot, resend=resend, whole=not send)
        listed = chosen_rows(_frame(found.plan), snapshot.accounts, wanted)
    timezone = workspace.settings.company.timezone
    if not send:
        shown = listed if limit is None else listed.head(limit)
        run.output.result(shown, _shown(shown, timezone, workspace.names), to=None)
        if shown.height < listed.height:
            run.output.say(f"{listed.height - shown.height:,} more beyond --limit.")
        if not workspace.settings.alerts.enabled:
            run.output.say("alerts.enabled is false, so no alerts are sent.")
        return DONE
    if not dry_run:
        note_plan(workspace.settings.store.path, found.plan)
    return send_all(run, workspace, found.envelopes, Wishes(dry_run=dry_run, resend=resend))


def _frame(plan: AlertPlan) -> pl.DataFrame:
    rows = [_row(each) for each in plan.standings]
    return pl.DataFrame(rows, schema=LIST_SCHEMA, orient="row").sort(
        pl.col("state") != DUE, "began_at", "recipient", descending=[False, True, False], maintain_order=True
    )


def _row(each: EventState) -> tuple[object, ...]:
    row = each.row
    return (
        *(each.reader.recipient, row["kind"], row["account_id"], row["name"], row["ticket"]),
        *(row["began_at"], row["due_at"], each.state, each.until, WHY[each.state]),
    )


def _shown(frame: pl.DataFrame, timezone: str, names: PersonNames) -> RenderableType:
    if frame.is_empty():
        return Text("No alerts.")
    rows = [
        (
            names.of(row["recipient"]),
            WORDS[row["kind"]],
            f"{row['name'] or ''} ({row['account_id']})".strip(),
            date_and_time(row["began_at"], timezone),
            STATE_WORDS.get(row["state"], row["state"]),
            date_and_time(row["until"], timezone) if row["until"] else UNKNOWN,
            row["why"],
        )
        for row in frame.iter_rows(named=True)
    ]
    return table(["recipient", "alert", "account", "since", "state", "until", "reason"], rows)
