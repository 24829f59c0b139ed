"""What one CSM reads about their accounts at one instant; pure, and free of any markup."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Self
from zoneinfo import ZoneInfo

import polars as pl

from mailsignals.digest.card import GROUPS, Card, Row, card, group
from mailsignals.risk.words import counted, lasting, on_day
from mailsignals.schema import BOOK_SCHEMA

WAITING_SHOWN = 10
WEEKS = 13

OFF_THE_LIST = {
    "low": "recovered, low risk now",
    "medium": "medium risk now",
    "not_enough_sight": "too little mail in sight now to judge",
    "churned": "churned",
    "not_started": "not a customer yet",
}
"""What has become of an account that is no longer at high risk, by level or else state."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Digest:
    """A CSM's page."""

    csm: str | None
    company: str
    on: str
    """The day in the company's time zone, with the time where it is not midnight."""
    headline: str
    groups: Sequence[tuple[str, Sequence[Card]]]
    """Accounts at high risk by their first reason."""
    off_the_list: Sequence[tuple[str, str]]
    """Accounts that were at high risk the day before and no longer are, and how they stand now."""
    waiting: Sequence[tuple[str, str]]
    """Accounts, also healthy ones, that wait for an answer past due, the longest first."""
    waiting_more: int
    """How many more wait than are shown."""
    watched: str
    """One sentence that accounts for all the other accounts."""


def digests(
    today: pl.DataFrame,
    yesterday: pl.DataFrame,
    *,
    book: pl.DataFrame,
    weeks: pl.DataFrame,
    company: str,
    timezone: str,
) -> list[Digest]:
    """One digest for each CSM with current customers, those without a CSM under null, in alphabetical order.

    Args:
        today: what ``assess`` returned for the instant, with ``last_inbound_person``, ``last_outbound_person`` and
            ``away``: why nobody is to be told of the account, if so.
        yesterday: the same for the day before.
        book: the account book's rows; further columns are shown.
        weeks: ``account``, ``theirs`` and ``ours``, lists of 13 weekly counts, oldest first.
        company: its name.
        timezone: of days.
    """
    past = _Background.of(yesterday, book, weeks)
    moment = today.item(0, "as_of").astimezone(ZoneInfo(timezone))
    by_csm = today.partition_by("csm", as_dict=True, maintain_order=True)
    found = [
        _digest(csm, rows.to_dicts(), past, moment, company=company)
        for (csm,), rows in sorted(by_csm.items(), key=lambda item: (item[0][0] is None, item[0][0] or ""))
    ]
    return [digest for digest in found if digest is not None]


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Background:
    """What is known of each account besides today's assessment, by account number."""

    levels: Mapping[int, str | None]
    """The day before."""
    weeks: Mapping[int, Row]
    further: Sequence[Row]

    @classmethod
    def of(cls, yesterday: pl.DataFrame, book: pl.DataFrame, weeks: pl.DataFrame) -> Self:
        return cls(
            levels=dict(yesterday.select("account", "level").iter_rows()),
            weeks={row["account"]: row for row in weeks.iter_rows(named=True)},
            further=book.select(pl.exclude(BOOK_SCHEMA.names())).to_dicts() or [{}] * book.height,
        )


def _digest(
    csm: str | None, rows: Sequence[Row], past: _Background, moment: dt.datetime, *, company: str
) -> Digest | None:
    current = [row for row in rows if row["state"] in {"scored", "not_enough_sight"}]
    if not current:
        return None
    high = [row for row in rows if _standing(row) == "high"]
    waiting = sorted((row for row in current if row["overdue_turns"]), key=lambda row: -row["overdue_hours"])
    return Digest(
        csm=csm,
        company=company,
        on=_on(moment),
        headline=_headline(current, high, past.levels),
        groups=_groups(high, past, moment.date()),
        off_the_list=[
            (row["name"], OFF_THE_LIST[row["level"] or row["state"]])
            for row in rows
            if past.levels.get(row["account"]) == "high" and row["level"] != "high" and row["away"] is None
        ],
        waiting=[(row["name"], _owed(row)) for row in waiting[:WAITING_SHOWN]],
        waiting_more=max(0, len(waiting) - WAITING_SHOWN),
        watched=_watched(rows),
    )


def _standing(row: Row) -> str:
    """Level or else state; of an account at high risk that nobody is to be told of, why."""
    standing = str(row["level"] or row["state"])
    return row["away"] or standing if standing == "high" else standing


def _on(moment: dt.datetime) -> str:
    day = f"{moment:%A}, {on_day(moment)}"
    return day if moment.time() == dt.time() else f"{day}, {moment:%H:%M}"


def _groups(high: Sequence[Row], past: _Background, today: dt.date) -> list[tuple[str, list[Card]]]:
    cards = [
        (
            group(row),
            card(
                row,
                today=today,
                before=past.levels.get(row["account"]),
                weeks=past.weeks.get(row["account"]),
                further=past.further[row["account"]],
            ),
        )
        for row in high
    ]
    grouped = [(name, [shown for of, shown in cards if of == name]) for name in GROUPS]
    return [(name, shown) for name, shown in grouped if shown]


def _headline(current: Sequence[Row], high: Sequence[Row], levels: Mapping[int, str | None]) -> str:
    if not high:
        if any(row["level"] == "high" for row in current):
            return "A quiet day: there is no flag to look at."
        judged = any(row["state"] == "scored" for row in current)
        return (
            "A quiet day: none of your accounts is at high risk."
            if judged
            else "None of your accounts can be judged: too little of their mail is in sight."
        )
    new = sum(levels.get(row["account"]) != "high" for row in high)
    text = f"{counted(len(high), 'account')} at high risk"
    return text + (f", {new} of them new since yesterday." if new else ", none of them new.")


def _owed(row: Row) -> str:
    return (
        f"{counted(row['overdue_turns'], 'answer')} owed, the oldest {lasting(row['overdue_hours'])} past due"
    )


def _watched(rows: Sequence[Row]) -> str:
    standing = [_standing(row) for row in rows]
    parts = [
        f"{standing.count(name)} {words}"
        for name, words in (
            ("snoozed", "snoozed"),
            ("dismissed", "dismissed"),
            ("saved", "saved"),
            ("medium", "at medium risk"),
            ("low", "at low risk"),
            ("not_enough_sight", "with too little mail in sight to judge"),
            ("churned", "churned"),
            ("not_started", "not a customer yet"),
        )
        if name in standing
    ]
    if not parts:
        return "These are all your accounts."
    return f"Your {'other ' if 'high' in standing else ''}accounts: {', '.join(parts)}."
