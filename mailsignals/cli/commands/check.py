"""``mailsignals check``: check the configuration, mailbox access and account list."""

import os
import sys
import threading
from collections.abc import Sequence

import polars as pl
import typer

from connectors.base import ConnectorError, SignInError
from mailsignals import clock
from mailsignals.cli.cells import number
from mailsignals.cli.exit_status import DONE, PARTIAL, SIGN_IN
from mailsignals.cli.output import Output, table
from mailsignals.cli.progress import working
from mailsignals.cli.run import Run
from mailsignals.cli.tables.stored_mail import mail_frames, show_mail, tell_warnings
from mailsignals.config.load import find_config
from mailsignals.credentials import Runtime
from mailsignals.usecases.check import WITHOUT_HEADERS, Coverage, Findings, check
from mailsignals.usecases.private_files import open_files
from mailsignals.usecases.retention import price
from mailsignals.web.access.check import access_problems
from mailsignals.wording.numbers import count_noun
from mailsignals.workspace import Workspace

SHOWN = 15


def check_command(context: typer.Context) -> int:
    """Check the configuration, mailbox access and account list."""
    run: Run = context.obj
    workspace, output = run.workspace(warn=False), run.output
    output.say(
        f"The configuration is valid: {count_noun(len(workspace.settings.tiers), 'tier')}, "
        f"{count_noun(workspace.book.accounts.height, 'account')}."
    )
    output.say(f"{workspace.settings.accounts.file}: {workspace.book.description}.")
    tell_history(workspace, output)
    for sentence in price(workspace.settings.retention, workspace.book, clock.now()):
        output.say(sentence)
    access = access_problems(workspace.settings, clock.now())
    modes = open_files(workspace.settings, find_config(run.config, environ=os.environ))
    runtime = Runtime(environ=os.environ, now=clock.now, stop=threading.Event(), say=output.complain)
    with working(output, "Checking mailboxes and mail"):
        found = check(workspace, runtime, sign_in=sys.stdin.isatty())
    _tell_coverage(output, found)
    if output.as_json:
        problems = pl.DataFrame({"problem": access}, schema={"problem": pl.String})
        frames = {"mailboxes": found.mailboxes, "unclaimed_domains": found.unclaimed}
        frames |= {"accounts": found.doubts, "access": problems}
        frames |= {"clock": pl.Series("problem", found.clock, dtype=pl.String).to_frame()}
        frames |= {"files": pl.DataFrame({"problem": modes}, schema={"problem": pl.String})}
        past = pl.Series("problem", list(workspace.history.problems), dtype=pl.String)
        frames |= {"account_history": past.to_frame()}
        frames |= mail_frames(found.mail)
        output.document(frames, "")
    else:
        _tell_mailboxes(output, found.mailboxes, found.errors)
        _tell_doubts(output, found.doubts)
        _tell_unclaimed(output, found.unclaimed)
        show_mail(output, found.mail)
    tell_warnings(output, found.mail)
    for sentence in found.unfinished:
        output.say(sentence)
    for sentence in modes:
        output.say(f"Warning: {sentence}")
    for sentence in (*access, *found.clock):
        output.complain(sentence)
    return check_exit_status(found, [*access, *workspace.history.problems, *found.clock])


def tell_history(workspace: Workspace, output: Output) -> None:
    """Print the state of the history file, if one is configured."""
    file, history = workspace.settings.accounts.history_file, workspace.history
    if file is None:
        return
    if history.description:
        output.say(
            f"{file}: {history.description}; {count_noun(history.facts.height, 'value')} of "
            f"{count_noun(history.facts['account_id'].n_unique(), 'account')}."
        )
    for problem in history.problems[:SHOWN]:
        output.complain(problem)
    if len(history.problems) > SHOWN:
        output.complain(f"{file}: {len(history.problems) - SHOWN:,} more problems; list all with --json.")


def check_exit_status(found: Findings, others: Sequence[str]) -> int:
    """Return the exit status of a check.

    Args:
        found: the result.
        others: problems with the dashboard's access, the history file or the clock.
    """
    if not found.errors:
        return PARTIAL if others else DONE
    failed_all = len(found.errors) >= found.mailboxes.height
    return (
        SIGN_IN if failed_all and all(isinstance(error, SignInError) for error in found.errors) else PARTIAL
    )


def _tell_coverage(output: Output, found: Findings) -> None:
    if not found.has_store:
        output.say("No mail is stored yet. Run `mailsignals sync` or `mailsignals import`.")
    if found.coverage is not None:
        output.say(_sentence(found.coverage))


def _sentence(found: Coverage) -> str:
    """Return a sentence with the senders of all emails by people; the numbers add up."""
    text = (
        f"Of {found.mails:,} emails by people, {found.from_accounts:,} came from {found.accounts:,} listed accounts, "
        f"{found.from_us:,} from your team and {found.from_others:,} from others."
    )
    return text + (
        f" {count_noun(found.silent_accounts, 'listed account')} never wrote."
        if found.silent_accounts
        else ""
    )


def _tell_mailboxes(output: Output, mailboxes: pl.DataFrame, errors: Sequence[ConnectorError]) -> None:
    """Print the table of mailboxes, then each problem once with its remedy."""
    rows = [
        (row["mailbox"], row["provider"], row["state"], number(row["messages"]), ", ".join(row["scopes"]))
        for row in mailboxes.iter_rows(named=True)
    ]
    if rows:
        heads = ["mailbox", "provider", "state", "messages", "permissions"]
        output.show(table(heads, rows, right=["messages"]))
    texts = dict.fromkeys(f"{error.problem} {error.remedy}" for error in errors)
    for text in texts:
        same = (error.mailbox for error in errors if f"{error.problem} {error.remedy}" == text)
        whose = list(dict.fromkeys(same))
        output.complain(
            f"{', '.join(whose[:3])}{f' and {len(whose) - 3:,} more' if whose[3:] else ''}: {text}"
        )
    bare = mailboxes.filter(pl.col("state") == WITHOUT_HEADERS).height
    if bare:
        output.complain(
            f"Microsoft refuses the headers of {bare:,} of {mailboxes.height:,} mailboxes, so automated emails and "
            "replies are recognised less well there. Check the permission Mail.ReadBasic.All. A sync requests the "
            "headers again once a week."
        )
    excess = sorted(set(mailboxes["excess"].explode().drop_nulls()))
    if excess:
        output.complain(
            f"The sign-in has permissions that mailsignals doesn't need: {', '.join(excess)}. "
            "Remove them, so that they can't be misused."
        )


def _tell_doubts(output: Output, doubts: pl.DataFrame) -> None:
    rows = [(f"{row['account_id']} {row['name']}", row["doubt"]) for row in doubts.iter_rows(named=True)]
    if rows:
        output.show(table(["account", "problem"], rows[:SHOWN], title="Accounts to review"))
    if len(rows) > SHOWN:
        output.say(f"{len(rows) - SHOWN:,} more; list all with --json.")


def _tell_unclaimed(output: Output, unclaimed: pl.DataFrame) -> None:
    rows = [(domain, number(mails)) for domain, mails in unclaimed.head(SHOWN).iter_rows()]
    if rows:
        title = "Domains that write to you and belong to no account"
        output.show(table(["domain", "emails"], rows, title=title, right=["emails"]))
    if unclaimed.height > SHOWN:
        output.say(f"{unclaimed.height - SHOWN:,} more; list all with --json.")
