"""Open a page in a browser where there is one, and find a port for it."""

import os
import socket
import sys
import webbrowser
from collections.abc import Mapping


def has_display(environ: Mapping[str, str], platform: str) -> bool:
    """Return true if a browser would appear in front of the person at this terminal.

    ``BROWSER`` names a program for it, also over SSH. Without it, a remote session has no display of that person.

    Args:
        environ: the environment variables.
        platform: as in ``sys.platform``.
    """
    if environ.get("BROWSER"):
        return True
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return False
    return platform in {"darwin", "win32"} or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def open_in_browser(url: str) -> bool:
    """Open an address in a browser; return false without a display or a browser."""
    if not has_display(os.environ, sys.platform):
        return False
    try:
        return webbrowser.open(url)
    except (webbrowser.Error, OSError):
        return False


def free_port(host: str, wanted: int) -> int:
    """Return the wanted port if it is free, otherwise another one.

    Raises:
        OSError: nothing can listen at the host.
    """
    for port in (wanted, 0):
        try:
            with socket.create_server((host, port)) as found:
                return int(found.getsockname()[1])
        except OSError:
            if port == 0:
                raise
    return wanted
