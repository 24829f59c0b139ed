"""What somebody is told who gets no page: in words for people, as a problem for programs."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from mailsignals.readmodel.roles import Viewer
from mailsignals.web.api.problems import refusal
from mailsignals.web.rendering import render
from mailsignals.web.site import Site

API = "/api/"
"""What programs ask for begins so."""


def is_api(path: str) -> bool:
    """Return whether a path belongs to the API."""
    return path.startswith(API)


def notice(
    request: Request,
    site: Site,
    title: str,
    *texts: str,
    status: int,
    links: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A page with a heading, paragraphs, and ``links`` by address; for a program, a problem."""
    if is_api(request.scope["path"]):
        return refusal(status, " ".join((f"{title}.", *texts)), headers=headers)
    company = site.settings().company
    page = render(
        "notice.html.j2",
        timezone=company.timezone,
        company=company.name,
        viewer=Viewer(address=None, roles=frozenset(), timezone=company.timezone),
        path=request.scope["path"],
        as_of=None,
        now=site.now(),
        menu={},
        title=title,
        texts=texts,
        links=links or {},
    )
    return HTMLResponse(page, status_code=status, headers=headers)
