"""Archives of mail: messages, a configuration and an account list in one folder."""

import dataclasses
import datetime as dt
import os
from pathlib import Path

import polars as pl

from mailsignals.accounts.dated import no_facts
from mailsignals.config import Settings
from mailsignals.signals.facts import Facts, facts
from mailsignals.touches.build import build
from mailsignals.workspace import Workspace

OPENBMC = "second/openbmc"


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Archive:
    """All touches of an archive, with its accounts and people."""

    name: str
    facts: Facts
    accounts: pl.DataFrame
    """The account list in ``BOOK_SCHEMA``."""
    settings: Settings
    until: dt.datetime
    """Time of the last touch."""


def openbmc_folder() -> Path | None:
    """Return the folder of the public mailing list below MAILSIGNALS_DATA; None if it is missing."""
    data = Path(os.environ.get("MAILSIGNALS_DATA", Path(__file__).parents[2] / "shared" / "data"))
    return data / OPENBMC if (data / OPENBMC).is_dir() else None


def read_archive(folder: Path) -> Archive:
    """Return a complete archive from a folder.

    Raises:
        UserError: the configuration or the account list cannot be read.
    """
    workspace = Workspace.load(folder / "config.toml")
    found = build(pl.scan_parquet(folder / "messages.parquet"), workspace.directory, workspace.touch_rules)
    accounts = workspace.book.accounts
    read = facts(
        found.frame.lazy(),
        found.links.lazy(),
        found.programs.lazy(),
        accounts=pl.Series(range(accounts.height), dtype=pl.UInt32),
        rules=workspace.conversation_rules,
        promises=workspace.promises(no_facts()),
    )
    last = found.frame.select(pl.col("sent_at").max()).item()
    return Archive(name=folder.name, facts=read, accounts=accounts, settings=workspace.settings, until=last)
