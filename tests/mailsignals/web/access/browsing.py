"""How a browser goes to the issuer and comes back."""

import contextlib
import http.client
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from tests.mailsignals.web.access.conftest import URL, Dashboard

COOKIE, SIGN_IN_COOKIE = "__Host-mailsignals", "__Host-mailsignals-sign-in"


def redirected(url: str) -> str:
    """Where the issuer sends a browser that asks for an address."""
    parts = urlsplit(url)
    with contextlib.closing(http.client.HTTPConnection(parts.netloc)) as connection:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        assert answer.status == 302, answer.read()
        return answer.headers["Location"]


def way_back(answer: Any) -> str:
    """The path with which a browser comes back that followed the redirect to the issuer."""
    assert answer.status_code == 303, answer.text
    parts = urlsplit(redirected(answer.headers["location"]))
    assert f"{parts.scheme}://{parts.netloc}" == URL
    return f"{parts.path}?{parts.query}"


def sign_in(dashboard: Dashboard, to: str = "/sign-in") -> Any:  # an answer
    """Go the whole way; what the dashboard answers to whoever comes back."""
    return dashboard.client.get(way_back(dashboard.client.get(to)))


def cookie_in(answer: Any, name: str) -> Any:  # a Morsel
    """A cookie that an answer sets."""
    for value in answer.headers.get_list("set-cookie"):
        found: SimpleCookie = SimpleCookie(value)
        if name in found:
            return found[name]
    return None
