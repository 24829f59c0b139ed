"""``mailsignals digest``: each CSM's digest, as HTML files or as emails."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from mailsignals import clock
from mailsignals.cli.freshness import stale_words
from mailsignals.cli.options import AsOf, Csm, DryRun, Resend
from mailsignals.cli.progress import working
from mailsignals.cli.run import DONE, Run
from mailsignals.cli.send_report import Wishes, send_all
from mailsignals.errors import UserError
from mailsignals.files import write_text
from mailsignals.notifications.delivery.dispatch import check_enabled
from mailsignals.notifications.digest.html import html
from mailsignals.notifications.digest.notification import digest_envelopes
from mailsignals.usecases.bulletins import BulletinKind, bulletin, bulletin_readers, envelopes
from mailsignals.usecases.digests import chosen_pages
from mailsignals.workspace import Workspace


def digest_command(  # noqa: PLR0913  # the options are the interface
    context: typer.Context,
    *,
    to: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for HTML files.")] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Send by email, at most once per CSM and day.")
    ] = False,
    dry_run: DryRun = False,
    resend: Resend = False,
    as_of: AsOf = None,
    csm: Csm = None,
    weekly: Annotated[
        bool, typer.Option("--weekly", help="The weekly report on all CSMs instead, to digest.head.")
    ] = False,
    support: Annotated[
        bool,
        typer.Option("--support", help="Yesterday's support report instead, to digest.support_lead."),
    ] = False,
) -> int:
    """Write or send each CSM's digest of accounts at risk."""
    run: Run = context.obj
    if send == (to is not None):
        raise UserError("Choose one: --to DIR writes HTML files, --send sends emails.")
    if not send and (dry_run or resend):
        raise UserError("--dry-run and --resend require --send.")
    _check_choice(weekly=weekly, support=support, csm=csm)
    workspace = run.workspace()
    if send and not dry_run:
        check_enabled(workspace.settings)
    moment = workspace.instant(as_of, now=clock.now())
    wishes = Wishes(dry_run=dry_run, resend=resend)
    if weekly or support:
        kind = BulletinKind.WEEKLY if weekly else BulletinKind.SUPPORT
        return _bulletin(run, workspace, moment, wishes, to=to, kind=kind)
    return _digests(run, workspace, moment, wishes, to=to, csm=csm)


def _digests(  # all that a run is about
    run: Run, workspace: Workspace, moment: dt.datetime, wishes: Wishes, *, to: Path | None, csm: str | None
) -> int:
    """Write or send the digests of all CSMs or of one; return the exit status."""
    with working(run.output, "Preparing digests"), workspace.at(moment) as snapshot:
        found, stale = chosen_pages(snapshot, csm=csm), stale_words(snapshot, "digest", options=" --to DIR")
    if not found:
        run.output.say("No current customers on that date, so there are no digests.")
    if to is not None:
        run.output.lines("page", [str(page.write(to)) for page in found])
    if stale:
        run.output.say(stale)
    if to is not None:
        return DONE
    wanted = digest_envelopes(workspace.settings, [page.digest for page in found], moment)
    return send_all(run, workspace, wanted, wishes)


def _check_choice(*, weekly: bool, support: bool, csm: str | None) -> None:
    chosen = [
        option
        for option, given in (("--weekly", weekly), ("--support", support), ("--csm", csm is not None))
        if given
    ]
    if len(chosen) > 1:
        raise UserError(f"{' and '.join(chosen)} can't be combined. Use one of them.")


def _bulletin(
    run: Run, workspace: Workspace, as_of: dt.datetime, wishes: Wishes, *, to: Path | None, kind: BulletinKind
) -> int:
    """Write or send the weekly report or the support report.

    Raises:
        UserError: it has no recipients, or the folder can't be written.
    """
    key = "head" if kind is BulletinKind.WEEKLY else "support_lead"
    if to is None and not bulletin_readers(workspace.settings, kind):
        raise UserError(
            f'digest.{key} is empty, so this has no recipients. Set {key} = ["ADDRESS"] under [digest].'
        )
    if to is not None:
        with working(run.output, "Preparing the report"), workspace.at(as_of) as snapshot:
            made = bulletin(snapshot, kind)
        page = write_text(to, f"{made.kind}.html", html(made), option="--to")
        run.output.lines("page", [str(page)])
        return DONE
    with working(run.output, "Preparing the report"), workspace.at(as_of) as snapshot:
        wanted = envelopes(snapshot, kind)
    return send_all(run, workspace, wanted, wishes)
