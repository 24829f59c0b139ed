"""Who asks, how that is known, and what they did: what a request carries with it on its way to a page."""

import dataclasses

from starlette.requests import HTTPConnection

from mailsignals.store.tables.audit import AuditKind
from mailsignals.web.access.sessions import Session
from mailsignals.web.roles import Viewer


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Somebody who asks."""

    viewer: Viewer
    name: str
    """What the audit log calls them: an address, ``token NAME``, or nothing where nobody has to say."""
    way: str
    """``session``, ``proxy``, ``token``, ``open``, or ``nobody``."""
    session: Session | None = None

    @property
    def is_known(self) -> bool:
        """Whether they may come at all."""
        return self.way != "nobody"


def nobody(timezone: str) -> Who:
    """Whoever did not say who they are."""
    return Who(viewer=Viewer(address=None, roles=frozenset(), timezone=timezone), name="", way="nobody")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """What a request came to, where its path and its status do not say it."""

    detail: str | None = None
    kind: AuditKind | None = None
    name: str | None = None
    """Who it was, if that became known only now."""
    account_id: str | None = None
    """Which account it was of."""


_WHO, _DID, _CLIENT = "who", "did", "client"


def bring(request: HTTPConnection, who: Who, *, client: str) -> None:
    """Let a request carry who asks, from which network address."""
    setattr(request.state, _WHO, who)
    setattr(request.state, _CLIENT, client)


def who_asks(request: HTTPConnection) -> Who | None:
    """Who asks; None where nobody has looked."""
    return getattr(request.state, _WHO, None)


def client_of_request(request: HTTPConnection) -> str:
    """The network address that a request is from; empty where nobody has looked."""
    found: str = getattr(request.state, _CLIENT, "")
    return found


def note(request: HTTPConnection, did: Did) -> None:
    """Say for the audit log what a request came to; no subject belongs there."""
    setattr(request.state, _DID, did)


def noted(request: HTTPConnection) -> Did:
    """What was said of it."""
    found: Did = getattr(request.state, _DID, Did())
    return found
