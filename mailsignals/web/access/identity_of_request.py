"""The requester and audit notes that a request carries on its way to a page."""

import dataclasses

from starlette.requests import HTTPConnection

from mailsignals.readmodel.roles import Viewer
from mailsignals.store.tables.audit import AuditKind
from mailsignals.web.access.sessions import Session


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """The person or program behind a request."""

    viewer: Viewer
    name: str
    """The name in the audit log: an address, ``token NAME``, or empty without sign-in."""
    way: str
    """``session``, ``proxy``, ``token``, ``open``, or ``nobody``."""
    session: Session | None = None

    @property
    def is_known(self) -> bool:
        """Return whether the requester is identified, or needs no sign-in."""
        return self.way != "nobody"


def anonymous(timezone: str) -> Requester:
    """Return the requester of a request without credentials."""
    return Requester(viewer=Viewer(address=None, roles=frozenset(), timezone=timezone), name="", way="nobody")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """The audit details of a request that its path and status do not show."""

    detail: str | None = None
    kind: AuditKind | None = None
    name: str | None = None
    """The name of the requester, if it became known only during the request."""
    account_id: str | None = None
    """The id of the account that it concerns."""


_WHO, _DID, _CLIENT = "who", "did", "client"


def bring(request: HTTPConnection, who: Requester, *, client: str) -> None:
    """Attach the requester and network address to a request."""
    setattr(request.state, _WHO, who)
    setattr(request.state, _CLIENT, client)


def who_asks(request: HTTPConnection) -> Requester | None:
    """Return the requester of a request; None if no access check was made."""
    return getattr(request.state, _WHO, None)


def client_of_request(request: HTTPConnection) -> str:
    """Return the network address of a request; empty before ``bring``."""
    found: str = getattr(request.state, _CLIENT, "")
    return found


def note(request: HTTPConnection, did: Did) -> None:
    """Attach audit details to a request; they must not contain subjects."""
    setattr(request.state, _DID, did)


def note_refusal(request: HTTPConnection, detail: str, *, account_id: str | None = None) -> None:
    """Attach to a request the reason for its refusal, which its status doesn't show."""
    note(request, Did(kind=AuditKind.REFUSED, detail=detail, account_id=account_id))


def audit_notes(request: HTTPConnection) -> Did:
    """Return the audit details of a request, which are empty if none were noted."""
    found: Did = getattr(request.state, _DID, Did())
    return found
