"""The team: coverage of accounts by CSM, and account work and support by person or group and week."""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from mailsignals.config.privacy import People
from mailsignals.flags.shares import share_of
from mailsignals.readmodel.queries.accounts import visible_accounts
from mailsignals.readmodel.queries.coverage import (
    accounts_without_checkin,
    coverage_by_csm,
    coverage_in_all,
    longest_waits,
)
from mailsignals.readmodel.queries.privacy import parts_to_show, rows_of
from mailsignals.readmodel.queries.scope import Scope
from mailsignals.readmodel.roles import Viewer
from mailsignals.readmodel.tables.people import WEEKS
from mailsignals.risk.totals import CURRENT
from mailsignals.wording.numbers import percent

ROLES: Mapping[str, str] = {"cs": "customer success", "support": "support", "other": "other roles"}
FOREIGN: Mapping[str, str] = {"support": "opened", "customer success": "tickets"}
"""The kind of mail that is another role's work, by role."""
TOO_MUCH = 0.25
"""More than this share of another role's work is time to separate, or to staff."""
LATELY = 4
"""Weeks over which it must still be so."""


SLOWEST = 10
"""So many of the accounts that wait longest are listed."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Team:
    """All that one viewer sees of the team, under the rule for figures of people."""

    rule: People
    """``privacy.people`` as it holds for the viewer."""
    any_accounts: bool
    any_work: bool
    csms: pl.DataFrame
    """By CSM, as ``coverage_by_csm`` returns it."""
    whole: Mapping[str, object] | None
    without: pl.DataFrame
    """Accounts without a check-in."""
    slowest: pl.DataFrame
    mix: pl.DataFrame
    """As ``role_mix`` returns it."""
    findings: Sequence["Finding"]
    trend: Mapping[str, Any] | None
    """As ``role_trend`` returns it; none for whoever does not see all accounts."""

    @property
    def single_csms(self) -> list[str]:
        """The CSMs whose figures the viewer may see singly."""
        found: list[str] = self.csms.filter("single")["who"].to_list()
        return found

    def without_checkin(self, csm: str) -> pl.DataFrame:
        """Return the accounts without a check-in, or those of a CSM, with their CSMs where these may stand there."""
        may = pl.col("csm").is_in(pl.Series(self.single_csms, dtype=pl.String).implode())
        found = self.without.filter(pl.col("csm") == csm) if csm else self.without
        return found.with_columns(csm=pl.when(may).then("csm"))


def team(scope: Scope) -> Team:
    """Return what the viewer may see of the team; made once an edition."""
    viewer, rule = scope.viewer, rule_for(scope.people, scope.viewer)
    return scope.edition.remembered(
        ("team", rule, viewer.address, viewer.sees_all_accounts), lambda: _team(scope, rule)
    )


def rule_for(people: People, viewer: Viewer) -> People:
    """Return ``privacy.people`` for somebody: who may not see all accounts sees nobody else's figures in any case."""
    return "self" if people == "all" and not viewer.sees_all_accounts else people


def _team(scope: Scope, rule: People) -> Team:
    viewer, address = scope.viewer, scope.viewer.address
    current = visible_accounts(scope).filter(pl.col("state").is_in(CURRENT))
    work = _work(scope.edition.table("work"), viewer)
    rows = role_mix(work, rule, address)
    return Team(
        rule=rule,
        any_accounts=not current.is_empty(),
        any_work=not work.is_empty(),
        csms=coverage_by_csm(current, rule, address),
        whole=coverage_in_all(current, rule, address),
        without=accounts_without_checkin(current),
        slowest=longest_waits(current, SLOWEST),
        mix=rows,
        findings=findings(rows),
        trend=role_trend(mix_by_role(work, rows, rule), scope.as_of) if viewer.sees_all_accounts else None,
    )


def _work(work: pl.DataFrame, viewer: Viewer) -> pl.DataFrame:
    """The work that somebody may see: nothing that others' mail goes into, unless they see all accounts."""
    if viewer.sees_all_accounts:
        return work
    return work.filter(pl.col("person").str.to_lowercase() == (viewer.address or "").lower())


