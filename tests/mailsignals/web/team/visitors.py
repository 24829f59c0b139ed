"""Who visits a dashboard, and dashboards of which every row is made by hand."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import polars as pl
from starlette.requests import Request
from starlette.testclient import TestClient

from mailsignals.config import Settings
from mailsignals.config.privacy import People
from mailsignals.readmodel.editions import EditionStore
from mailsignals.readmodel.roles import Role, Viewer
from mailsignals.readmodel.tables.models import (
    CALIBRATION_SCHEMA,
    CONTENDERS_SCHEMA,
    MODELS_SCHEMA,
    PROMOTIONS_SCHEMA,
    SHIFTS_SCHEMA,
    WORDS_SCHEMA,
)
from mailsignals.web.app import application
from mailsignals.web.site import Site
from tests.mailsignals.readmodel.queries.frames import ACCOUNTS_SCHEMA, NOW, WORK_SCHEMA

SETTLED_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("account_id", "name", "csm"), pl.String()),
        "opened_on": pl.Date(),
        "opening_risk": pl.Float64(),
        **dict.fromkeys(("opening_source", "state", "became"), pl.String()),
        "known_on": pl.Date(),
        "right": pl.Boolean(),
    }
)
EMPTY: Mapping[str, pl.DataFrame] = {
    "names": pl.DataFrame(schema={"address": pl.String(), "name": pl.String()}),
    "accounts": pl.DataFrame(schema=ACCOUNTS_SCHEMA),
    "work": pl.DataFrame(schema=WORK_SCHEMA),
    "model_words": pl.DataFrame(schema=WORDS_SCHEMA),
    "models": pl.DataFrame(schema=MODELS_SCHEMA),
    "promotions": pl.DataFrame(schema=PROMOTIONS_SCHEMA),
    "contenders": pl.DataFrame(schema=CONTENDERS_SCHEMA),
    "calibration": pl.DataFrame(schema=CALIBRATION_SCHEMA),
    "shifts": pl.DataFrame(schema=SHIFTS_SCHEMA),
    "settled": pl.DataFrame(schema=SETTLED_SCHEMA),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class SiteFor(Site):
    """A dashboard that one and the same person visits."""

    visitor: Viewer

    def viewer(self, request: Request) -> Viewer:  # noqa: ARG002  # one and the same comes
        """Always the same."""
        return self.visitor


def a_visitor(*roles: Role, address: str | None = "ana@us.test", timezone: str = "UTC") -> Viewer:
    """Somebody with roles."""
    return Viewer(address=address, roles=frozenset(roles), timezone=timezone)


def as_visitor(site: Site, visitor: Viewer, *, people: People = "all") -> TestClient:
    """Asks a dashboard as somebody, under a rule for people's figures."""
    settings = site.settings()
    ruled = settings.model_copy(update={"privacy": settings.privacy.model_copy(update={"people": people})})
    visited = SiteFor(
        settings=lambda: ruled, now=site.now, shelf=site.shelf, heartbeat=site.heartbeat, visitor=visitor
    )
    return TestClient(application(visited), base_url="http://127.0.0.1", follow_redirects=False)


def by_hand(folder: Path, site: Site, **tables: pl.DataFrame) -> Site:
    """The dashboard of a company of which nothing is known but these tables."""
    shelf = EditionStore(folder)
    shelf.put({**EMPTY, **tables}, as_of=NOW)
    settings = Settings.model_validate(
        {"company": {"name": "Us", "domains": ["us.test"]}, "store": {"path": str(folder)}}
    )
    return Site(settings=lambda: settings, now=lambda: NOW, shelf=shelf)
