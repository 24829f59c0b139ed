"""``mailsignals digest``: what each CSM should read today, as pages."""

import datetime as dt
import re
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from mailsignals import clock
from mailsignals.cli.app import Run, app
from mailsignals.cli.risk_command import assessed_at
from mailsignals.cli.workspace import Workspace
from mailsignals.digest.content import WEEKS, Digest, digests
from mailsignals.digest.render import html
from mailsignals.errors import UserError
from mailsignals.risk.assess import assess
from mailsignals.signals.evidence import last_writers, weekly_mail
from mailsignals.store import Store


@app.command("digest")
def digest_command(
    context: typer.Context,
    *,
    to: Annotated[Path, typer.Option(help="The folder for the pages.")],
    as_of: Annotated[str | None, typer.Option(help="An instant or a day. Default: now.")] = None,
    csm: Annotated[str | None, typer.Option(help="Only this CSM's.")] = None,
) -> None:
    """Write each CSM's digest as a page: who is at risk, why, what changed since yesterday, what waits."""
    run: Run = context.obj
    workspace = run.workspace()
    moment = workspace.instant(as_of, now=clock.now())
    with workspace.reading() as store:
        pages = write_digests(workspace, store, moment, to, csm=csm)
    for page in pages:
        run.output.out.print(str(page), markup=False)


def write_digests(
    workspace: Workspace, store: Store, as_of: dt.datetime, folder: Path, *, csm: str | None
) -> list[Path]:
    """Write the pages and return where they are, those of the CSMs with most at risk first.

    Raises:
        UserError: nobody is that CSM's customer, or the folder cannot be written.
    """
    today, chart = _today(workspace, store, as_of)
    yesterday = assessed_at(workspace, store, as_of - dt.timedelta(days=1))
    found = digests(
        today,
        yesterday,
        chart,
        company=workspace.settings.company.name,
        timezone=workspace.settings.company.timezone,
    )
    chosen = [digest for digest in found if csm is None or digest.csm == csm.lower()]
    if not chosen:
        known = ", ".join(digest.csm for digest in found if digest.csm) or "none"
        raise UserError(f"--csm {csm}: no account has this CSM. The account book names: {known}.")
    busiest_first = sorted(chosen, key=lambda digest: -sum(len(cards) for _, cards in digest.groups))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_written(digest, folder) for digest in busiest_first]
    except OSError as error:
        raise UserError(f"{folder}: cannot be written: {error.strerror or error}.") from None


def _today(workspace: Workspace, store: Store, as_of: dt.datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What ``assess`` says, with who wrote last by address; and the mail by week."""
    ((tables, _),) = workspace.derived_by_instant(store, [as_of])
    facts = workspace.facts(tables)
    assessed = assess(facts, workspace.book.accounts, tables.people, workspace.settings, as_of=as_of)
    address = pl.lit(tables.people["address"])
    writers = last_writers(facts, as_of).select(
        "account",
        last_inbound_person=address.gather(pl.col("inbound")),
        last_outbound_person=address.gather(pl.col("outbound")),
    )
    with_writers = assessed.join(writers, on="account", how="left", maintain_order="left")
    return with_writers, weekly_mail(facts, as_of, weeks=WEEKS)


def _written(digest: Digest, folder: Path) -> Path:
    page = folder / f"digest-{_file_name(digest.csm)}.html"
    page.write_text(html(digest), encoding="utf-8")
    return page


def _file_name(csm: str | None) -> str:
    """A CSM as part of a file's name; an address may hold what a path may not."""
    return re.sub(r"[^a-z0-9.@_-]+", "-", csm or "nobody")
