"""The routes that monitoring calls, liveness, readiness and metrics, and their own address."""

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from mailsignals.config.dashboard import DashboardSection
from mailsignals.config.schedule import ServiceSection
from mailsignals.jobs.health import Health, State
from mailsignals.service.connections import ConnectionBounds, handle_limit
from mailsignals.service.http import serve_app
from mailsignals.service.logs import without_addresses
from mailsignals.service.probe_access import ProbeAccess, ProbeAnswer, unknown_host
from mailsignals.web.headers import SafeHeaders

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 32


def probe_routes(judge: Callable[[], Health], ready: Callable[[], bool], access: ProbeAccess) -> list[Route]:
    """Return the routes ``/healthz``, which answers 503 while the program is failing, and ``/readyz``.

    Args:
        judge: returns the current health.
        ready: returns true once the program can do its work; until then ``/readyz`` answers 503.
        access: decides who may read the problems; others get the state alone.
    """

    def healthz(request: Request) -> Response:
        allowed = access.answer(request)
        if allowed is ProbeAnswer.NOTHING:
            return unknown_host()
        found = judge()
        status = 503 if found.state is State.FAILING else 200
        if allowed is ProbeAnswer.STATE:
            return JSONResponse({"state": found.state}, status_code=status)
        problems = [without_addresses(problem.text) for problem in found.problems]
        return JSONResponse({"state": found.state, "problems": problems}, status_code=status)

    def readyz(request: Request) -> Response:
        if access.answer(request) is ProbeAnswer.NOTHING:
            return unknown_host()
        is_ready = ready()
        return JSONResponse({"ready": is_ready}, status_code=200 if is_ready else 503)

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


def metrics_route(registry: CollectorRegistry, access: ProbeAccess) -> Route:
    """Return the route ``/metrics`` for Prometheus; it answers 403 to everybody who may not read details."""

    def metrics(request: Request) -> Response:
        allowed = access.answer(request)
        if allowed is ProbeAnswer.NOTHING:
            return unknown_host()
        if allowed is ProbeAnswer.STATE:
            text = "No metrics at this address. Set service.probe_host to an address for monitoring.\n"
            return PlainTextResponse(text, status_code=403)
        return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})

    return Route("/metrics", metrics)


@contextlib.contextmanager
def serve_probes(
    service: ServiceSection,
    routes: Callable[[ProbeAccess], Sequence[Route]],
    dashboard: Callable[[], DashboardSection],
) -> Iterator[None]:
    """Serve routes at the own address of monitoring for as long as the block runs, if one is configured.

    Args:
        service: the addresses.
        routes: returns the routes for the given access.
        dashboard: returns the current configuration of the dashboard.

    Raises:
        UserError: the address can't be used.
    """
    if not service.probe_host:
        yield
        return
    access = ProbeAccess(bound=service.probe_host, dashboard=dashboard, own_address=True)
    app = Starlette(routes=list(routes(access)), middleware=[Middleware(SafeHeaders)])
    bounds = ConnectionBounds.within(handle_limit(), most=MOST_CONNECTIONS)
    keys = "service.probe_host, service.probe_port"
    with serve_app(app, host=service.probe_host, port=service.probe_port, keys=keys, bounds=bounds) as port:
        log.info("probes_served", extra={"host": service.probe_host, "port": port})
        yield
