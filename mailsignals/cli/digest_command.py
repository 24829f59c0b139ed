"""``mailsignals digest``: what each CSM should read today, as pages or as mail."""

import dataclasses
import datetime as dt
import itertools
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated

import typer

from mailsignals import clock
from mailsignals.cli.digest_content import all_digests, support_at, weekly_at
from mailsignals.cli.files import write_text
from mailsignals.cli.options import AsOf, DryRun, Resend
from mailsignals.cli.run import DONE, Run
from mailsignals.cli.sending import Wishes, send_all
from mailsignals.errors import UserError
from mailsignals.notifications.delivery.dispatch import check_enabled
from mailsignals.notifications.digest.digest import Digest
from mailsignals.notifications.digest.html import html
from mailsignals.notifications.digest.notification import bulletin_envelopes, digest_envelopes
from mailsignals.store import Store
from mailsignals.workspace import Workspace

NAME_LENGTH = 80
"""A CSM's part of a file's name; file systems take 255 bytes in all."""


def digest_command(  # noqa: PLR0913  # the options are the interface
    context: typer.Context,
    *,
    to: Annotated[Path | None, typer.Option(metavar="DIR", help="The folder for the pages.")] = None,
    send: Annotated[bool, typer.Option("--send", help="Send them, once for each CSM and day.")] = False,
    dry_run: DryRun = False,
    resend: Resend = False,
    as_of: AsOf = None,
    csm: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Only this CSM's.")] = None,
    weekly: Annotated[
        bool, typer.Option("--weekly", help="The week of all CSMs instead, for the addresses of digest.head.")
    ] = False,
    support: Annotated[
        bool,
        typer.Option(
            "--support", help="Yesterday's service levels instead, for the addresses of digest.support_lead."
        ),
    ] = False,
) -> int:
    """Each CSM's page: who is at risk, why, what is new, what waits."""
    run: Run = context.obj
    if send == (to is not None):
        raise UserError("Say where the digests go: --to DIR for pages, or --send for mail.")
    if not send and (dry_run or resend):
        raise UserError("--dry-run and --resend go with --send.")
    _check_choice(weekly=weekly, support=support, csm=csm)
    workspace = run.workspace()
    if send and not dry_run:
        check_enabled(workspace.settings)
    moment = workspace.instant(as_of, now=clock.now())
    if weekly or support:
        return _bulletin(run, workspace, moment, Wishes(dry_run=dry_run, resend=resend), to=to, weekly=weekly)
    with workspace.reading() as store:
        found = chosen_pages(workspace, store, moment, csm=csm)
    if not found:
        run.output.say("No account is a customer at that instant; there is nothing to read.")
    if to is not None:
        run.output.lines("page", [str(page.write(to)) for page in found])
        return DONE
    wanted = digest_envelopes(workspace.settings, [page.digest for page in found], moment)
    return send_all(run, workspace, wanted, Wishes(dry_run=dry_run, resend=resend))


def _check_choice(*, weekly: bool, support: bool, csm: str | None) -> None:
    chosen = [
        option
        for option, given in (("--weekly", weekly), ("--support", support), ("--csm", csm is not None))
        if given
    ]
    if len(chosen) > 1:
        raise UserError(f"{' and '.join(chosen)} are different digests. Ask for one at a time.")


def _bulletin(
    run: Run, workspace: Workspace, as_of: dt.datetime, wishes: Wishes, *, to: Path | None, weekly: bool
) -> int:
    """Write or send the digest of whoever answers for several people.

    Raises:
        UserError: nobody is to get it, or the folder cannot be written.
    """
    digest = workspace.settings.digest
    key, names = ("head", digest.head) if weekly else ("support_lead", digest.support_lead)
    if to is None and not names:
        raise UserError(
            f'digest.{key} is empty, so nobody gets this. Set {key} = ["address"] under [digest].'
        )
    with workspace.reading() as store:
        bulletin = (weekly_at if weekly else support_at)(workspace, store, as_of)
    if to is not None:
        page = write_text(to, f"{bulletin.kind}.html", html(bulletin), option="--to")
        run.output.lines("page", [str(page)])
        return DONE
    wanted = bulletin_envelopes(
        workspace.settings, bulletin, to=names, on=bulletin_day(workspace.day(as_of), weekly=weekly)
    )
    return send_all(run, workspace, wanted, wishes)


def bulletin_day(today: dt.date, *, weekly: bool) -> dt.date:
    """The day under which a bulletin goes out, once: of a weekly one the week's Monday."""
    return today - dt.timedelta(days=today.weekday()) if weekly else today


@dataclasses.dataclass(frozen=True, kw_only=True)
class DigestPage:
    """A digest, and the name of its file."""

    digest: Digest
    name: str

    def path(self, folder: Path) -> Path:
        """Where it lies in a folder."""
        return folder / self.name

    def write(self, folder: Path) -> Path:
        """Write it, whole or not at all, and return where it is.

        Raises:
            UserError: the folder cannot be written.
        """
        return write_text(folder, self.name, html(self.digest), option="--to")


def chosen_pages(
    workspace: Workspace, store: Store, as_of: dt.datetime, *, csm: str | None
) -> list[DigestPage]:
    """The pages of all CSMs, or of one, those with most at risk first.

    Raises:
        UserError: nobody is that CSM's customer.
    """
    timezone = workspace.settings.company.timezone
    found = pages_at(workspace, store, as_of, timezones=[timezone])[timezone]
    chosen = [page for page in found if _is(page.digest, csm)]
    if csm is not None and not chosen:
        known = ", ".join(page.digest.csm for page in found if page.digest.csm) or "nobody"
        raise UserError(f"--csm {csm}: no current customer has this CSM. The account book names {known}.")
    return sorted(chosen, key=lambda page: -page.digest.at_risk)


def pages_at(
    workspace: Workspace, store: Store, as_of: dt.datetime, *, timezones: Collection[str]
) -> dict[str, list[DigestPage]]:
    """Every CSM's page at an instant, by the time zone in which its days and times are."""
    by_zone = all_digests(workspace, store, as_of, timezones=timezones)
    return {zone: _named(found) for zone, found in by_zone.items()}


def _named(found: Sequence[Digest]) -> list[DigestPage]:
    names = file_names([digest.csm for digest in found])
    return [DigestPage(digest=digest, name=name) for digest, name in zip(found, names, strict=True)]


def _is(digest: Digest, csm: str | None) -> bool:
    return csm is None or (digest.csm or "").casefold() == csm.casefold()


def file_names(csms: Sequence[str | None]) -> list[str]:
    """A file's name for each CSM; what a path may not hold is left out, and no two are the same."""
    names: list[str] = []
    for csm in csms:
        plain = re.sub(r"[^\w.@-]+", "-", (csm or "nobody").casefold(), flags=re.ASCII)[:NAME_LENGTH]
        numbered = (f"digest-{plain}.{number}.html" for number in itertools.count(2))
        choices = itertools.chain([f"digest-{plain}.html"], numbered)
        names.append(next(name for name in choices if name not in names))
    return names