def role_mix(work: pl.DataFrame, rule: People, viewer: str | None) -> pl.DataFrame:
    """Return one row a person or group: how their mail of 13 weeks divides.

    Args:
        work: the prepared table.
        rule: ``privacy.people``.
        viewer: who looks.

    Returns:
        ``who``, ``people``, ``single``, ``role`` (null of a group of several), ``mails``, ``opened``, ``tickets``,
        ``other``, and ``weeks``: a list of 13, the oldest first, each the share of the other role's work; null where
        there is no mail, or where it must not be shown. By role, the most mails first.
    """
    rows = _rows(work, rule, viewer)
    kinds = [pl.col(name).sum() for name in ("mails", "opened", "tickets", "other")]
    role = pl.when(pl.col("role").n_unique() == 1).then(pl.col("role").first())
    whole = rows.group_by("who", "single").agg(pl.col("people").first(), role.alias("role"), *kinds)
    return whole.join(_by_week(rows, whole), on=["who", "single"], how="left").sort(
        pl.col("role").replace_strict(
            {name: place for place, name in enumerate(ROLES.values())}, default=len(ROLES)
        ),
        "single",
        "mails",
        "who",
        descending=[False, False, True, False],
    )


def _rows(work: pl.DataFrame, rule: People, viewer: str | None) -> pl.DataFrame:
    """The work of each person and week with the row that it is counted in."""
    named = work.with_columns(pl.col("role").replace_strict(ROLES))
    people = named.group_by("person").agg(group=pl.col("role").first())
    return named.join(rows_of(people, rule, viewer), on="person")


def _by_week(rows: pl.DataFrame, whole: pl.DataFrame) -> pl.DataFrame:
    """``who``, ``single`` and ``weeks``."""
    shown = parts_to_show(rows.select("who", "person", "single", part="week")).rename({"part": "week"})
    sums = rows.group_by("who", "single", "week").agg(pl.col("mails", "opened", "tickets").sum())
    of_week = sums.join(shown, on=["who", "week"], how="semi")
    grid = whole.select("who", "single", "role").join(
        pl.DataFrame({"week": range(WEEKS)}, schema={"week": pl.Int64}), how="cross"
    )
    foreign = (
        pl.when(pl.col("role") == "support")
        .then("opened")
        .when(pl.col("role") == "customer success")
        .then("tickets")
    )
    return (
        grid.join(of_week, on=["who", "single", "week"], how="left")
        .sort("who", "single", "week")
        .group_by("who", "single", maintain_order=True)
        .agg(weeks=foreign / pl.col("mails"))
    )


def mix_by_role(work: pl.DataFrame, rows: pl.DataFrame, rule: People) -> pl.DataFrame:
    """Return the mix by role, for whoever sees all.

    Args:
        work: the prepared table.
        rows: what ``role_mix`` made of it; where people are in groups, these are the roles already.
        rule: ``privacy.people``.
    """
    if rule != "all":
        return rows.filter(~pl.col("single"))
    summed = work.group_by("role", "week").agg(pl.col("mails", "opened", "tickets", "other").sum())
    return role_mix(summed.with_columns(person=pl.col("role").replace_strict(ROLES)), "all", None)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Finding:
    """Somebody whose mail is too much another role's work."""

    who: str
    text: str


def findings(rows: pl.DataFrame) -> list[Finding]:
    """Find those whose mail is surely more than ``TOO_MUCH`` another role's work over 13 weeks and in the last four.

    Surely: the whole interval of 95 % (Wilson's) lies above it. Where the last weeks must not be shown, they do not
    count either.
    """
    return [
        Finding(who=row["who"], text=text) for row in rows.iter_rows(named=True) for text in _finding(row)
    ]


def _finding(row: Mapping[str, Any]) -> Iterator[str]:
    kind = FOREIGN.get(row["role"] or "")
    if kind is None:
        return
    found = share_of(row[kind], row["mails"])
    lately = [week for week in row["weeks"][-LATELY:] if week is not None]
    if found.low is None or found.value is None or found.low <= TOO_MUCH:
        return
    if lately and sum(lately) / len(lately) <= TOO_MUCH:
        return
    many = f"{percent(found.value)} of {row['mails']:,} mails in 13 weeks"
    if kind == "opened":
        yield (
            f"{many} opened conversations with accounts. This much account work is a job of its own: give it to "
            "customer success, or staff it there."
        )
    else:
        yield (
            f"{many} answered tickets. This much support is a job of its own: hand tickets over, or staff support."
        )


def role_trend(rows: pl.DataFrame, as_of: dt.datetime) -> dict[str, Any] | None:
    """Return the weekly shares of support and of customer success, for a chart and its table; none without any."""
    lines = [
        {"label": LABELS[row["role"]], "values": row["weeks"]}
        for row in rows.iter_rows(named=True)
        if row["role"] in FOREIGN and any(week is not None for week in row["weeks"])
    ]
    weeks = [as_of - dt.timedelta(weeks=WEEKS - 1 - week) for week in range(WEEKS)]
    return {"weeks": weeks, "lines": lines} if lines else None


LABELS: Mapping[str, str] = {
    "support": "Support's mails that open conversations with accounts",
    "customer success": "Customer success's mails that answer tickets",
}
