"""What one CSM reads about their accounts at one instant; pure, and free of any markup."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Self
from zoneinfo import ZoneInfo

import polars as pl

from mailsignals.flags.episodes import HIGH
from mailsignals.flags.news import ENTERED, OVER, STILL
from mailsignals.notifications.digest import summary
from mailsignals.notifications.digest.card import Card, Row, card, group, level_words, since_words
from mailsignals.notifications.digest.lapsed import (
    LAPSED,
    AccountLine,
    account_line,
    lapsed_words,
    newly_lapsed,
)
from mailsignals.notifications.digest.links import BY_LINK, Links
from mailsignals.notifications.digest.queue import Queue, queue
from mailsignals.notifications.digest.risk_context import RiskContext
from mailsignals.risk.totals import CURRENT, totals
from mailsignals.schema import BOOK_SCHEMA
from mailsignals.wording.numbers import on_day

WEEKS = 13
A_DAY = dt.timedelta(days=1)

BECAME = {
    "recovered": "recovered: not at high risk on three days in a row",
    "saved": "marked as saved",
    "low": "recovered, low risk now",
    "medium": "medium risk now",
    "lapsed": "silent for over 90 days now",
    "never_heard": "no mail of theirs in sight",
    "not_enough_sight": "too little mail in sight now to judge",
    "seldom_writes": "writes too seldom now to judge",
    "new": "too new to judge",
    "churned": "churned",
    "not_started": "not a customer yet",
}
"""What has become of an account that is no longer at high risk: how its flag ended, or else its level or state."""

Groups = Sequence[tuple[str, Sequence[Card]]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Digest:
    """A CSM's page."""

    csm: str | None
    company: str
    on: str
    """The day in the company's time zone, with the time where it is not midnight."""
    headline: str
    change: str | None
    """The change of method since the CSM was last told, in one sentence."""
    at_risk: int
    """How many accounts are at high risk, also those without a card."""
    new: int
    """How many of them have been only since the CSM was last told."""
    record: str | None
    """How often high risk came true."""
    sections: Sequence[tuple[str, Groups]]
    """Who is new at high risk, then who still is, each grouped by the theme of the first reason; what is empty is left
    out."""
    more: int
    """How many more are at high risk who have no card for lack of room."""
    not_shown: str | None
    """The same in one sentence."""
    list_url: str | None
    """All accounts of the CSM, in the dashboard."""
    easing: Sequence[AccountLine]
    """Accounts whose flag is open, though they are not at high risk now."""
    over: Sequence[tuple[str, str]]
    """Accounts no longer at risk since the CSM was last told, and what has become of them."""
    lapsed: Sequence[AccountLine]
    """Accounts silent for over 90 days only since the CSM was last told; the newest first."""
    waiting: Queue
    """What waits for our answer, also of healthy accounts."""
    watched: Sequence[str]
    """Sentences that account for all the other accounts."""
    checks: Sequence[str]
    """How often other levels came true, and what the order was checked on."""
    remarks: Sequence[str]
    """How often flags were right, and how to say that one is not."""

    @property
    def cards(self) -> Sequence[Card]:
        """All of them, in order."""
        return [card for _, groups in self.sections for _, cards in groups for card in cards]


def digests(  # noqa: PLR0913  # all that a digest is made of
    today: pl.DataFrame,
    *,
    book: pl.DataFrame,
    weeks: pl.DataFrame,
    owed: pl.DataFrame,
    remarks: Sequence[str],
    by_command: str | None,
    context: RiskContext,
    company: str,
    timezone: str,
    links: Links | None,
) -> list[Digest]:
    """One digest for each CSM with current customers, those without a CSM under null, in alphabetical order.

    Args:
        today: what ``assess`` returned for the instant, in its order, with ``last_inbound_person``,
            ``last_outbound_person``, the CSM's own ``copy`` of their last mail, the account's news (``NEWS_SCHEMA``),
            and ``hidden_because``: why nobody is to be told of it, if so.
        book: the account book's rows; further columns are shown.
        weeks: ``account``, ``theirs`` and ``ours``, lists of 13 weekly counts, oldest first.
        owed: what waits for our answer, as ``queue.owed_to_customers`` has it.
        remarks: what stands at the end of every digest.
        by_command: how to say that a flag is wrong where cards have no links; None where there is no flag.
        context: what holds for all accounts. A digest has at most ``context.rules.accounts_per_csm`` cards.
        company: its name.
        timezone: of days.
        links: into the dashboard; None where nobody can reach one.
    """
    moment = today.item(0, "as_of").astimezone(ZoneInfo(timezone))
    past = _Background.of(book, weeks, owed, links)
    by_csm = today.partition_by("csm", as_dict=True, maintain_order=True)
    found = [
        _digest(
            csm,
            rows,
            past,
            moment,
            context=context,
            company=company,
            remarks=[*remarks, *_how_to_say(csm, by_command, links)],
        )
        for (csm,), rows in sorted(by_csm.items(), key=lambda item: (item[0][0] is None, item[0][0] or ""))
    ]
    return [digest for digest in found if digest is not None]


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Background:
    """What is known of accounts besides today's assessment, by account number or CSM."""

    weeks: Mapping[int, Row]
    further: Sequence[Row]
    names: Sequence[str]
    owed: Mapping[str | None, Sequence[Row]]
    """By CSM, what is due first on top."""
    links: Links | None

    @classmethod
    def of(cls, book: pl.DataFrame, weeks: pl.DataFrame, owed: pl.DataFrame, links: Links | None) -> Self:
        csms = owed.with_columns(csm=pl.lit(book["csm"]).gather(pl.col("account")))
        parts = csms.partition_by("csm", as_dict=True, maintain_order=True)
        return cls(
            weeks={row["account"]: row for row in weeks.iter_rows(named=True)},
            further=book.select(pl.exclude(BOOK_SCHEMA.names())).to_dicts() or [{}] * book.height,
            names=book["name"].to_list(),
            owed={csm: rows.to_dicts() for (csm,), rows in parts.items()},
            links=links,
        )


