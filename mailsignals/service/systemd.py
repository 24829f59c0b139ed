"""Messages to systemd: ready, stopping, and a watchdog that is fed only while the scheduler makes progress."""

import contextlib
import logging
import os
import socket
from collections.abc import Mapping
from typing import Self

log = logging.getLogger(__name__)

ADDRESS, INTERVAL, PROCESS = "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"
"""The environment variables that systemd sets for a unit with ``Type=notify`` and ``WatchdogSec=``."""

BEATS_PER_INTERVAL = 3
"""Messages in the time after which systemd restarts the service, so that a late one does no harm."""


class SystemdNotifier:
    """The socket on which systemd receives the state of a service; without a socket it sends nothing."""

    def __init__(self, address: str | None, *, watchdog_seconds: float | None = None) -> None:
        self._address = address
        self._watchdog_seconds = watchdog_seconds
        self._progress: int | None = None
        self._channel: socket.socket | None = None

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """Return the notifier that the environment variables of a process describe.

        A watchdog for another process, and an interval that is not a number, are ignored.
        """
        interval = environ.get(INTERVAL, "")
        ours = environ.get(PROCESS, str(os.getpid())) == str(os.getpid())
        seconds = int(interval) / 1e6 if interval.isdecimal() and ours else None
        return cls(environ.get(ADDRESS), watchdog_seconds=seconds or None)

    def pause_seconds(self, usual: float) -> float:
        """Return the seconds to wait between two beats: ``usual``, or less if the watchdog is more impatient."""
        if self._watchdog_seconds is None:
            return usual
        return min(usual, self._watchdog_seconds / BEATS_PER_INTERVAL)

    def ready(self) -> None:
        """Report that the service has started, or that a reload of the configuration is complete."""
        self._send("READY=1")

    def reloading(self) -> None:
        """Report that the configuration is being reloaded."""
        self._send("RELOADING=1")

    def stopping(self) -> None:
        """Report that the service is shutting down."""
        self._send("STOPPING=1")

    def beat(self, progress: int) -> None:
        """Feed the watchdog if the scheduler has made progress since the last call.

        Args:
            progress: the number of times that the scheduler has looked for due jobs.
        """
        if self._watchdog_seconds is None or progress == self._progress:
            return
        self._progress = progress
        self._send("WATCHDOG=1")

    def close(self) -> None:
        """Close the socket."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def _send(self, message: str) -> None:
        if not self._address or not hasattr(socket, "AF_UNIX"):
            return
        try:
            # The socket stays open, so that a message can be sent when no file handle is left.
            self._channel = self._channel or _connected(self._address)
            self._channel.send(message.encode())
        except OSError as error:
            self.close()  # the next message opens another one
            log.warning("systemd_not_notified", extra={"message_sent": message, "problem": str(error)})


def _connected(address: str) -> socket.socket:
    # An address that begins with @ is in the abstract namespace of Linux.
    target = f"\0{address[1:]}" if address.startswith("@") else address
    with contextlib.ExitStack() as held:
        channel = held.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        channel.connect(target)
        held.pop_all()
    return channel
