"""``mailsignals token``: create, list and revoke API tokens."""

import datetime as dt
import getpass
from collections.abc import Iterator
from typing import Annotated, Literal, TypeAlias

import polars as pl
import typer

from mailsignals import clock
from mailsignals.accounts.nearest import did_you_mean
from mailsignals.cli.cells import UNKNOWN
from mailsignals.cli.options import Limit
from mailsignals.cli.output import table
from mailsignals.cli.run import Run
from mailsignals.errors import UserError
from mailsignals.store.tables.audit import LONGEST
from mailsignals.store.tables.tokens import Token, Tokens
from mailsignals.wording.numbers import date_and_time
from mailsignals.workspace import Workspace

TokenRole: TypeAlias = Literal["csm", "lead", "head", "operator"]
TokenState: TypeAlias = Literal["valid", "expired", "revoked"]
DAYS = 365
"""The days for which a token is valid by default."""

token = typer.Typer(help="Manage API tokens.", rich_markup_mode=None)


@token.command("create")
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the token, such as grafana.")],
    *,
    role: Annotated[TokenRole, typer.Option(metavar="ROLE", help="Rights: csm, lead, head or operator.")],
    csm: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="With --role csm: the CSM whose accounts it can read."),
    ] = None,
    days: Annotated[int, typer.Option(metavar="N", help="Days until it expires.", min=1, max=3650)] = DAYS,
) -> None:
    """Create a token and print it once; only a hash is stored."""
    run: Run = context.obj
    workspace, now = run.workspace(), clock.now()
    made = Token(name=_named(name), role=role, csm=_csm(workspace, role, csm))
    expires_at = now + dt.timedelta(days=days)
    tokens = Tokens(workspace.settings.store.path)
    text = tokens.create(made, at=now, by=getpass.getuser(), expires_at=expires_at)
    run.output.lines("token", [text])
    until = date_and_time(expires_at, workspace.settings.company.timezone)
    run.output.say(
        f"Valid until {until}, and not shown again. Send it as `Authorization: Bearer TOKEN`. "
        f"To revoke it: `mailsignals token revoke {made.name}`."
    )


@token.command("list")
def list_tokens(
    context: typer.Context,
    *,
    role: Annotated[
        TokenRole | None, typer.Option(metavar="ROLE", help="Only tokens with this role.")
    ] = None,
    state: Annotated[
        TokenState | None, typer.Option(metavar="STATE", help="Only these: valid, expired or revoked.")
    ] = None,
    limit: Limit = None,
) -> None:
    """List tokens with role, expiry and state."""
    run: Run = context.obj
    workspace, now = run.workspace(), clock.now()
    found = Tokens(workspace.settings.store.path).frame()
    if role is not None:
        found = found.filter(pl.col("role") == role)
    if state is not None:
        found = found.filter([_state(*times, now) == state for times in _times(found)])
    if limit is not None:
        found = found.head(limit)
    timezone = workspace.settings.company.timezone
    rows = [
        (
            row["name"],
            row["role"],
            workspace.names.of(row["csm"]) if row["csm"] else "",
            f"{date_and_time(row['created_at'], timezone)} by {row['created_by']}",
            date_and_time(row["expires_at"], timezone) if row["expires_at"] else UNKNOWN,
            _state(row["expires_at"], row["revoked_at"], now),
        )
        for row in found.iter_rows(named=True)
    ]
    heads = ["token", "role", "CSM", "created", "expires", "state"]
    run.output.result(found, table(heads, rows, empty="No tokens."), to=None)


@token.command("revoke")
def revoke(
    context: typer.Context, name: Annotated[str, typer.Argument(metavar="NAME", help="The token's name.")]
) -> None:
    """Revoke a token at once."""
    run: Run = context.obj
    Tokens(run.workspace().settings.store.path).revoke(name, at=clock.now())
    run.output.say(f"{name}: revoked. Requests with this token are now refused.")


def _named(name: str) -> str:
    if not name.strip() or not name.isprintable() or len(name) > LONGEST:
        raise UserError(f"Invalid token name {name!r}. Use a short text such as grafana.")
    return name.strip()


def _csm(workspace: Workspace, role: str, csm: str | None) -> str | None:
    """Return the CSM whose accounts a token can read, checked against the account list."""
    if (role == "csm") != (csm is not None):
        raise UserError("--role csm requires --csm." if csm is None else "--csm requires --role csm.")
    if csm is None:
        return None
    known = workspace.book.accounts["csm"].drop_nulls().str.to_lowercase().unique().sort().to_list()
    if csm.lower() not in known:
        raise UserError(
            f"--csm {csm}: no account has this CSM{did_you_mean(csm.lower(), known, what='CSMs')}."
        )
    return csm.lower()


def _times(found: pl.DataFrame) -> Iterator[tuple[dt.datetime | None, dt.datetime | None]]:
    return (
        (expires_at, revoked_at)
        for expires_at, revoked_at in found.select("expires_at", "revoked_at").iter_rows()
    )


def _state(expires_at: dt.datetime | None, revoked_at: dt.datetime | None, now: dt.datetime) -> str:
    if revoked_at is not None:
        return "revoked"
    return "expired" if expires_at is not None and expires_at <= now else "valid"
