"""The results of a demo that are worth a look: the digests, and one account at risk."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from mailsignals.demo.folder import DIGESTS
from mailsignals.demo.opening import OpenedCompany
from mailsignals.risk.assess import RISK_SCHEMA
from mailsignals.usecases.digests import chosen_pages
from mailsignals.workspace import Snapshot


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Sights:
    """Digests that were written, and the risk of all accounts at the same time."""

    risk: pl.DataFrame
    """In ``RISK_SCHEMA``."""
    account: Mapping[str, Any] | None
    """The row of one account of ``Snapshot.overview``: at high risk, with the most reasons; None without a risk."""
    digest: Path | None
    """The digest of that account's CSM, or else the first one; None if no customer is current."""


def write_digests(company: OpenedCompany) -> Sights:
    """Write the digest of each CSM as a page into the folder of the demo.

    Raises:
        UserError: the folder cannot be written.
    """
    with company.workspace.at(company.as_of) as snapshot:
        pages = chosen_pages(snapshot, csm=None)
        account = _account_at_risk(snapshot)
        risk = snapshot.shown_risk.select(RISK_SCHEMA.names())
    digests = {page.digest.csm: page.write(company.folder / DIGESTS) for page in pages}
    own = digests.get(account["csm"]) if account else None
    return Sights(risk=risk, account=account, digest=own or next(iter(digests.values()), None))


def _account_at_risk(snapshot: Snapshot) -> Mapping[str, Any] | None:
    """Return the visible account at the highest level that has most reasons, the first of the list among equals."""
    shown = snapshot.overview.filter(
        pl.col("level").is_not_null(), pl.col("hidden_because").is_null(), pl.col("reasons").list.len() > 0
    )
    high = shown.filter(pl.col("level") == "high")
    best = (shown if high.is_empty() else high).sort(
        pl.col("reasons").list.len(), descending=True, maintain_order=True
    )
    return next(best.iter_rows(named=True), None)
