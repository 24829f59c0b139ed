"""A request to the API: its viewer, its edition, and whether the program already has the response."""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from mailsignals.readmodel.editions import Edition
from mailsignals.readmodel.queries.scope import Scope
from mailsignals.readmodel.roles import Role, Viewer
from mailsignals.web.api.cursors import Cursor, query_fingerprint
from mailsignals.web.api.problem_kinds import NOT_PREPARED, OF_STATUS, RETRY_SECONDS
from mailsignals.web.api.problems import NotModifiedError, ProblemError, edition_gone
from mailsignals.web.site import Site

NOT_SHOWN = ("cursor", "limit")
"""Parameters that don't change which list is requested."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class ApiRequest:
    """A request to the API, with its viewer, edition and cursor."""

    request: Request
    site: Site
    viewer: Viewer
    edition: Edition
    """The newest edition, or that of the cursor."""
    cursor: Cursor | None
    headers: Mapping[str, str]
    """The headers of every response to it."""

    @functools.cached_property
    def scope(self) -> Scope:
        """The scope of its queries."""
        return Scope.of(self.site.settings(), viewer=self.viewer, edition=self.edition, now=self.site.now())

    @property
    def list_of(self) -> str:
        """The fingerprint of the list that is requested, equal for all its pages."""
        return _list_of(self.request, self.viewer)


def viewer(request: Request) -> Viewer:
    """Return the viewer of a request."""
    site: Site = request.app.state.site
    return site.viewer(request)


def asks(roles: frozenset[Role]) -> Callable[[Request, Viewer], ApiRequest]:
    """Return the dependency that makes an ``ApiRequest`` for the viewers with one of some roles.

    The dependency raises ``ProblemError`` if it refuses a request, and ``NotModifiedError`` if the program already has
    the answer.
    """

    def ask(request: Request, who: Annotated[Viewer, Depends(viewer)]) -> ApiRequest:
        if not who.may_see(roles):
            raise ProblemError(403, *OF_STATUS[403])
        _refuse_repeated(request)
        site: Site = request.app.state.site
        cursor = _cursor(request, who)
        edition = site.edition(request) if cursor is None else site.shelf.named(cursor.edition)
        if edition is None:
            raise edition_gone() if cursor else _nothing_prepared()
        headers = _headers(request, who, edition)
        if headers["ETag"] in _had(request):
            raise NotModifiedError(headers)
        return ApiRequest(
            request=request, site=site, viewer=who, edition=edition, cursor=cursor, headers=headers
        )

    return ask


def _nothing_prepared() -> ProblemError:
    return ProblemError(503, "nothing-prepared", NOT_PREPARED, headers={"Retry-After": f"{RETRY_SECONDS}"})


def _refuse_repeated(request: Request) -> None:
    """Raise ``ProblemError`` for a repeated parameter, of which all but one value would be ignored."""
    names = [name for name, _ in request.query_params.multi_items()]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        detail = " ".join(f"{name}: given more than once. Send one value." for name in repeated)
        raise ProblemError(422, "bad-parameter", detail)


def _cursor(request: Request, who: Viewer) -> Cursor | None:
    text = request.query_params.get("cursor")
    if text is None:
        return None
    try:
        found = Cursor.read(text)
    except ValueError:
        raise ProblemError(
            422, "bad-parameter", "cursor: not a cursor. Send `next` of the previous page unchanged."
        ) from None
    if found.of != _list_of(request, who):
        raise ProblemError(
            422,
            "bad-parameter",
            "cursor: belongs to another list. Repeat the parameters of the first page.",
        )
    return found


def _list_of(request: Request, who: Viewer) -> str:
    asked = sorted(
        (name, value) for name, value in request.query_params.multi_items() if name not in NOT_SHOWN
    )
    return query_fingerprint(request.url.path, asked, who.address, who.sees_all_accounts)


def _headers(request: Request, who: Viewer, edition: Edition) -> dict[str, str]:
    """Return the headers of every response; the ETag differs by viewer, so caches never mix viewers up."""
    seen = query_fingerprint(
        edition.name,
        request.url.path,
        sorted(request.query_params.multi_items()),
        request.headers.get("accept"),
        who.address,
        sorted(who.roles),
    )
    return {
        "ETag": f'W/"{seen}"',
        "Cache-Control": "private, no-cache",
        "Vary": "Accept, Authorization, Cookie",
    }


def _had(request: Request) -> list[str]:
    return [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]
