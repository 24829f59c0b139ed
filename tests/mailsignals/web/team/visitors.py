"""Who visits a dashboard, and dashboards of which every row is made by hand."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import polars as pl
from starlette.requests import Request
from starlette.testclient import TestClient

from mailsignals.config import Settings
from mailsignals.config.privacy import People
from mailsignals.readmodel.editions import EditionStore
from mailsignals.readmodel.tables.models import (
    CALIBRATION_SCHEMA,
    CONTENDERS_SCHEMA,
    MODELS_SCHEMA,
    PROMOTIONS_SCHEMA,
    SHIFTS_SCHEMA,
    WORDS_SCHEMA,
)
from mailsignals.web.app import application
from mailsignals.web.roles import Role, Viewer
from mailsignals.web.site import Site

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)

ACCOUNT: Mapping[str, object] = {
    "account_id": "A1",
    "name": "Acme",
    "tier": "small",
    "csm": "ana@us.test",
    "state": "scored",
    "level": "low",
    "risk": None,
    "arr": 1000.0,
    "renewal_on": None,
    "days_since_checkin": 3.0,
    "days_since_inbound": 2.0,
    "open_turns": 0,
    "response_hours_median_30": None,
    "response_hours_median_90": 2.0,
}
ACCOUNTS_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("account_id", "name", "tier", "csm", "state", "level"), pl.String()),
        **dict.fromkeys(("risk", "arr"), pl.Float64()),
        "renewal_on": pl.Date(),
        **dict.fromkeys(("days_since_checkin", "days_since_inbound"), pl.Float64()),
        "open_turns": pl.Int64(),
        **dict.fromkeys(("response_hours_median_30", "response_hours_median_90"), pl.Float64()),
    }
)
WORK_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("person", "role"), pl.String()),
        **dict.fromkeys(("week", "mails", "opened", "tickets", "other"), pl.Int64()),
    }
)
SETTLED_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("account_id", "name", "csm"), pl.String()),
        "opened_on": pl.Date(),
        **dict.fromkeys(("opening_risk", "opening_score"), pl.Float64()),
        **dict.fromkeys(("opening_source", "state", "became"), pl.String()),
        "known_on": pl.Date(),
        "right": pl.Boolean(),
    }
)
EMPTY: Mapping[str, pl.DataFrame] = {
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


def accounts_of(*rows: Mapping[str, object]) -> pl.DataFrame:
    """Accounts like ``ACCOUNT``, each with what is said of it."""
    return pl.DataFrame([{**ACCOUNT, **row} for row in rows], schema=ACCOUNTS_SCHEMA)


def work_of(*rows: tuple[str, str, int, int, int, int]) -> pl.DataFrame:
    """Work: person, role, week, mails, and of these opened and in tickets."""
    return pl.DataFrame([(*row, row[3] - row[4] - row[5]) for row in rows], schema=WORK_SCHEMA, orient="row")


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
    visited = SiteFor(settings=lambda: ruled, now=site.now, shelf=site.shelf, visitor=visitor)
    return TestClient(application(visited), base_url="http://127.0.0.1", follow_redirects=False)


def by_hand(folder: Path, site: Site, **tables: pl.DataFrame) -> Site:
    """The dashboard of a company of which nothing is known but these tables."""
    shelf = EditionStore(folder)
    shelf.put({**EMPTY, **tables}, as_of=NOW)
    settings = Settings.model_validate(
        {"company": {"name": "Us", "domains": ["us.test"]}, "store": {"path": str(folder)}}
    )
    return Site(settings=lambda: settings, now=lambda: NOW, shelf=shelf)
