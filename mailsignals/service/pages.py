"""The application that ``mailsignals serve`` shows: the dashboard with routes for monitoring."""

from starlette.applications import Starlette

from mailsignals import clock
from mailsignals.config import Settings
from mailsignals.jobs.health import Health, State
from mailsignals.readmodel.editions import EditionStore
from mailsignals.service.probes import probe_routes
from mailsignals.web.app import application
from mailsignals.web.site import Site


def dashboard_app(settings: Settings, editions: EditionStore, *, host: str) -> Starlette:
    """Return the dashboard of a company.

    ``/healthz`` answers 200 while it runs, and ``/readyz`` answers 503 until the first edition is there.

    Args:
        settings: of the company.
        editions: those that the pages show.
        host: the address that it is served at.
    """
    site = Site(settings=lambda: settings, now=clock.now, shelf=editions)

    def judge() -> Health:
        return Health(state=State.OK, problems=[])

    probes = probe_routes(judge, lambda: editions.newest() is not None)
    return application(site, further=probes, bound=host)