def _digest(  # noqa: PLR0913  # all that a digest is made of
    csm: str | None,
    frame: pl.DataFrame,
    past: _Background,
    moment: dt.datetime,
    *,
    context: RiskContext,
    company: str,
    remarks: Sequence[str],
) -> Digest | None:
    total, rows = totals(frame), frame.to_dicts()
    if not total.current:
        return None
    current = [row for row in rows if row["state"] in CURRENT]
    high = [row for row in current if row["level"] == HIGH and row["hidden_because"] is None]
    new = [row for row in high if row["news"] == ENTERED]
    still = [row for row in high if row["news"] != ENTERED]
    most = context.rules.accounts_per_csm
    shown_new, shown_still = new[:most], still[: max(0, most - len(new))]
    sections = [
        (name, _groups(own, past, moment.date(), context))
        for name, own in (("New at high risk", shown_new), ("Still at high risk", shown_still))
    ]
    shown = [*shown_new, *shown_still]
    flagged = [row for row in current if row["news"] in {ENTERED, STILL} and row["level"] != HIGH]
    told_at = context.told_at.get(csm, moment - A_DAY)
    lapsed = [row for row in newly_lapsed(rows, since=told_at) if row not in flagged][:most]
    accounts, listed = ({row["account"] for row in found} for found in (current, [*high, *flagged, *lapsed]))
    rest = [row for row in rows if row["account"] not in listed]
    waits = summary.waiting_sentence(rows, context.rules)
    return Digest(
        csm=csm,
        company=company,
        on=_on(moment),
        headline=summary.headline(total, new=len(new), easing=len(flagged)),
        change=context.changes.get(csm),
        at_risk=total.high,
        new=len(new),
        record=context.record_of(HIGH) if total.high else None,
        sections=[(name, groups) for name, groups in sections if groups],
        more=len(high) - len(shown),
        not_shown=summary.not_shown(len(high) - len(shown), listed=past.links is not None),
        list_url=past.links.accounts(csm) if past.links else None,
        easing=[_easing(row, moment.date(), past.links) for row in flagged],
        over=[(row["name"], BECAME[row["became"]]) for row in rest if row["news"] == OVER],
        lapsed=[account_line(row, lapsed_words(row), links=past.links) for row in lapsed],
        waiting=queue([row for row in past.owed.get(csm, ()) if row["account"] in accounts], past.names),
        watched=[*([waits] if waits else []), summary.watched(rest, every=not listed)],
        checks=[*context.other_records(), context.check],
        remarks=remarks,
    )


def _easing(row: Row, today: dt.date, links: Links | None) -> AccountLine:
    since = f", {since_words(row, today)}" if row["flagged_on"] is not None else ""
    told = f"{level_words(row)}{since}"
    return account_line(row, f"{told}. {lapsed_words(row)}" if row["state"] == LAPSED else told, links=links)


def _on(moment: dt.datetime) -> str:
    day = f"{moment:%A}, {on_day(moment)}"
    return day if moment.time() == dt.time() else f"{day}, {moment:%H:%M}"


def _groups(rows: Sequence[Row], past: _Background, today: dt.date, context: RiskContext) -> Groups:
    """The cards by the heading of their first reason; groups stand in the order of their riskiest accounts."""
    found: dict[str, list[Card]] = {}
    for row in rows:
        shown = card(
            row,
            today=today,
            weeks=past.weeks.get(row["account"]),
            further=past.further[row["account"]],
            links=past.links,
            churn_a_year=context.rules.churn_a_year,
        )
        found.setdefault(group(row), []).append(shown)
    return list(found.items())


def _how_to_say(csm: str | None, by_command: str | None, links: Links | None) -> list[str]:
    """What to do about a flag that is wrong; accounts without a CSM have nobody to be asked by a link."""
    if by_command is None:
        return []
    return [by_command if links is None or csm is None else BY_LINK]
