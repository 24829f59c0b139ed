"""What the service tells over HTTP: whether it lives, whether it is ready, and its figures; and its server."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import uvicorn
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mailsignals.errors import UserError
from mailsignals.jobs.health import Health, State
from mailsignals.service.logs import without_addresses

SHUTDOWN_SECONDS = 1


def service_routes(
    judge: Callable[[], Health], ready: Callable[[], bool], registry: CollectorRegistry
) -> list[Route]:
    """Return the routes for monitoring: ``/healthz``, ``/readyz`` and ``/metrics``.

    ``/healthz`` answers 503 while the service is failing, ``/readyz`` until the jobs are scheduled.
    """

    def healthz(_: Request) -> Response:
        found = judge()
        problems = [without_addresses(problem.text) for problem in found.problems]
        status = 503 if found.state is State.FAILING else 200
        return JSONResponse({"state": found.state, "problems": problems}, status_code=status)

    def readyz(_: Request) -> Response:
        return JSONResponse({"ready": ready()}, status_code=200 if ready() else 503)

    def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


@contextlib.contextmanager
def serve_app(app: Starlette, *, host: str, port: int) -> Iterator[int]:
    """Serve in a thread as long as the block lasts; gives the port, which 0 leaves to the system.

    Raises:
        UserError: the address cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise UserError(
            f"service.host, service.port: {host}:{port} cannot be used: {error.strerror or error}. Is the service "
            "running already? Else choose another port."
        ) from None
    # An answer is written in parts; otherwise each would wait for the receipt of the one before, 40 ms or so.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    options = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        proxy_headers=False,  # what a proxy says is believed where the configuration says so, and nowhere else
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    server = uvicorn.Server(options)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(2 * SHUTDOWN_SECONDS)
        listening.close()
