"""Serve an ASGI application over HTTP in a thread of this process."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from mailsignals.errors import UserError

SHUTDOWN_SECONDS = 1


@contextlib.contextmanager
def serve_app(app: ASGIApp, *, host: str, port: int) -> Iterator[int]:
    """Serve an application in a thread for as long as the block runs, and yield the port.

    Port 0 lets the system choose one. The address accepts connections from the first line of the block on.

    Raises:
        UserError: the address cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (while")[0]
        raise UserError(
            f"service.host, service.port: can't listen on {host}:{port} ({reason}). "
            "Choose another port, or stop the program that uses it."
        ) from None
    # A response is written in parts; without this, each part waits about 40 ms for the receipt of the one before.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    options = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        proxy_headers=False,  # only the configuration decides which proxy headers are trusted
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
