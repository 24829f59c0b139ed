"""Small tables that state only what matters, and who asks questions of them."""

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from mailsignals.config.privacy import People
from mailsignals.readmodel.editions import EditionStore
from mailsignals.readmodel.queries.scope import Scope
from mailsignals.readmodel.roles import Role, Viewer
from tests.mailsignals.sla.office import at

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)

ACCOUNT: Mapping[str, object] = {
    "account_id": "A1",
    "name": "Acme",
    "tier": "small",
    "csm": "ana@us.test",
    "state": "active",
    "level": "low",
    "risk": None,
    "arr": 1000.0,
    "renewal_on": None,
    "days_since_checkin": 3.0,
    "days_since_inbound": 2.0,
    "open_turns": 0,
    "overdue_turns": 0,
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
        "overdue_turns": pl.Int64(),
        **dict.fromkeys(("response_hours_median_30", "response_hours_median_90"), pl.Float64()),
    }
)
WORK_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("person", "role"), pl.String()),
        **dict.fromkeys(("week", "mails", "opened", "tickets", "other"), pl.Int64()),
    }
)


def accounts_of(*rows: Mapping[str, object]) -> pl.DataFrame:
    """Accounts like ``ACCOUNT``, each with what is said of it."""
    return pl.DataFrame([{**ACCOUNT, **row} for row in rows], schema=ACCOUNTS_SCHEMA)


def work_of(*rows: tuple[str, str, int, int, int, int]) -> pl.DataFrame:
    """Work: person, role, week, mails, and of these opened and in tickets."""
    return pl.DataFrame([(*row, row[3] - row[4] - row[5]) for row in rows], schema=WORK_SCHEMA, orient="row")


def somebody(*roles: Role, address: str | None = "ana@us.test", timezone: str = "UTC") -> Viewer:
    """Who has some roles."""
    return Viewer(address=address, roles=frozenset(roles), timezone=timezone)


def scope_of(
    folder: Path,
    tables: Mapping[str, pl.DataFrame],
    *roles: Role,
    address: str | None = "ana@us.test",
    people: People = "all",
    timezone: str = "UTC",
    now: dt.datetime = NOW,
) -> Scope:
    """What somebody asks of an edition with these tables, of ``NOW`` unless it is asked at another instant."""
    shelf = EditionStore(folder)
    shelf.put(tables, as_of=min(now, NOW))
    edition = shelf.newest()
    assert edition is not None
    viewer = somebody(*roles, address=address, timezone=timezone)
    return Scope(viewer=viewer, people=people, timezone=timezone, edition=edition, now=now)


def ids(rows: pl.DataFrame) -> Iterable[str]:
    """The accounts of a list."""
    found: list[str] = rows["account_id"].to_list()
    return found


def cases_at(*rows: tuple[str, str | None]) -> pl.LazyFrame:
    """First responses of the tier gold, by when they were asked and their verdict."""
    return pl.LazyFrame(
        {
            "started_at": [at(when) for when, _ in rows],
            "verdict": [verdict for _, verdict in rows],
            "group": "gold",
            "hours": 1.0,
            "business_hours": 1.0,
            "off_hours": False,
            "near_miss": False,
            "ended_at": None,
        },
        schema_overrides={"verdict": pl.String},
    )
