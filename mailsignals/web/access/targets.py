"""Where somebody goes after signing in: to a page of ours, whatever a link says."""

from urllib.parse import quote, urlsplit

from starlette.requests import Request

SIGN_IN, BACK, SIGN_OUT, SIGNED_OUT = "/sign-in", "/sign-in/back", "/sign-out", "/signed-out"
HOME = "/"
LONGEST = 1500
"""Letters of a path that is remembered, since it travels in a cookie."""


def is_signing_in(path: str) -> bool:
    """Return whether a path is one of those that sign somebody in or out."""
    return path in {SIGN_IN, BACK, SIGN_OUT, SIGNED_OUT}


def sign_in_for(request: Request) -> str:
    """The address at which somebody signs in to see what they asked for."""
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{SIGN_IN}?to={quote(quote(request.scope['path']) + query, safe='')}"


def safe_target(text: str) -> str:
    r"""A path of ours as it was asked for; anything else is the first page.

    Browsers take ``//host`` and ``/\host`` for other sites, and leave out control characters before they look.
    """
    parts = urlsplit(text) if text.isascii() and text.isprintable() and "\\" not in text else None
    own = parts is not None and not parts.scheme and not parts.netloc
    if not own or not text.startswith("/") or text.startswith("//") or len(text) > LONGEST:
        return HOME
    return HOME if is_signing_in(text.partition("?")[0]) else text
