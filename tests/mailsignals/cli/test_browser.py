"""Browsers and ports: what there is on this machine."""

import socket
import webbrowser
from typing import Never

import pytest

from mailsignals.cli.browser import free_port, has_display, open_in_browser


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "a b"}, "linux", False),
        ({"BROWSER": "code-browser", "SSH_CONNECTION": "a b"}, "linux", True),
        ({}, "darwin", True),
        ({"SSH_TTY": "/dev/pts/1"}, "darwin", False),
        ({}, "win32", True),
    ],
)
def test_a_browser_needs_a_display_of_the_person(
    environ: dict[str, str], platform: str, *, expected: bool
) -> None:
    """Over SSH a browser would appear on another machine, unless ``BROWSER`` leads back."""
    assert has_display(environ, platform) is expected


def test_a_browser_that_does_not_start_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller prints the address instead."""

    def fails(_: str) -> Never:
        raise webbrowser.Error

    monkeypatch.setenv("BROWSER", "none")
    monkeypatch.setattr(webbrowser, "open", fails)
    assert not open_in_browser("http://127.0.0.1:1")
    monkeypatch.delenv("BROWSER")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert not open_in_browser("http://127.0.0.1:1")


def test_a_free_port_is_used_and_a_taken_one_is_not() -> None:
    """A port on which another program listens gives way to one that the system chooses."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert free_port("127.0.0.1", port) not in {0, port}
    assert free_port("127.0.0.1", port) == port
