"""A page of the dashboard, and one request for it: viewer, time and data."""

import dataclasses
import datetime as dt
import functools
from collections.abc import Callable, Mapping
from typing import TypeAlias

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from mailsignals.readmodel.editions import Edition
from mailsignals.readmodel.queries.scope import Scope
from mailsignals.readmodel.roles import Role, Viewer
from mailsignals.web.access.identity_of_request import Did, note
from mailsignals.web.access.roles import whom_to_ask
from mailsignals.web.rendering import render
from mailsignals.web.site import Site
from mailsignals.wording.people import PersonNames


class NothingPreparedError(Exception):
    """No edition is prepared yet."""


@dataclasses.dataclass(frozen=True, eq=False)
class PageRequest:
    """One request for a page."""

    request: Request
    site: Site
    viewer: Viewer
    form: FormData
    """The fields of a POST; otherwise empty."""

    @property
    def query(self) -> QueryParams:
        """The query parameters of the URL."""
        return self.request.query_params

    @property
    def in_part(self) -> bool:
        """Return whether a script requests a part of the page, to replace it in place."""
        return "HX-Request" in self.request.headers

    @functools.cached_property
    def now(self) -> dt.datetime:
        """The date and time of the request."""
        return self.site.now()

    @property
    def newest(self) -> Edition | None:
        """The edition of the request; None before the first."""
        return self.site.edition(self.request)

    @property
    def edition(self) -> Edition:
        """The edition from which the page is made.

        Raises:
            NothingPreparedError: no edition is prepared yet.
        """
        if self.newest is None:
            raise NothingPreparedError
        return self.newest

    @functools.cached_property
    def scope(self) -> Scope:
        """The scope of the viewer's queries.

        Raises:
            NothingPreparedError: no edition is prepared yet.
        """
        return Scope.of(self.site.settings(), viewer=self.viewer, edition=self.edition, now=self.now)

    @property
    def today(self) -> dt.date:
        """The date of the edition in the company's time zone."""
        return self.scope.today

    def render(self, template: str, *, status: int = 200, **view: object) -> Response:
        """Return a rendered template as a response."""
        settings, newest = self.site.settings(), self.newest
        page = render(
            template,
            timezone=self.viewer.timezone,
            company=settings.company.name,
            viewer=self.viewer,
            path=self.request.url.path,
            as_of=newest.as_of if newest else None,
            person_names=self.scope.names if newest else PersonNames(),
            currency=settings.accounts.currency,
            now=self.now,
            menu=self.request.app.state.menu(self.viewer),
            **view,
        )
        return HTMLResponse(page, status_code=status)

    def forbidden(self) -> Response:
        """Return the page for viewers without access, with the people who can grant it.

        Raises:
            NothingPreparedError: the viewer may be a CSM, which only an edition shows.
        """
        if self.viewer.address and not self.viewer.roles:
            _ = self.edition
        return self.render(
            "forbidden.html.j2", status=403, ask=whom_to_ask(self.site.settings().dashboard.roles)
        )

    def changed(self, what: str, *, account_id: str | None = None) -> None:
        """Record in the audit log what the request changed, as a verb without a subject."""
        note(self.request, Did(detail=what, account_id=account_id))


Show: TypeAlias = Callable[[PageRequest], Response]


@dataclasses.dataclass(frozen=True, kw_only=True)
class WebPage:
    """One page: its path, its roles, and the function that renders it."""

    path: str
    roles: frozenset[Role]
    """The roles with access; others get 403."""
    show: Show
    """The function that loads data, builds the view and renders it; it runs in a thread."""
    methods: tuple[str, ...] = ("GET",)
    title: str | None = None
    """Its name in the menu; None for pages that only other pages link to."""
    open: bool = False
    """True if it requires no sign-in; the page then checks access itself."""


Menu: TypeAlias = Callable[[Viewer], Mapping[str, str]]
"""The titles of the pages that somebody may see, by path."""
