"""``mailsignals accounts``: import the account list from an export, and show its history."""

from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.console import RenderableType

from mailsignals import clock
from mailsignals.accounts.nearest import did_you_mean
from mailsignals.cli.cells import UNKNOWN
from mailsignals.cli.exit_status import DONE, PARTIAL
from mailsignals.cli.files import check_suffix
from mailsignals.cli.options import Limit, To
from mailsignals.cli.output import Output, table
from mailsignals.cli.run import Run
from mailsignals.errors import UserError
from mailsignals.formats import plain
from mailsignals.usecases.account_list import account_history
from mailsignals.usecases.import_accounts import AccountsImport, import_accounts
from mailsignals.wording.money import money
from mailsignals.wording.numbers import count_noun, date_and_time
from mailsignals.workspace import Workspace

SHOWN, ROWS = 15, 5

accounts = typer.Typer(
    help="Import the account list from an export, and show its history.", rich_markup_mode=None
)


@accounts.callback()
def accounts_command() -> None:
    """Import the account list from an export, and show its history."""


@accounts.command("import")
def import_list_command(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A CSV file from a CRM or a spreadsheet, in any encoding.")
    ],
    *,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=COLUMN",
            help="The column of a field, such as arr=Revenue; repeatable.",
        ),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write the account list; the old one is kept as a copy.")
    ] = False,
) -> int:
    """Preview an export as the account list; write it with --write."""
    run: Run = context.obj
    found = import_accounts(run.settings(), file, now=clock.now(), chosen=_chosen(column or []), write=write)
    export = found.export
    frames = {"columns": export.columns, "accounts": export.accounts, "left_out": export.left_out}
    run.output.say(f"{file}: {export.description}.")
    if run.output.as_json:
        run.output.document(frames, "")
    else:
        _show(run.output, found)
    _say(run.output, found)
    return PARTIAL if export.left_out["column"].null_count() else DONE


@accounts.command("history")
def history_command(
    context: typer.Context,
    account_id: Annotated[str | None, typer.Argument(metavar="ACCOUNT_ID", help="Only this account.")] = None,
    *,
    field: Annotated[
        str | None, typer.Option("--field", metavar="FIELD", help="Only this field, such as arr or csm.")
    ] = None,
    limit: Limit = None,
    output: To = None,
) -> None:
    """Show the past values of the account list, and when each was first read."""
    run: Run = context.obj
    check_suffix(output)
    workspace = run.workspace()
    with workspace.at(clock.now()) as snapshot:
        found = _chosen_facts(account_history(snapshot, account_id), field, limit)
    run.output.result(found, _history_table(found, workspace), to=output)
    if run.output.for_people(output) and found["valid_from"].null_count():
        run.output.say(
            f"{UNKNOWN} under 'valid from': the start is unknown. The value counts for earlier figures, but "
            "models use it only for dates after it was read."
        )


def _chosen_facts(found: pl.DataFrame, field: str | None, limit: int | None) -> pl.DataFrame:
    if field is not None:
        known = found["field"].unique().sort().to_list()
        if field not in known:
            raise UserError(f"--field {field}: no such field{did_you_mean(field, known, what='fields')}.")
        found = found.filter(pl.col("field") == field)
    return found if limit is None else found.head(limit)


def _history_table(found: pl.DataFrame, workspace: Workspace) -> RenderableType:
    rows = [
        (
            row["account_id"],
            row["field"],
            _shown(row["field"], row["value"], workspace.settings.accounts.currency),
            UNKNOWN if row["valid_from"] is None else f"{row['valid_from']}",
            date_and_time(row["seen_at"], workspace.timezone),
        )
        for row in found.iter_rows(named=True)
    ]
    return table(["account", "field", "value", "valid from", "first read"], rows)


def _shown(field: str, value: str | None, currency: str) -> str:
    """Return a value for people: ARR with its currency, and a word for an empty field."""
    if value is None:
        return "(empty)"
    return money(float(value), currency) if field == "arr" else value


def _chosen(given: list[str]) -> dict[str, str]:
    found = {}
    for text in given:
        field, mark, column = text.partition("=")
        if not mark or not field.strip() or not column.strip():
            raise UserError(f"--column {text}: use FIELD=COLUMN, such as arr=Revenue.")
        if field.strip() in found:
            raise UserError(f"--column {text}: {field.strip()} is given twice. Use one column per field.")
        found[field.strip()] = column.strip()
    return found


def _show(output: Output, found: AccountsImport) -> None:
    export = found.export
    rows = [
        (row["column"], row["field"] or UNKNOWN, row["reason"] or "")
        for row in export.columns.iter_rows(named=True)
    ]
    output.show(table(["column", "field", "reason"], rows, title="Columns"))
    first = (
        plain(export.accounts.head(ROWS)).with_columns(pl.col("arr").cast(pl.String))
        if ("arr" in export.accounts.columns)
        else plain(export.accounts.head(ROWS))
    )
    title = f"First {first.height} of {count_noun(export.accounts.height, 'account')}"
    output.show(
        table(first.columns, [[cell or "" for cell in row] for row in first.iter_rows()], title=title)
    )
    left = [
        (str(row["line"]), row["column"] or UNKNOWN, row["value"] or "", row["reason"])
        for row in export.left_out.head(SHOWN).iter_rows(named=True)
    ]
    if left:
        output.show(
            table(["line", "column", "value", "reason"], left, title="Omitted or changed", right=["line"])
        )
    if export.left_out.height > SHOWN:
        output.say(f"{export.left_out.height - SHOWN:,} more; list all with --json.")


def _say(output: Output, found: AccountsImport) -> None:
    count = count_noun(found.export.accounts.height, "account")
    if found.gone:
        listed = ", ".join(found.gone[:3]) + (f" and {len(found.gone) - 3:,} more" if found.gone[3:] else "")
        output.say(f"In {found.target}, but not in the export: {listed}.")
    if found.written:
        copy = f" The old list is in {found.copy}." if found.copy else ""
        output.say(
            f"Wrote {count} to {found.target}.{copy} To compare them with your mail: `mailsignals check`."
        )
    else:
        what = "replace" if found.exists else "write"
        output.say(f"Preview only. To {what} {found.target} with {count}, add --write.")
