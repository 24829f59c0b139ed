"""Bring a company of the demo into a folder and a store, ready for its pages."""

import dataclasses
import datetime as dt
from pathlib import Path

from mailsignals.demo.folder import with_dashboard
from mailsignals.demo.people import SUPPORT
from mailsignals.demo.prepared_company import PreparedCompany
from mailsignals.demo.simulation import CONFIG_FILE, MESSAGES_FILE, Simulation, write_company
from mailsignals.usecases.import_files import import_files
from mailsignals.usecases.recorded_words import keep_recorded_words
from mailsignals.workspace import Workspace

DAYS_RECORDED = 30
"""Days that are recorded of a company that was computed; the model is trained on the first of them."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class OpenedCompany:
    """A company whose mail is in its store."""

    workspace: Workspace
    folder: Path
    as_of: dt.datetime
    """The end of its mail, or now."""
    accounts: int
    emails: int
    recorded: bool
    """Whether days were recorded before, from which flags follow."""

    def days_to_record(self) -> list[dt.datetime]:
        """Return the times at which the risk of each account is still to be recorded, in order."""
        if self.recorded:
            return [self.as_of]
        return [
            self.workspace.instant(f"{self.as_of - dt.timedelta(days=ago):%Y-%m-%d}", now=self.as_of)
            for ago in reversed(range(DAYS_RECORDED))
        ]


def open_company(
    company: Simulation | PreparedCompany, folder: Path, *, port: int, now: dt.datetime
) -> OpenedCompany:
    """Write a company into a folder, import its mail, and keep what was recorded of it.

    Args:
        company: a prepared or a simulated one.
        folder: an empty or a new one, or that of an earlier demo.
        port: of its dashboard.
        now: the time of the import.

    Raises:
        UserError: the folder cannot be written.
    """
    prepared = company if isinstance(company, PreparedCompany) else None
    simulation = company.simulation if isinstance(company, PreparedCompany) else company
    config = with_dashboard(simulation.config, port)
    write_company(dataclasses.replace(simulation, config=config), folder)
    workspace = Workspace.load(folder / CONFIG_FILE)
    for found in import_files(workspace, [folder / MESSAGES_FILE], SUPPORT, now=lambda: now):
        if found.error is not None:
            raise found.error
    if prepared:
        keep_recorded_words(workspace.settings, prepared.days, prepared.feedback)
    return OpenedCompany(
        workspace=workspace,
        folder=folder,
        as_of=simulation.as_of,
        accounts=simulation.accounts.height,
        emails=simulation.messages["message_id"].n_unique(),
        recorded=prepared is not None,
    )
