"""The application of the dashboard: pages, sign-in, the API, static files, and error pages."""

from collections.abc import Mapping, Sequence
from importlib import resources
from types import MappingProxyType
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Mount, Route
from starlette.staticfiles import StaticFiles

from mailsignals.readmodel.roles import Viewer
from mailsignals.web.access.gate import Gate
from mailsignals.web.access.notices import error_page, failure_page, notice
from mailsignals.web.access.policy import Access
from mailsignals.web.access.rates import Rates
from mailsignals.web.access.signing_in import sign_in_routes
from mailsignals.web.api.app import mounted
from mailsignals.web.headers import SafeHeaders, with_safe_headers
from mailsignals.web.page import NothingPreparedError, PageRequest, WebPage
from mailsignals.web.pages import PAGES
from mailsignals.web.site import Site

RETRY_SECONDS = 5
MOST_BYTES = 65_536
"""The largest size of a form in bytes."""

SMALLER: Mapping[str, Any] = MappingProxyType(
    {
        "minimum_size": 1000,
        "compresslevel": 5,
        "exclude_content_types": (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/vnd.apache.parquet"),
    }
)
"""Options for compression of responses; a higher level takes twice the time for 10% fewer bytes."""


def application(
    site: Site, *, further: Sequence[Route] = (), bound: str | None = None, rates: Rates | None = None
) -> Starlette:
    """Return the application of the dashboard.

    Args:
        site: the dashboard.
        further: routes that require no sign-in, such as those for monitoring.
        bound: the address that it is served at.
        rates: limits of requests; by default the usual ones.
    """
    files = StaticFiles(directory=str(resources.files("mailsignals.web") / "static"))
    free = frozenset(route.path for route in further)
    to_anybody = [_route(page, site) for page in PAGES if page.open]
    access = Access(site, is_open=lambda request: _leads(request, to_anybody), rates=rates, bound=bound)
    app = Starlette(
        routes=[
            *further,
            Mount("/static", files),
            mounted(site),
            *sign_in_routes(access),
            *(_route(page, site) for page in PAGES),
        ],
        middleware=[
            Middleware(SafeHeaders),
            Middleware(GZipMiddleware, **SMALLER),
            Middleware(Gate, access=access, is_free=lambda path: path in free or path.startswith("/static/")),
        ],
        exception_handlers={
            ClientDisconnect: lambda *_: Response(status_code=400),  # nobody reads it
            HTTPException: lambda request, error: error_page(request, site, error.status_code),
            Exception: lambda request, _: with_safe_headers(failure_page(request, site)),
        },
    )
    app.state.menu = _menu
    app.state.access = access
    return app


def _leads(request: Request, routes: Sequence[Route]) -> bool:
    """Return true if a request is for one of some routes."""
    return any(route.matches(request.scope)[0] is not Match.NONE for route in routes)


def _menu(viewer: Viewer) -> dict[str, str]:
    return {page.path: page.title for page in PAGES if page.title and viewer.may_see(page.roles)}


def _route(page: WebPage, site: Site) -> Route:
    async def endpoint(request: Request) -> Response:
        if request.method == "POST" and not _is_short(request):
            return notice(
                request, site, "The form is too long", "Shorten the text and send it again.", status=413
            )
        form = await request.form() if request.method == "POST" else FormData()
        viewer = site.stranger() if page.open else site.viewer(request)
        return await run_in_threadpool(_answer, page, PageRequest(request, site, viewer, form))

    return Route(page.path, endpoint, methods=list(page.methods))


def _is_short(request: Request) -> bool:
    """Return true if a form states its length, and is at most ``MOST_BYTES`` long."""
    length = request.headers.get("Content-Length", "")
    return length.isdecimal() and int(length) <= MOST_BYTES


def _answer(page: WebPage, visit: PageRequest) -> Response:
    try:
        if not page.open and not visit.viewer.may_see(page.roles):
            return visit.forbidden()
        return page.show(visit)
    except NothingPreparedError:
        answer = visit.render("nothing_yet.html.j2", status=503, step=visit.site.shelf.step())
        answer.headers["Retry-After"] = f"{RETRY_SECONDS}"
        return answer
