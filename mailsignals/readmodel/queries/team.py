"""Figures of the team: coverage of accounts by CSM, and each person's emails by kind of work and week."""

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
"""Kind of email that is the work of another team, by role."""
TOO_MUCH = 0.25
"""Share of emails on another team's work above which a finding suggests to separate or staff it."""
LATELY = 4
"""The number of recent weeks in which a finding must still hold."""


SLOWEST = 10
"""The number of accounts with the longest response times."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Team:
    """The figures of the team that one viewer may see under ``privacy.people``."""

    rule: People
    """``privacy.people`` as it applies to the viewer."""
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
    """As ``role_trend`` returns it; None for viewers who don't see all accounts."""

    @property
    def single_csms(self) -> list[str]:
        """The CSMs whose figures the viewer may see singly."""
        found: list[str] = self.csms.filter("single")["who"].to_list()
        return found

    def without_checkin(self, csm: str) -> pl.DataFrame:
        """Return the accounts without a check-in, or those of a CSM; hidden CSMs are null."""
        may = pl.col("csm").is_in(pl.Series(self.single_csms, dtype=pl.String).implode())
        found = self.without.filter(pl.col("csm") == csm) if csm else self.without
        return found.with_columns(csm=pl.when(may).then("csm"))


def team(scope: Scope) -> Team:
    """Return the figures of the team that the viewer may see, computed once per edition."""
    viewer, rule = scope.viewer, rule_for(scope.people, scope.viewer)
    return scope.edition.remembered(
        ("team", rule, viewer.address, viewer.sees_all_accounts), lambda: _team(scope, rule)
    )


def rule_for(people: People, viewer: Viewer) -> People:
    """Return the rule for a viewer: viewers who don't see all accounts never see other people's figures."""
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
    """Return all work for viewers who see all accounts, and otherwise the viewer's own."""
    if viewer.sees_all_accounts:
        return work
    return work.filter(pl.col("person").str.to_lowercase() == (viewer.address or "").lower())


def role_mix(work: pl.DataFrame, rule: People, viewer: str | None) -> pl.DataFrame:
    """Return one row per person or group: their emails of 13 weeks by kind of work.

    Args:
        work: the prepared table.
        rule: ``privacy.people``.
        viewer: the address of the viewer.

    Returns:
        ``who``, ``people``, ``single``, ``role`` (null for groups of several roles), ``mails``, ``opened``,
        ``tickets``, ``other``, and ``weeks``: a list of 13 shares of emails on the other team's work, oldest first. A
        share is null without mail, or if it must not be shown. Rows are in order of role, then of emails, most first.
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
    """Add to the work of each person and week the row that counts it."""
    named = work.with_columns(pl.col("role").replace_strict(ROLES))
    people = named.group_by("person").agg(group=pl.col("role").first())
    return named.join(rows_of(people, rule, viewer), on="person")


def _by_week(rows: pl.DataFrame, whole: pl.DataFrame) -> pl.DataFrame:
    """Return ``who``, ``single`` and ``weeks``."""
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
    """Return the mix by role, for viewers who see all accounts.

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
    """A person or group with too many emails on another team's work."""

    who: str
    text: str


def findings(rows: pl.DataFrame) -> list[Finding]:
    """Return a finding for each row with significantly more than ``TOO_MUCH`` of its emails on another team's work.

    It must hold over 13 weeks, where the whole 95% interval (Wilson's) lies above ``TOO_MUCH``, and in the last four.
    Recent weeks that are hidden don't count.
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
    many = f"{percent(found.value)} of {row['mails']:,} emails in 13 weeks"
    if kind == "opened":
        yield (
            f"{many} start conversations with accounts. Move this work to customer success, or add staff there."
        )
    else:
        yield (f"{many} reply in tickets. Hand tickets over to support, or add staff there.")


def role_trend(rows: pl.DataFrame, as_of: dt.datetime) -> dict[str, Any] | None:
    """Return the weekly shares of support and customer success for a chart and its table; None without shares."""
    lines = [
        {"label": LABELS[row["role"]], "values": row["weeks"]}
        for row in rows.iter_rows(named=True)
        if row["role"] in FOREIGN and any(week is not None for week in row["weeks"])
    ]
    weeks = [as_of - dt.timedelta(weeks=WEEKS - 1 - week) for week in range(WEEKS)]
    return {"weeks": weeks, "lines": lines} if lines else None


LABELS: Mapping[str, str] = {
    "support": "Support emails that start conversations with accounts",
    "customer success": "Customer success emails that reply in tickets",
}
