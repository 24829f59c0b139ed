"""ASGI middleware that checks access to every request and writes the audit log."""

import datetime as dt
import logging
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mailsignals.errors import UserError
from mailsignals.store.tables.audit import AuditEntry, AuditKind
from mailsignals.web.access.auditing import account_in, kind_of
from mailsignals.web.access.identity_of_request import audit_notes, client_of_request, who_asks
from mailsignals.web.access.notices import is_api, notice
from mailsignals.web.access.policy import Access
from mailsignals.web.access.sessions import RENEWED_AFTER
from mailsignals.web.access.targets import is_signing_in

log = logging.getLogger(__name__)


class Gate:
    """The middleware; paths that ``is_free`` accepts are neither checked nor logged."""

    def __init__(self, app: ASGIApp, *, access: Access, is_free: Callable[[str], bool]) -> None:
        self._app, self._access, self._is_free = app, access, is_free

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request as an ASGI application."""
        if scope["type"] != "http" or self._is_free(scope["path"]):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        refused = await run_in_threadpool(self._access.admit, request)
        if isinstance(refused, Response):
            await refused(scope, receive, self._noting(request, send))
        else:
            await self._app(scope, receive, self._noting(request, send))

    def _noting(self, request: Request, send: Send) -> Send:
        """Return a ``send`` that writes the audit entry first, and renews the session's cookie if due."""
        kept_back = False

        async def noting(message: Message) -> None:
            nonlocal kept_back
            if message["type"] == "http.response.start":
                problem = await self._written(request, message)
                if problem is not None:
                    kept_back = True
                    await problem(request.scope, _nothing, send)
                    return
                self._renew(request, message)
            if not kept_back:
                await send(message)

        return noting

    async def _written(self, request: Request, message: Message) -> Response | None:
        """Write the audit entry of a response; return another response if an export can't be logged."""
        entry = entry_of(request, message, at=self._access.site.now())
        if entry is None or not self._access.is_to_be_noted(entry):
            return None
        if entry.kind in {AuditKind.SEEN, AuditKind.REFUSED}:
            self._access.auditor.soon(entry)
            return None
        try:
            await run_in_threadpool(self._access.auditor.now, entry)
        except UserError as error:
            log.error("audit_failed", extra={"entries": 1, "problem": str(error)})  # noqa: TRY400  # a full disk needs no traceback
            if entry.kind is AuditKind.EXPORTED:
                text = (
                    "Exports need an entry in the audit log, which can't be written now. Tell your operator."
                )
                return notice(request, self._access.site, "The export failed", text, status=503)
        return None

    def _renew(self, request: Request, message: Message) -> None:
        """Renew the session's cookie, unless the response starts or ends a session."""
        who, access = who_asks(request), self._access
        if who is None or who.session is None or is_signing_in(request.scope["path"]):
            return
        now = access.site.now()
        if now - who.session.used_at < RENEWED_AFTER:
            return
        answer = Response()
        access.sessions.keep(answer, who.session.used(now))
        headers = MutableHeaders(scope=message)
        for value in answer.headers.getlist("set-cookie"):
            headers.append("set-cookie", value)


def entry_of(request: Request, message: Message, *, at: dt.datetime) -> AuditEntry | None:
    """Return the audit entry for a request and the start of its response; None if it is not logged."""
    who, did, path = who_asks(request), audit_notes(request), request.scope["path"]
    disposition = MutableHeaders(scope=message).get("content-disposition", "")
    taken_away = is_api(path) or disposition.startswith("attachment")
    kind = did.kind or kind_of(request.method, message["status"], taken_away=taken_away)
    if kind is None or who is None or (kind is AuditKind.SEEN and is_signing_in(path)):
        return None
    return AuditEntry(
        at=at,
        who=did.name or who.name,
        way=who.way,
        client=client_of_request(request),
        kind=kind,
        what=path,
        account_id=did.account_id or account_in(path),
        status=message["status"],
        detail=did.detail,
    )


async def _nothing() -> Message:
    """Return an empty body."""
    return {"type": "http.request", "body": b"", "more_body": False}
