"""Pages that state an error and what to do; the API answers with a problem document instead."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from mailsignals.web.access.identity_of_request import anonymous, who_asks
from mailsignals.web.access.targets import HOME
from mailsignals.web.api.problems import refusal
from mailsignals.web.rendering import render
from mailsignals.web.site import Site
from mailsignals.wording.people import PersonNames

API = "/api/"
"""The start of the paths of the API."""


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
    """Return a page with a heading, paragraphs, links and the viewer's menu; for a program, a problem document.

    Args:
        request: the request that it answers.
        site: the dashboard.
        title: the error, without a full stop.
        texts: sentences that say what to do.
        status: of the response.
        links: labels of buttons, by address.
        headers: further headers of the response.
    """
    if is_api(request.scope["path"]):
        return refusal(status, " ".join((f"{title}.", *texts)), headers=headers)
    company, who = site.settings().company, who_asks(request)
    viewer = (who or anonymous(company.timezone)).viewer
    page = render(
        "notice.html.j2",
        timezone=viewer.timezone,
        company=company.name,
        viewer=viewer,
        person_names=PersonNames(),
        path=request.scope["path"],
        as_of=None,
        now=site.now(),
        menu=request.app.state.menu(viewer),
        title=title,
        texts=texts,
        links=links or {},
    )
    return HTMLResponse(page, status_code=status, headers=headers)


def not_found(request: Request, site: Site) -> Response:
    """Return the page for an address without a page."""
    text = "Nothing is at this address. Check it, or choose a page from the menu."
    return notice(request, site, "Page not found", text, status=404, links={HOME: "Open the first page"})


def error_page(request: Request, site: Site, status: int) -> Response:
    """Return the page for an error status of the router, such as 404 or 405."""
    if status == 404:
        return not_found(request, site)
    if status == 405:
        text = "This address only accepts forms. Choose a page from the menu."
        return notice(request, site, "This page can't be opened", text, status=405)
    text = "Go back and try again, or choose a page from the menu."
    return notice(request, site, "The request can't be answered", text, status=status)


def failure_page(request: Request, site: Site) -> Response:
    """Return the page for an unexpected error in the program."""
    text = "Reload the page. If that fails, tell your operator the time and address; the log has details."
    return notice(
        request, site, "Something went wrong", text, f"Time: {site.now():%Y-%m-%d %H:%M} UTC.", status=500
    )
