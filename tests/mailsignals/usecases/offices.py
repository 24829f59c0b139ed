"""Folders of companies: their configuration, what they import, and what they have stored."""

import datetime as dt
from pathlib import Path

import polars as pl

from mailsignals import clock
from mailsignals.store import Store
from mailsignals.usecases.import_files import FileReport, import_files
from mailsignals.workspace import Workspace
from tests.mailsignals import small_company

MIDNIGHT = small_company.MIDNIGHT.astimezone(dt.UTC)
"""When the small company's mail ends."""


def loaded(folder: Path, more: str = "") -> Workspace:
    """The company in a folder, with something added to its configuration for good."""
    with (folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f"\n{more}\n")
    return Workspace.load(folder / "config.toml")


def imported(folder: Path, *names: str, mailbox: str = small_company.DESK) -> list[FileReport]:
    """What came of importing these files of a folder."""
    return import_files(loaded(folder), [folder / name for name in names], mailbox, now=clock.now)


def messages(folder: Path) -> pl.DataFrame:
    """All messages of the store in a folder."""
    with Store.open(folder / "store", mode="read") as store:
        return store.messages().sort("provider", "mailbox", "provider_id").collect()
