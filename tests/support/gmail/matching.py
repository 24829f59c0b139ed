"""Which requests a fault strikes; parts of batches count as requests."""

from collections.abc import Callable

from tests.support.gmail import batch
from tests.support.gmail.server import GmailServer
from tests.support.loopback import Request

Matches = Callable[[Request], bool]


def gets(message_id: str = "") -> Matches:
    """``users.messages.get`` of this message, or of any."""
    return lambda request: _names(request.path, "messages", message_id)


def thread_gets(thread_id: str = "") -> Matches:
    """``users.threads.get`` of this thread, or of any."""
    return lambda request: _names(request.path, "threads", thread_id)


def _names(path: str, kind: str, item: str) -> bool:
    above, _, last = path.rpartition("/")
    return above.endswith(f"/{kind}") and item in {"", last}


def lists(request: Request) -> bool:
    """``users.messages.list``."""
    return request.path.endswith("/messages")


def histories(request: Request) -> bool:
    """``users.history.list``."""
    return request.path.endswith("/history")


def profiles(request: Request) -> bool:
    """``users.getProfile``."""
    return request.path.endswith("/profile")


def batches(request: Request) -> bool:
    """A batch as a whole."""
    return request.path in batch.PATHS


def tokens(request: Request) -> bool:
    """The token endpoint."""
    return request.path == "/token"


def methods(request: Request) -> bool:
    """Any method of the API, alone or in a batch."""
    return request.path.startswith("/gmail/v1/")


def of(server: GmailServer, address: str, matches: Matches = methods) -> Matches:
    """The same, where the token is this user's."""

    def is_of(request: Request) -> bool:
        token = server.issuer.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        return token is not None and token.subject == address.lower() and matches(request)

    return is_of
