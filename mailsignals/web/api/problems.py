"""What the API says where it does not answer: problems as RFC 9457 has them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import pydantic
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5


class Problem(pydantic.BaseModel):
    """The reason why a request failed."""

    model_config = pydantic.ConfigDict(use_attribute_docstrings=True)

    type: str
    """The kind of problem; stable across versions, so that programs may decide by it."""
    title: str
    """The kind in words."""
    status: int
    """The status of the answer."""
    detail: str
    """The error in this request, and what to do."""


class ProblemError(Exception):
    """Ends a request with a problem."""

    def __init__(
        self, status: int, kind: str, detail: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.headers = headers


class NotModifiedError(Exception):
    """Ends a request whose program already has the answer, with status 304."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__()
        self.headers = headers


TITLES: Mapping[str, str] = {
    "sign-in-needed": "Nobody is signed in",
    "not-permitted": "Not for you",
    "not-found": "There is no such thing",
    "method-not-allowed": "The API only reads",
    "list-gone": "The list has been replaced",
    "bad-parameter": "A parameter makes no sense",
    "too-many-requests": "Too many requests",
    "nothing-prepared": "The first figures are being prepared",
    "bug": "Something went wrong here",
    "refused": "Refused",
}
"""Every kind of problem."""

OF_STATUS: Mapping[int, tuple[str, str]] = {
    401: ("sign-in-needed", "Send a token: Authorization: Bearer TOKEN."),
    403: ("not-permitted", "Your roles do not include this."),
    404: ("not-found", "There is nothing at this address, or it is not yours to see."),
    405: ("method-not-allowed", "Ask with GET."),
    429: ("too-many-requests", "Ask again later."),
    500: ("bug", "The log of mailsignals says more."),
}
"""Which kind it is, and what to do, where only a status says so."""


def problem(status: int, kind: str, detail: str, *, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return a problem as a JSON response, in the format of RFC 9457."""
    told = Problem(type=f"urn:mailsignals:problem:{kind}", title=TITLES[kind], status=status, detail=detail)
    return JSONResponse(
        told.model_dump(), status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {})
    )


def refusal(
    status: int, detail: str | None = None, *, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The answer where a status says which kind of problem it is."""
    kind, usual = OF_STATUS.get(status, ("refused", f"{HTTPStatus(status).phrase}."))
    return problem(status, kind, detail or usual, headers=headers)


def handle(app: FastAPI) -> None:
    """Let an application answer so, whatever happens."""
    app.add_exception_handler(ProblemError, _told)
    app.add_exception_handler(NotModifiedError, _not_modified)
    app.add_exception_handler(RequestValidationError, _bad_parameter)
    app.add_exception_handler(FileNotFoundError, _removed)
    app.add_exception_handler(HTTPException, _by_status)
    app.add_exception_handler(Exception, lambda _, __: problem(500, *OF_STATUS[500]))


def edition_gone() -> ProblemError:
    """The edition that a cursor belongs to is not there any more."""
    return ProblemError(
        410, "list-gone", "Newer figures have replaced the list that this cursor belongs to. Begin it anew."
    )


def _told(_: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return problem(error.status, error.kind, error.detail, headers=error.headers)


def _not_modified(_: Request, error: Exception) -> Response:
    assert isinstance(error, NotModifiedError)
    return Response(status_code=304, headers=dict(error.headers))


def _removed(request: Request, _: Exception) -> Response:
    """An edition was removed while it was read."""
    return _told(request, edition_gone())


def _by_status(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return refusal(error.status_code, headers=error.headers)


def _bad_parameter(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem(422, "bad-parameter", " ".join(_sentence(each) for each in error.errors()))


def _sentence(error: Mapping[str, Any]) -> str:
    """As ``limit: Input should be less than or equal to 500.`` and the like."""
    said = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    where = [str(part) for part in error["loc"][1:]]
    return f"{'.'.join(where)}: {said}." if where else f"{said}."
