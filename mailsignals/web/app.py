"""The application: pages with who may see them, what comes with the program, and headers that forbid the rest."""

from collections.abc import Mapping, Sequence
from importlib import resources
from types import MappingProxyType
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.middleware import Middleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from mailsignals.web.api.app import mounted
from mailsignals.web.headers import SafeHeaders
from mailsignals.web.pages import PAGES
from mailsignals.web.roles import Viewer
from mailsignals.web.site import Site
from mailsignals.web.visit import NothingPreparedError, Page, Visit

RETRY_SECONDS = 5

SMALLER: Mapping[str, Any] = MappingProxyType(
    {
        "minimum_size": 1000,
        "compresslevel": 5,
        "exclude_content_types": (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/vnd.apache.parquet"),
    }
)
"""What is sent compressed, and how much: the last tenth of the bytes would cost as much time again."""


def application(site: Site, *, further: Sequence[BaseRoute] = ()) -> Starlette:
    """The dashboard, with ``further`` routes that ask for no sign-in."""
    files = StaticFiles(directory=str(resources.files("mailsignals.web") / "static"))
    app = Starlette(
        routes=[
            *further,
            Mount("/static", files),
            mounted(site),
            *(_route(page, site) for page in PAGES),
        ],
        middleware=[Middleware(SafeHeaders), Middleware(GZipMiddleware, **SMALLER)],
    )
    app.state.menu = _menu
    return app


def _menu(viewer: Viewer) -> dict[str, str]:
    return {page.path: page.title for page in PAGES if page.title and viewer.may_see(page.roles)}


def _route(page: Page, site: Site) -> Route:
    async def endpoint(request: Request) -> Response:
        form = await request.form() if request.method == "POST" else FormData()
        return await run_in_threadpool(_answer, page, Visit(request, site, site.viewer(request), form))

    return Route(page.path, endpoint, methods=list(page.methods))


def _answer(page: Page, visit: Visit) -> Response:
    if not visit.viewer.may_see(page.roles):
        return visit.render("forbidden.html.j2", status=403)
    try:
        return page.show(visit)
    except NothingPreparedError:
        answer = visit.render("nothing_yet.html.j2", status=503)
        answer.headers["Retry-After"] = f"{RETRY_SECONDS}"
        return answer
