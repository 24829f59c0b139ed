"""The application behind ``/api/v1``, and its OpenAPI description."""

import re
from typing import Any

from fastapi import FastAPI
from starlette.routing import Mount

from mailsignals.web.api import accounts, flags, signals, sla, status
from mailsignals.web.api.problem_kinds import MEDIA_TYPE
from mailsignals.web.api.problems import Problem, handle
from mailsignals.web.site import Site

PREFIX = "/api/v1"

SUMMARY = """The figures of the mailsignals dashboard for programs. The API is read-only.

All figures belong to one date and time, `as_of`, and are refreshed every few minutes. Send `If-None-Match` to get 304
while nothing has changed. Lists are paged: send `next` of a page as `cursor` to get the following page. All pages of a
list belong to the same `as_of`. Shares are fractions of 1. Durations are in hours or days, as their names state. Times
are in UTC. Values that can't be computed are null."""

REFUSALS: dict[int, str] = {
    304: "Nothing has changed since the response with this ETag.",
    401: "Sign-in or a token is required.",
    403: "Your roles don't include this.",
    404: "Not found, or not visible to you.",
    410: "The list of this cursor was replaced. Request the first page again.",
    422: "Invalid parameter.",
    429: "Too many requests. Repeat the request after `Retry-After` seconds.",
    503: "The figures are being prepared. Repeat the request after `Retry-After` seconds.",
}


TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "An API token, created with `mailsignals token create`. Dashboards without sign-in need none.",
}


class MountedApi(FastAPI):
    """A FastAPI application that describes every error as a problem document."""

    def openapi(self) -> dict[str, Any]:
        """Return the description in OpenAPI 3.1."""
        if self.openapi_schema is None:
            described = super().openapi()
            described["components"]["securitySchemes"] = {"token": TOKEN}
            described["security"] = [{"token": []}, {}]
            schemas = described["components"]["schemas"]
            schemas["Problem"] = Problem.model_json_schema()
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            for path, operations in described["paths"].items():
                _describe_refusals(path, operations["get"]["responses"])
        return self.openapi_schema or {}


def api(site: Site) -> MountedApi:
    """Return the API of a dashboard."""
    app = _resources()
    app.state.site = site
    return app


def mounted(site: Site) -> Mount:
    """Return the API mounted under ``/api/v1``, also for paths with line breaks."""
    mount = Mount(PREFIX, api(site))
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return mount


def description() -> dict[str, Any]:
    """Return the OpenAPI description of the API, which is the same for every company."""
    return _resources().openapi()


def _resources() -> MountedApi:
    app = MountedApi(
        title="mailsignals",
        version="1",
        description=SUMMARY,
        servers=[{"url": PREFIX}],
        root_path_in_servers=False,
        docs_url=None,
        redoc_url=None,
    )
    handle(app)
    for resource in (accounts, signals, flags, sla, status):
        app.include_router(resource.router)
    return app


def _describe_refusals(path: str, responses: dict[str, Any]) -> None:
    for code, description in REFUSALS.items():
        if code == 404 and "{" not in path:
            continue
        documented: dict[str, Any] = {"description": description}
        if code != 304:
            documented["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        responses[str(code)] = documented
