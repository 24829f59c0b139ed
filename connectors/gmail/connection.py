"""The connection to Google's servers: without redirects, limited in time, and with any server as its root."""

import contextlib
import functools
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import google_auth_httplib2
import httplib2
from googleapiclient.discovery_cache import get_static_doc

from connectors.gmail.access import Timeouts
from connectors.transport.server_dates import ServerDates

HANG_UP_EVERY = 0.5
"""Seconds between two attempts to end connections after the deadline, because a new one may be opened meanwhile."""


class _Connection(httplib2.Http):  # type: ignore[misc]  # httplib2 has no types
    """A connection that notes the dates of answers."""

    dates: ServerDates | None = None

    def request(self, *args: object, **options: object) -> Any:  # the library's pair  # noqa: ANN401
        """Send a request, note the date of the answer, and return it."""
        response, content = super().request(*args, **options)
        if self.dates is not None:
            self.dates.note(response.get("date"))
        return response, content


def connection(timeouts: Timeouts, dates: ServerDates | None = None) -> httplib2.Http:
    """Return a connection that follows no redirects to other servers, and notes the dates of answers."""
    http = _Connection(timeout=timeouts.read_seconds)
    http.dates = dates
    http.follow_redirects = False
    return http


@functools.cache
def gmail_description(root: str) -> str:
    """Return the bundled description of Gmail's API with another server as its root."""
    return description_at(get_static_doc("gmail", "v1"), root)


def description_at(description: str, root: str) -> str:
    """Return a bundled API description with another server as its root."""
    return json.dumps(json.loads(description) | {"rootUrl": root, "mtlsRootUrl": root})


@contextlib.contextmanager
def hung_up_after(seconds: float, authorized: google_auth_httplib2.AuthorizedHttp) -> Iterator[None]:
    """End slow answers in the block after some seconds, because the library only limits the time between two bytes.

    The library's error for a broken connection passes through.
    """
    ended = threading.Event()

    def watch() -> None:
        pause = seconds
        while not ended.wait(pause):
            pause = HANG_UP_EVERY
            for each in list(authorized.http.connections.values()):
                with contextlib.suppress(OSError, AttributeError):
                    each.sock.shutdown(socket.SHUT_RDWR)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        ended.set()
