"""``mailsignals token``: with what programs ask the API; create, list and revoke."""

import datetime as dt
import getpass
from typing import Annotated

import typer

from mailsignals import clock
from mailsignals.accounts.nearest import did_you_mean
from mailsignals.cli.cells import UNKNOWN
from mailsignals.cli.output import table
from mailsignals.cli.run import Run
from mailsignals.errors import UserError
from mailsignals.store.tables.audit import LONGEST
from mailsignals.store.tables.tokens import Token, Tokens
from mailsignals.wording.numbers import date_and_time
from mailsignals.workspace import Workspace

ROLES = ("csm", "lead", "head", "operator")
DAYS = 365
"""How long a token is good for, unless somebody says otherwise."""

token = typer.Typer(help="Manage API tokens.", rich_markup_mode=None)


@token.command("create")
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the token is for, such as grafana.")],
    *,
    role: Annotated[str, typer.Option(metavar="ROLE", help="What it may see: csm, lead, head or operator.")],
    csm: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="With --role csm: whose accounts it sees.")
    ] = None,
    days: Annotated[
        int, typer.Option(metavar="N", help="How many days it is good for.", min=1, max=3650)
    ] = DAYS,
) -> None:
    """Make a token, and show it: this once, since only a hash of it is kept."""
    run: Run = context.obj
    workspace, now = run.workspace(), clock.now()
    made = Token(name=_named(name), role=_role(role), csm=_csm(workspace, role, csm))
    expires_at = now + dt.timedelta(days=days)
    tokens = Tokens(workspace.settings.store.path)
    text = tokens.create(made, at=now, by=getpass.getuser(), expires_at=expires_at)
    run.output.lines("token", [text])
    until = date_and_time(expires_at, workspace.settings.company.timezone)
    run.output.say(
        f"It is good until {until}, and is not shown again. Programs send it as `Authorization: Bearer TOKEN`; "
        f"`mailsignals token revoke {made.name}` ends it."
    )


@token.command("list")
def list_tokens(context: typer.Context) -> None:
    """Which tokens there are, what each may see, and until when."""
    run: Run = context.obj
    workspace, now = run.workspace(), clock.now()
    found = Tokens(workspace.settings.store.path).frame()
    timezone = workspace.settings.company.timezone
    rows = [
        (
            row["name"],
            row["role"],
            row["csm"] or "",
            f"{date_and_time(row['created_at'], timezone)} by {row['created_by']}",
            date_and_time(row["expires_at"], timezone) if row["expires_at"] else UNKNOWN,
            _state(row["expires_at"], row["revoked_at"], now),
        )
        for row in found.iter_rows(named=True)
    ]
    heads = ["token", "role", "accounts of", "created", "good until", "state"]
    run.output.result(found, table(heads, rows), to=None)


@token.command("revoke")
def revoke(
    context: typer.Context, name: Annotated[str, typer.Argument(metavar="NAME", help="The token's name.")]
) -> None:
    """End a token at once."""
    run: Run = context.obj
    Tokens(run.workspace().settings.store.path).revoke(name, at=clock.now())
    run.output.say(f"{name}: revoked; whoever asks with it is refused from now on.")


def _named(name: str) -> str:
    if not name.strip() or not name.isprintable() or len(name) > LONGEST:
        raise UserError(f"{name!r} is no name for a token. Say in a word or two what it is for.")
    return name.strip()


def _role(role: str) -> str:
    if role not in ROLES:
        raise UserError(f"--role {role}: there is no such role{did_you_mean(role, ROLES, what='roles')}.")
    return role


def _csm(workspace: Workspace, role: str, csm: str | None) -> str | None:
    """Whose accounts a token sees; checked, since a slip of the finger would see nothing."""
    if (role == "csm") != (csm is not None):
        wanted = "needs --csm ADDRESS: whose accounts it sees" if csm is None else "is for --role csm alone"
        raise UserError(f"--{'role csm' if csm is None else 'csm'} {wanted}.")
    if csm is None:
        return None
    known = workspace.book.accounts["csm"].drop_nulls().str.to_lowercase().unique().sort().to_list()
    if csm.lower() not in known:
        raise UserError(
            f"--csm {csm}: no account has this CSM{did_you_mean(csm.lower(), known, what='CSMs')}."
        )
    return csm.lower()


def _state(expires_at: dt.datetime | None, revoked_at: dt.datetime | None, now: dt.datetime) -> str:
    if revoked_at is not None:
        return "revoked"
    return "expired" if expires_at is not None and expires_at <= now else "good"
