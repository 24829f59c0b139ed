"""A question of a program: who asks, of which edition, and whether they have the answer already."""

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
from mailsignals.web.api.problems import (
    OF_STATUS,
    RETRY_SECONDS,
    NotModifiedError,
    ProblemError,
    edition_gone,
)
from mailsignals.web.site import Site

NOT_SHOWN = ("cursor", "limit")
"""Parameters that do not decide which list it is."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class ApiRequest:
    """A request to the API, with its viewer, edition and cursor."""

    request: Request
    site: Site
    viewer: Viewer
    edition: Edition
    """The edition that answers: the newest, or that of the cursor."""
    cursor: Cursor | None
    headers: Mapping[str, str]
    """The headers of every response to it."""

    @functools.cached_property
    def scope(self) -> Scope:
        """The scope of what is asked."""
        return Scope.of(self.site.settings(), viewer=self.viewer, edition=self.edition, now=self.site.now())

    @property
    def list_of(self) -> str:
        """The fingerprint of the list that is requested, equal for all its pages."""
        return _list_of(self.request, self.viewer)


def viewer(request: Request) -> Viewer:
    """Return the viewer of a request; the only place at which the API determines it."""
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
        edition = site.shelf.newest() if cursor is None else site.shelf.named(cursor.edition)
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
    return ProblemError(
        503,
        "nothing-prepared",
        "Ask again in a moment; with much mail in the store it takes some minutes, once.",
        headers={"Retry-After": f"{RETRY_SECONDS}"},
    )


def _refuse_repeated(request: Request) -> None:
    """Refuse a parameter that is given twice: every other value would be ignored without a word."""
    names = [name for name, _ in request.query_params.multi_items()]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        detail = " ".join(f"{name}: given more than once; send one value." for name in repeated)
        raise ProblemError(422, "bad-parameter", detail)


def _cursor(request: Request, who: Viewer) -> Cursor | None:
    text = request.query_params.get("cursor")
    if text is None:
        return None
    try:
        found = Cursor.read(text)
    except ValueError:
        raise ProblemError(
            422, "bad-parameter", "cursor: this is none. Send the one that the page before gave, as it is."
        ) from None
    if found.of != _list_of(request, who):
        raise ProblemError(
            422,
            "bad-parameter",
            "cursor: this is of another list. Ask with the parameters that it began with.",
        )
    return found


def _list_of(request: Request, who: Viewer) -> str:
    asked = sorted(
        (name, value) for name, value in request.query_params.multi_items() if name not in NOT_SHOWN
    )
    return query_fingerprint(request.url.path, asked, who.address, who.sees_all_accounts)


def _headers(request: Request, who: Viewer, edition: Edition) -> dict[str, str]:
    """Whoever else asks the same gets another tag, so that no cache gives one the answer of another."""
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
