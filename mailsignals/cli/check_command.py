"""``mailsignals check``: would it work, and does the account book fit the mail."""

import polars as pl
import typer

from mailsignals.accounts import unclaimed_domains
from mailsignals.cli.output import table
from mailsignals.cli.run import Run
from mailsignals.cli.words import number
from mailsignals.cli.workspace import Workspace

SHOWN = 15


def check_command(context: typer.Context) -> None:
    """Would it work, and who writes to us but is in no account?"""
    run: Run = context.obj
    workspace = run.workspace()
    run.output.say(
        f"The configuration is sound: {len(workspace.settings.tiers)} tiers, "
        f"{workspace.book.accounts.height:,} accounts."
    )
    if workspace.settings.store.path.exists():
        with workspace.reading() as store:
            people = pl.col("automated").is_null()
            senders = store.messages().filter(people).select("sender").collect()["sender"]
    else:
        run.output.say("There is no mail yet: `mailsignals import` brings it in.")
        senders = pl.Series("sender", [], dtype=pl.String)
    if senders.len():
        run.output.say(_matched(senders, workspace))
    nobody = unclaimed_domains(
        senders,
        company=workspace.settings.our_company,
        book=workspace.book,
        free_mail=workspace.settings.free_mail,
    )
    rows = [(domain, number(mails)) for domain, mails in nobody.head(SHOWN).iter_rows()]
    shown = table(["domain", "mails"], rows, title="Who writes to us and is in no account", right=["mails"])
    if run.output.as_json or rows:
        run.output.result(nobody, shown, to=None)
    if nobody.height > SHOWN and not run.output.as_json:
        run.output.say(f"and {nobody.height - SHOWN:,} more; --json lists all.")


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
