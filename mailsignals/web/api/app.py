"""The application behind ``/api/v1``, and its description."""

import re
from typing import Any

from fastapi import FastAPI
from starlette.routing import Mount

from mailsignals.web.api import accounts, flags, signals, sla, status
from mailsignals.web.api.problem_kinds import MEDIA_TYPE
from mailsignals.web.api.problems import Problem, handle
from mailsignals.web.site import Site

PREFIX = "/api/v1"

SUMMARY = """What the dashboard of mailsignals shows, for programs; it only reads.

All figures are of one instant, `as_of`, and prepared every few minutes: ask with `If-None-Match`, and 304 says that
there is nothing new. A list comes in pages; `next` of each is the `cursor` of the one after it, and all pages of a list
are of the same instant, whatever is prepared meanwhile. Shares are fractions of 1, durations are hours or days as the
names say, instants are UTC, and what cannot be computed is null."""

REFUSALS: dict[int, str] = {
    304: "Nothing is newer than what you have.",
    401: "Nobody is signed in.",
    403: "Your roles do not include it.",
    404: "It is not there, or not yours to see.",
    410: "The list that the cursor belongs to has been replaced.",
    422: "A parameter makes no sense.",
    429: "Too many requests; ask again after as many seconds as `Retry-After` says.",
    503: "The first figures are being prepared.",
}


TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token of the dashboard. One that asks nobody to sign in needs none.",
}


class MountedApi(FastAPI):
    """With problems as what is described for every refusal."""

    def openapi(self) -> dict[str, Any]:
        """The description, in OpenAPI 3.1."""
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
    """The API of a dashboard."""
    app = _resources()
    app.state.site = site
    return app


def mounted(site: Site) -> Mount:
    """The API under its prefix; whatever an address has behind it, even the end of a line, is answered by it."""
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
        told: dict[str, Any] = {"description": description}
        if code != 304:
            told["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        responses[str(code)] = told
