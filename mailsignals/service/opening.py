"""Answer requests while the dashboard is still being loaded, and pass them on once it is there."""

import functools
from importlib import resources

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from mailsignals.readmodel.roles import Viewer
from mailsignals.service.probe_access import ProbeAccess, ProbeAnswer, unknown_host
from mailsignals.web.api.problem_kinds import MEDIA_TYPE, RETRY_SECONDS, not_prepared
from mailsignals.web.headers import SafeHeaders
from mailsignals.web.rendering import render
from mailsignals.wording.people import PersonNames

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


class OpeningApp:
    """An ASGI application that is replaced while it is being served.

    Until then ``/healthz`` answers 200 and ``/readyz`` 503, the API answers 503 with a problem document, and every
    page is the page "Preparing" with status 503, which reloads itself. It shows nothing of the company, because
    nobody has signed in yet.
    """

    def __init__(self, probes: ProbeAccess) -> None:
        """Answer requests for ``/healthz`` and ``/readyz`` by the given access."""
        files = StaticFiles(directory=str(resources.files("mailsignals.web") / "static"))
        self._app: ASGIApp = Starlette(
            routes=[
                Route("/healthz", functools.partial(_healthz, probes)),
                Route("/readyz", functools.partial(_readyz, probes)),
                Mount("/static", files),
                Route("/api/{path:path}", _api, methods=METHODS),
                Route("/{path:path}", _page, methods=METHODS),
            ],
            middleware=[Middleware(SafeHeaders)],
        )

    def become(self, app: ASGIApp) -> None:
        """Pass all further requests to another application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to the current application."""
        await self._app(scope, receive, send)


def _healthz(access: ProbeAccess, request: Request) -> Response:
    allowed = access.answer(request)
    if allowed is ProbeAnswer.NOTHING:
        return unknown_host()
    if allowed is ProbeAnswer.STATE:
        return JSONResponse({"state": "ok"})
    return JSONResponse({"state": "ok", "problems": []})


def _readyz(access: ProbeAccess, request: Request) -> Response:
    if access.answer(request) is ProbeAnswer.NOTHING:
        return unknown_host()
    return JSONResponse({"ready": False}, status_code=503)


def _api(_: Request) -> Response:
    return JSONResponse(not_prepared(), status_code=503, media_type=MEDIA_TYPE, headers=_retry())


def _page(request: Request) -> Response:
    nobody = Viewer(address=None, roles=frozenset(), timezone="UTC")
    page = render(
        "nothing_yet.html.j2",
        timezone=nobody.timezone,
        company="",
        viewer=nobody,
        path=request.url.path,
        as_of=None,
        person_names=PersonNames(),
        menu={},
        step=None,
    )
    return HTMLResponse(page, status_code=503, headers=_retry())


def _retry() -> dict[str, str]:
    return {"Retry-After": f"{RETRY_SECONDS}"}
