"""The page that opens after sign-in, which is always one of the dashboard."""

from urllib.parse import quote, urlsplit

from starlette.requests import Request

SIGN_IN, BACK, SIGN_OUT, SIGNED_OUT = "/sign-in", "/sign-in/back", "/sign-out", "/signed-out"
HOME = "/"
LONGEST = 1500
"""The longest path that fits into the cookie, in characters."""


def is_signing_in(path: str) -> bool:
    """Return whether a path is one of those that sign somebody in or out."""
    return path in {SIGN_IN, BACK, SIGN_OUT, SIGNED_OUT}


def sign_in_for(request: Request) -> str:
    """Return the address to sign in at, which leads back to the requested page."""
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{SIGN_IN}?to={quote(quote(request.scope['path']) + query, safe='')}"


def safe_target(text: str) -> str:
    r"""Return a path of the dashboard unchanged, and the first page for anything else.

    Browsers treat ``//host`` and ``/\host`` as other sites, and ignore control characters.
    """
    parts = urlsplit(text) if text.isascii() and text.isprintable() and "\\" not in text else None
    own = parts is not None and not parts.scheme and not parts.netloc
    if not own or not text.startswith("/") or text.startswith("//") or len(text) > LONGEST:
        return HOME
    return HOME if is_signing_in(text.partition("?")[0]) else text
