"""The results of a demo that are worth a look: the digests, and one account at risk."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from mailsignals.demo.folder import DIGESTS
from mailsignals.demo.opening import OpenedCompany
from mailsignals.flags.news import ENTERED
from mailsignals.risk.assess import RISK_SCHEMA
from mailsignals.usecases.digests import chosen_pages
from mailsignals.workspace import Snapshot

PACE = "active_days"
"""The signal behind the reason that a customer writes rarely."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Sights:
    """Digests that were written, and the risk of all accounts at the same time."""

    risk: pl.DataFrame
    """In ``RISK_SCHEMA``."""
    account: Mapping[str, Any] | None
    """The row of one account of ``Snapshot.overview``: at high or medium risk, first for a change; None without."""
    digest: Path | None
    """A digest with an account new at high risk, or else the first one; None if no customer is current."""


def write_digests(company: OpenedCompany) -> Sights:
    """Write the digest of each CSM as a page into the folder of the demo.

    Raises:
        UserError: the folder cannot be written.
    """
    with company.workspace.at(company.as_of) as snapshot:
        pages = chosen_pages(snapshot, csm=None)
        account, csm = _account_at_risk(snapshot), _csm_with_news(snapshot)
        risk = snapshot.shown_risk.select(RISK_SCHEMA.names())
    digests = {page.digest.csm: page.write(company.folder / DIGESTS) for page in pages}
    return Sights(risk=risk, account=account, digest=digests.get(csm) or next(iter(digests.values()), None))


def _csm_with_news(snapshot: Snapshot) -> str | None:
    """Return the CSM of the first visible account that is new at high risk; None without one."""
    new = snapshot.overview.filter(pl.col("news") == ENTERED, pl.col("hidden_because").is_null())
    return None if new.is_empty() else new["csm"][0]


def _account_at_risk(snapshot: Snapshot) -> Mapping[str, Any] | None:
    """Return the first visible account of the list whose first reason is a change, or else the first with a reason.

    A slow pace is a reason, too, but shows less of what email reveals.
    """
    shown = snapshot.overview.filter(
        pl.col("level").is_not_null(), pl.col("hidden_because").is_null(), pl.col("reasons").list.len() > 0
    )
    told = shown.filter(pl.col("level").is_in(["high", "medium"]))
    changed = told.filter(pl.col("reasons").list.first().struct.field("signal") != PACE)
    return next((shown if changed.is_empty() else changed).iter_rows(named=True), None)
