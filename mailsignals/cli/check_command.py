"""``mailsignals check``: would it work, and does the account book fit the mail."""

import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import typer

from connectors.base import ConnectorError, SignInError
from connectors.provider import Checked, Provider
from mailsignals import clock
from mailsignals.accounts import unclaimed_domains
from mailsignals.cli.access_check import access_problems
from mailsignals.cli.cells import number
from mailsignals.cli.output import Output, table
from mailsignals.cli.retaining import price
from mailsignals.cli.run import DONE, PARTIAL, SIGN_IN, Run
from mailsignals.cli.tenants import NO_MAILBOXES, opened
from mailsignals.config.starter import EXAMPLE_DOMAIN
from mailsignals.sync.mailboxes import PARALLEL
from mailsignals.wording.numbers import counted
from mailsignals.workspace import Workspace

SHOWN = 15
MAILBOXES = pl.Schema(
    {
        "provider": pl.String(),
        "mailbox": pl.String(),
        "state": pl.String(),
        "messages": pl.Int64(),
        "scopes": pl.List(pl.String()),
        "excess": pl.List(pl.String()),
        "problem": pl.String(),
        "remedy": pl.String(),
    }
)


def check_command(context: typer.Context) -> int:
    """Would it work: configuration, mailboxes, account book?"""
    run: Run = context.obj
    workspace = run.workspace()
    run.output.say(
        f"The configuration is sound: {counted(len(workspace.settings.tiers), 'tier')}, "
        f"{counted(workspace.book.accounts.height, 'account')}."
    )
    for sentence in price(workspace.settings.retention, workspace.book, clock.now()):
        run.output.say(sentence)
    access = list(access_problems(workspace.settings))
    mailboxes, errors = _mailboxes(workspace, run.output)
    nobody = _nobody(workspace, run.output)
    if run.output.as_json:
        problems = pl.DataFrame({"problem": access}, schema={"problem": pl.String})
        found = {"mailboxes": mailboxes, "unclaimed_domains": nobody, "access": problems}
        run.output.document(found, "")
    else:
        _tell(run.output, mailboxes, errors)
        _tell_nobody(run.output, nobody)
    for sentence in _unfinished(workspace):
        run.output.say(sentence)
    for sentence in access:
        run.output.complain(sentence)
    if not errors:
        return PARTIAL if access else DONE
    failed_all = len(errors) >= mailboxes.height
    return SIGN_IN if failed_all and all(isinstance(error, SignInError) for error in errors) else PARTIAL


def _unfinished(workspace: Workspace) -> Iterator[str]:
    """What a first configuration still lacks."""
    settings = workspace.settings
    if EXAMPLE_DOMAIN in workspace.book.domains:
        yield f"{settings.accounts.file} still has the account that `mailsignals init` wrote as an example: replace it."
    if not (settings.gmail.used or settings.microsoft365.used or settings.store.path.exists()):
        yield NO_MAILBOXES


def _mailboxes(workspace: Workspace, output: Output) -> tuple[pl.DataFrame, list[ConnectorError]]:
    """Whether each mailbox can be read, and why not; a provider that cannot list its mailboxes has no rows."""
    rows: list[dict[str, object]] = []
    errors: list[ConnectorError] = []
    with opened(
        workspace.settings, stop=threading.Event(), say=output.complain, sign_in=sys.stdin.isatty()
    ) as tenants:
        for tenant in tenants:
            try:
                checked = _check_all(tenant)
            except ConnectorError as error:
                errors.append(error)
                continue
            rows += [_row(tenant.name, each) for each in checked]
            errors += [each.error for each in checked if each.error]
    return pl.DataFrame(rows, schema=MAILBOXES), errors


def _check_all(tenant: Provider) -> list[Checked]:
    with ThreadPoolExecutor(PARALLEL) as workers:
        return list(workers.map(tenant.check, tenant.mailboxes()))


def _row(provider: str, checked: Checked) -> dict[str, object]:
    error = checked.error
    return {
        "provider": provider,
        "mailbox": checked.mailbox,
        "state": error.state if error else "can be read",
        "messages": checked.messages,
        "scopes": list(checked.scopes),
        "excess": list(checked.excess),
        "problem": error.problem if error else None,
        "remedy": error.remedy if error else None,
    }


def _tell(output: Output, mailboxes: pl.DataFrame, errors: Sequence[ConnectorError]) -> None:
    """The table of mailboxes, then what is wrong and what to do, each said once."""
    rows = [
        (row["mailbox"], row["provider"], row["state"], number(row["messages"]), ", ".join(row["scopes"]))
        for row in mailboxes.iter_rows(named=True)
    ]
    if rows:
        heads = ["mailbox", "provider", "state", "messages", "permissions"]
        output.show(table(heads, rows, right=["messages"]))
    said = dict.fromkeys(f"{error.problem} {error.remedy}" for error in errors)
    for text in said:
        same = (error.mailbox for error in errors if f"{error.problem} {error.remedy}" == text)
        whose = list(dict.fromkeys(same))
        output.complain(
            f"{', '.join(whose[:3])}{f' and {len(whose) - 3:,} more' if whose[3:] else ''}: {text}"
        )
    excess = sorted(set(mailboxes["excess"].explode().drop_nulls()))
    if excess:
        output.complain(
            f"The sign-in allows more than mailsignals needs: {', '.join(excess)}. "
            "It works, but take these permissions away: what is not granted cannot be misused."
        )


def _nobody(workspace: Workspace, output: Output) -> pl.DataFrame:
    """Domains that write to us and are in no account, with how much the mail of people matches the book."""
    if workspace.settings.store.path.exists():
        with workspace.reading() as store:
            people = pl.col("automated").is_null()
            senders = store.messages().filter(people).select("sender").collect()["sender"]
    else:
        output.say("There is no mail yet: `mailsignals sync` or `mailsignals import` brings it in.")
        senders = pl.Series("sender", [], dtype=pl.String)
    if senders.len():
        output.say(_matched(senders, workspace))
    return unclaimed_domains(
        senders,
        company=workspace.settings.our_company,
        book=workspace.book,
        free_mail=workspace.settings.free_mail,
    )


def _tell_nobody(output: Output, nobody: pl.DataFrame) -> None:
    rows = [(domain, number(mails)) for domain, mails in nobody.head(SHOWN).iter_rows()]
    if rows:
        title = "Who writes to us and is in no account"
        output.show(table(["domain", "mails"], rows, title=title, right=["mails"]))
    if nobody.height > SHOWN:
        output.say(f"and {nobody.height - SHOWN:,} more; --json lists all.")


def _matched(senders: pl.Series, workspace: Workspace) -> str:
    """Whose the mails are that people wrote, so that the numbers add up."""
    known = workspace.directory(senders.unique())
    wrote = senders.to_frame("address").join(known, on="address", how="left")
    ours = int(wrote["internal"].sum())
    theirs = wrote["account"].drop_nulls()
    accounts = theirs.n_unique()
    mute = workspace.book.accounts.height - accounts
    text = (
        f"Of {wrote.height:,} mails by people, {theirs.len():,} came from {accounts:,} accounts of the book, "
        f"{ours:,} from us and {wrote.height - theirs.len() - ours:,} from others."
    )
    return text + (f" {mute:,} accounts of the book never wrote." if mute else "")
