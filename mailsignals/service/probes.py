"""The routes that monitoring calls: liveness, readiness and metrics."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mailsignals.jobs.health import Health, State
from mailsignals.service.logs import without_addresses


def probe_routes(judge: Callable[[], Health], ready: Callable[[], bool]) -> list[Route]:
    """Return the routes ``/healthz``, which answers 503 while the program is failing, and ``/readyz``.

    Args:
        judge: returns the current health.
        ready: returns true once the program can do its work; until then ``/readyz`` answers 503.
    """

    def healthz(_: Request) -> Response:
        found = judge()
        problems = [without_addresses(problem.text) for problem in found.problems]
        status = 503 if found.state is State.FAILING else 200
        return JSONResponse({"state": found.state, "problems": problems}, status_code=status)

    def readyz(_: Request) -> Response:
        is_ready = ready()
        return JSONResponse({"ready": is_ready}, status_code=200 if is_ready else 503)

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


def metrics_route(registry: CollectorRegistry) -> Route:
    """Return the route ``/metrics`` for Prometheus."""

    def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})

    return Route("/metrics", metrics)
