"""Problem documents of the API (RFC 9457), and the handlers that turn exceptions into them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import pydantic
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mailsignals.web.api.problem_kinds import MEDIA_TYPE, OF_STATUS, problem_document


class Problem(pydantic.BaseModel):
    """The reason for a refused or failed request."""

    model_config = pydantic.ConfigDict(use_attribute_docstrings=True)

    type: str
    """The kind of problem. It stays the same across versions, so programs can rely on it."""
    title: str
    """The kind of problem in words."""
    status: int
    """The HTTP status."""
    detail: str
    """The error in this request, and what to do about it."""


class ProblemError(Exception):
    """An error that ends a request with a problem document."""

    def __init__(
        self, status: int, kind: str, detail: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.headers = headers


class NotModifiedError(Exception):
    """An exception that ends a request with status 304, because the program already has the response."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__()
        self.headers = headers


def problem(status: int, kind: str, detail: str, *, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return a problem as a JSON response, in the format of RFC 9457."""
    document = problem_document(status, kind, detail)
    return JSONResponse(document, status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def refusal(
    status: int, detail: str | None = None, *, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return the problem for a status that alone determines its kind.

    Args:
        status: of the response.
        detail: the error and what to do; by default the usual sentence for the status.
        headers: further headers of the response.
    """
    kind, usual = OF_STATUS.get(status, ("refused", f"{HTTPStatus(status).phrase}."))
    return problem(status, kind, detail or usual, headers=headers)


def handle(app: FastAPI) -> None:
    """Make an application answer every error with a problem document."""
    app.add_exception_handler(ProblemError, _known_problem)
    app.add_exception_handler(NotModifiedError, _not_modified)
    app.add_exception_handler(RequestValidationError, _bad_parameter)
    app.add_exception_handler(FileNotFoundError, _removed)
    app.add_exception_handler(HTTPException, _by_status)
    app.add_exception_handler(Exception, lambda _, __: problem(500, *OF_STATUS[500]))


def edition_gone() -> ProblemError:
    """Return the error for a cursor whose edition was removed."""
    return ProblemError(
        410, "list-gone", "Newer figures replaced the list of this cursor. Request the first page again."
    )


def _known_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return problem(error.status, error.kind, error.detail, headers=error.headers)


def _not_modified(_: Request, error: Exception) -> Response:
    assert isinstance(error, NotModifiedError)
    return Response(status_code=304, headers=dict(error.headers))


def _removed(request: Request, _: Exception) -> Response:
    """Answer 410 for an edition that was removed while it was being read."""
    return _known_problem(request, edition_gone())


def _by_status(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return refusal(error.status_code, headers=error.headers)


def _bad_parameter(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem(422, "bad-parameter", " ".join(_sentence(each) for each in error.errors()))


def _sentence(error: Mapping[str, Any]) -> str:
    """Return one error in words: ``limit: Input should be less than or equal to 500``."""
    text = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    where = [str(part) for part in error["loc"][1:]]
    return f"{'.'.join(where)}: {text}." if where else f"{text}."
