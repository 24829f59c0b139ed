"""Import the account list from an export of a CRM or a spreadsheet."""

import contextlib
import dataclasses
import datetime as dt
import shutil
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from mailsignals.accounts import Notation, read_book
from mailsignals.accounts.exports import Export, Rules, read_export
from mailsignals.config import Settings
from mailsignals.errors import UserError
from mailsignals.files import written_whole
from mailsignals.formats import csv_rows


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class AccountsImport:
    """The result of reading an export, and of writing the account list."""

    export: Export
    """The export as an account list."""
    target: Path
    """The file of the account list."""
    exists: bool
    """Whether an account list existed before."""
    gone: tuple[str, ...]
    """Ids of the old account list that the export lacks; empty where that list can't be read."""
    written: bool
    copy: Path | None
    """The copy of the old account list; None if there was none, or nothing was written."""


def import_accounts(
    settings: Settings, path: Path, *, now: dt.datetime, chosen: Mapping[str, str], write: bool
) -> AccountsImport:
    """Read an export, and write the account list if requested.

    Args:
        settings: the company's; the account list need not exist yet.
        path: the export.
        now: names the copy of the old account list.
        chosen: the column of a field, by the field's name; any other column is taken by its name.
        write: whether to write; the old account list is copied first.

    Raises:
        UserError: naming the file, line and column that can't be read, or the file that can't be written; the
            account list is then unchanged.
    """
    target = settings.accounts.file
    export = read_export(
        path,
        Rules(
            company=settings.our_company,
            free_mail=settings.free_mail,
            tiers=settings.tier_names,
            notation=settings.accounts.notation,
            chosen=chosen,
        ),
    )
    if export.accounts.is_empty():
        raise UserError(f"{path}: no account has a domain or a contact, so there is nothing to write.")
    exists, copy = target.exists(), None
    gone = _gone(settings, export)
    if write:
        copy = _kept(target, now) if exists else None
        _write(settings, export)
    return AccountsImport(export=export, target=target, exists=exists, gone=gone, written=write, copy=copy)


def _gone(settings: Settings, export: Export) -> tuple[str, ...]:
    accounts = settings.accounts
    with contextlib.suppress(UserError):
        before = read_book(accounts.file, tiers=settings.tier_names, notation=accounts.notation).accounts
        return tuple(
            before["account_id"].filter(~before["account_id"].is_in(export.accounts["account_id"].to_list()))
        )
    return ()


def _kept(target: Path, now: dt.datetime) -> Path:
    """Copy the old account list to a new name, and return the copy; a copy of the same second and content stays."""
    stem = f"{target.name}.{now:%Y%m%dT%H%M%SZ}"
    names = (f"{stem}.{number}.bak" if number else f"{stem}.bak" for number in range(1000))
    content = target.read_bytes()
    places = (target.with_name(name) for name in names)
    copy = next(place for place in places if not place.exists() or place.read_bytes() == content)
    if copy.exists():
        return copy
    with written_whole(copy) as draft:
        shutil.copy2(target, draft)
    return copy


def _write(settings: Settings, export: Export) -> None:
    """Write the account list, only if it can be read back."""
    accounts = settings.accounts
    with written_whole(accounts.file) as draft:
        frame = _in_texts(export.accounts, accounts.notation)
        draft.write_text(csv_rows(frame), encoding="utf-8", newline="\n")
        read_book(draft, tiers=settings.tier_names, notation=accounts.notation)


def _in_texts(accounts: pl.DataFrame, notation: Notation) -> pl.DataFrame:
    """The frame with its amounts as the account list has them: never with three decimals, which could be thousands."""
    if "arr" not in accounts.columns:
        return accounts
    texts = [None if value is None else _amount(value, notation) for value in accounts["arr"]]
    return accounts.with_columns(pl.Series("arr", texts, dtype=pl.String))


def _amount(value: float, notation: Notation) -> str:
    text = f"{value:.2f}" if round(value, 2) == value else f"{value:.6f}"
    return text.removesuffix(".00").replace(".", notation.decimal or ".")
