"""Who does what: account work and support by person or group and week, and when it is time to separate; pure."""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from mailsignals.config.privacy import People
from mailsignals.flags.shares import share_of
from mailsignals.readmodel.tables.people import WEEKS
from mailsignals.web.people import parts_to_show, rows_of
from mailsignals.wording.numbers import percent

ROLES: Mapping[str, str] = {"cs": "customer success", "support": "support", "other": "other roles"}
FOREIGN: Mapping[str, str] = {"support": "opened", "customer success": "tickets"}
"""The kind of mail that is another role's work, by role."""
TOO_MUCH = 0.25
"""More than this share of another role's work is time to separate, or to staff."""
LATELY = 4
"""Weeks over which it must still be so."""


def mix(work: pl.DataFrame, rule: People, viewer: str | None) -> pl.DataFrame:
    """One row a person or group: how their mail of 13 weeks divides.

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


def by_role(work: pl.DataFrame, rows: pl.DataFrame, rule: People) -> pl.DataFrame:
    """The same by role, for whoever sees all; where people are in groups, ``rows`` of ``mix`` have them already."""
    if rule != "all":
        return rows.filter(~pl.col("single"))
    summed = work.group_by("role", "week").agg(pl.col("mails", "opened", "tickets", "other").sum())
    return mix(summed.with_columns(person=pl.col("role").replace_strict(ROLES)), "all", None)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Finding:
    """Somebody whose mail is too much another role's work."""

    who: str
    text: str


def findings(rows: pl.DataFrame) -> list[Finding]:
    """Whose mail is surely more than ``TOO_MUCH`` another role's work over 13 weeks, and still was in the last four.

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


def trend(rows: pl.DataFrame, as_of: dt.datetime) -> dict[str, Any] | None:
    """The weekly shares of support and of customer success, for a chart and its table; none without any."""
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
