"""The demo step by step, with its words: open a company, serve its pages, learn from it, say what to look at."""

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from mailsignals import clock
from mailsignals.cli.browser import free_port, open_in_browser
from mailsignals.cli.output import Output
from mailsignals.cli.progress import working
from mailsignals.demo.folder import BACKTEST, HOST, dashboard_address, make_room
from mailsignals.demo.opening import OpenedCompany, open_company
from mailsignals.demo.prepared_company import prepared_company
from mailsignals.demo.sights import Sights, write_digests
from mailsignals.demo.simulation import Simulation, simulate
from mailsignals.errors import UserError
from mailsignals.readmodel.editions import EditionStore
from mailsignals.service.http import serve_app
from mailsignals.usecases.backtest import backtest, write_report
from mailsignals.usecases.editions import prepare_edition
from mailsignals.usecases.score import score
from mailsignals.usecases.train import train
from mailsignals.web.app import application
from mailsignals.web.site import Site

ACCOUNTS, SEED = 40, 1
"""Of a computed company where only the other one is named."""


class DemoTour:
    """The demo in a folder."""

    def __init__(self, output: Output, folder: Path, *, port: int) -> None:
        """Make room in the folder, and find a port for the dashboard.

        Raises:
            UserError: the folder holds something else, or nothing can listen on this machine.
        """
        self._output, self._folder = output, folder
        if make_room(folder):
            output.say(f"Replacing the earlier demo in {folder}.")
        self._port = self._free(port)
        self.url = dashboard_address(self._port)
        """The address of the dashboard."""

    def _free(self, wanted: int) -> int:
        try:
            found = free_port(HOST, wanted)
        except OSError as error:
            raise UserError(f"{HOST}: no port can be used: {error.strerror or error}.") from None
        if wanted not in {0, found}:
            self._output.say(f"Port {wanted} is in use; the dashboard uses port {found}.")
        return found

    def open(self, accounts: int | None, seed: int | None) -> OpenedCompany:
        """Bring a company into the folder, and prepare its pages."""
        now = clock.now()
        is_prepared = accounts is None and seed is None
        what = "Opening a prepared company" if is_prepared else "Computing a company and its emails"
        with working(self._output, what):
            made = prepared_company(now) if is_prepared else _simulated(accounts, seed, now)
            company = open_company(made, self._folder, port=self._port, now=now)
        self._output.say(
            f"{company.accounts:,} customers and {company.emails:,} emails of two years, all invented, "
            f"are in {self._folder}."
        )
        with working(self._output, "Preparing its pages"):
            prepare_edition(company.workspace, now)
        return company

    @contextlib.contextmanager
    def served(self, company: OpenedCompany, *, browser: bool) -> Iterator[None]:
        """Serve the pages within the block, and open them in a browser if there is one.

        Raises:
            UserError: another program took the port.
        """
        settings = company.workspace.settings
        site = Site(settings=lambda: settings, now=clock.now, shelf=EditionStore(settings.store.path))
        app = application(site, bound=HOST)
        with contextlib.closing(app.state.access), serve_app(app, host=HOST, port=self._port):
            if browser and open_in_browser(self.url):
                self._output.say(f"{self.url} opens in your browser.")
            else:
                self._output.say(f"Open {self.url} in a browser.")
            yield

    def learn(self, company: OpenedCompany) -> Sights:
        """Record days, train the chance of churn, replay history, and bring pages and digests up to date."""
        days = company.days_to_record()
        if company.recorded:
            write_digests(company)
            self._record(company, days, "1 of 3: recording today's risk")
            self._train(company, days[0], "2 of 3: training the chance of churn")
        else:  # the model is in use from the first recorded day on
            self._train(company, days[0], "1 of 3: training the chance of churn")
            self._record(company, days, f"2 of 3: recording {len(days)} days of risk")
        with working(self._output, "3 of 3: replaying history"), self._saying_why():
            found = backtest(company.workspace, days[0])
            on = f"{company.workspace.day(days[0])}"
            write_report(found, company.workspace, self._folder / BACKTEST, on=on)
        with working(self._output, "Refreshing the pages"):
            prepare_edition(company.workspace, clock.now())
            return write_digests(company)

    def _record(self, company: OpenedCompany, days: Sequence[dt.datetime], what: str) -> None:
        with working(self._output, what):
            for day in days:
                score(company.workspace, day)

    def _train(self, company: OpenedCompany, as_of: dt.datetime, what: str) -> None:
        with working(self._output, what), self._saying_why():
            train(company.workspace, as_of, now=as_of, whole=False)

    @contextlib.contextmanager
    def _saying_why(self) -> Iterator[None]:
        """Print an error of the block, and go on: in a small company too few customers churned."""
        try:
            yield
        except UserError as error:
            self._output.say(str(error))


def _simulated(accounts: int | None, seed: int | None, now: dt.datetime) -> Simulation:
    """A company whose mail ends at midnight, so that it is the same all day."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return simulate(accounts=accounts or ACCOUNTS, seed=SEED if seed is None else seed, until=midnight)
