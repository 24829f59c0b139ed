"""The digest of one CSM: plain sentences without markup; pure."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from types import MappingProxyType
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
from mailsignals.wording.groups import NO_CSM
from mailsignals.wording.numbers import on_day
from mailsignals.wording.risk import STATES

WEEKS = 13
A_DAY = dt.timedelta(days=1)

BECAME: Mapping[str, str] = MappingProxyType(
    {
        "recovered": "recovered: three days below high risk",
        "saved": "marked as saved",
        "low": "recovered: low risk now",
        "medium": "medium risk now",
        **{name: words for name, words in STATES.items() if name != "active"},
    }
)
"""How the flag of an account ended, or else its level or state now."""

Groups = Sequence[tuple[str, Sequence[Card]]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Digest:
    """The content of one CSM's digest."""

    csm: str | None
    reader: str
    """The CSM's name or address, or a heading for accounts without a CSM."""
    company: str
    on: str
    """The day in the company's time zone, with the time where it is not midnight."""
    headline: str
    change: str | None
    """The change of method since the CSM's last digest, in one sentence; None without one."""
    at_risk: int
    """The number of accounts at high risk, with or without a card."""
    new: int
    """The number of them that are new since the CSM's last digest."""
    record: str | None
    """The track record of high risk; None if no account has it."""
    sections: Sequence[tuple[str, Groups]]
    """Accounts new at high risk, then others at high risk, each grouped by the theme of the first reason; sections
    without accounts are left out."""
    more: int
    """The number of further accounts at high risk, which have no card for lack of room."""
    not_shown: str | None
    """A sentence on these; None without any."""
    list_url: str | None
    """The address of the CSM's account list in the dashboard; None without a dashboard."""
    easing: Sequence[AccountLine]
    """Accounts with an open flag that are not at high risk now."""
    over: Sequence[tuple[str, str]]
    """Names of accounts no longer at risk since the CSM's last digest, each with the outcome."""
    lapsed: Sequence[AccountLine]
    """Accounts silent for over 90 days since the CSM's last digest; the latest first."""
    waiting: Queue
    """Open tickets, also of healthy accounts."""
    watched: Sequence[str]
    """Sentences with the number of all other accounts by level and state."""
    checks: Sequence[str]
    """The track record of other levels, and the sentences on calibration."""
    remarks: Sequence[str]
    """The precision of flags, and how to give feedback on them."""

    @property
    def cards(self) -> Sequence[Card]:
        """Return all cards in order."""
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
    """Return one digest per CSM with current customers, in alphabetical order; accounts without a CSM come last.

    Args:
        today: the rows of ``assess`` in their order, with ``last_inbound_person``,
            ``last_outbound_person``, the CSM's own ``copy`` of their last email, the account's news (``NEWS_SCHEMA``),
            and ``hidden_because`` (the reason for leaving it out; null without one).
        book: the account list's rows; further columns are shown.
        weeks: ``account``, ``theirs`` and ``ours``, lists of 13 weekly counts, oldest first.
        owed: open tickets, as ``queue.owed_to_customers`` returns them.
        remarks: sentences for the end of every digest.
        by_command: how to give feedback by command where cards have no links; None without recorded flags.
        context: sentences for all accounts. A digest has at most ``context.rules.accounts_per_csm`` cards.
        company: the company's name.
        timezone: of days.
        links: into the dashboard; None without a dashboard address.
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
    """Further data on accounts besides today's risk, by account number or CSM."""

    weeks: Mapping[int, Row]
    further: Sequence[Row]
    names: Sequence[str]
    owed: Mapping[str | None, Sequence[Row]]
    """Open tickets by CSM, in the order of ``queue.owed_to_customers``."""
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
        reader=NO_CSM if csm is None else context.names.of(csm),
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
        waiting=queue(
            [row for row in past.owed.get(csm, ()) if row["account"] in accounts],
            past.names,
            people=context.names,
        ),
        watched=[*([waits] if waits else []), summary.other_accounts(rest, every=not listed)],
        checks=[*context.other_records(), context.check],
        remarks=remarks,
    )


def _easing(row: Row, today: dt.date, links: Links | None) -> AccountLine:
    since = f", {since_words(row, today)}" if row["flagged_on"] is not None else ""
    if row["state"] == LAPSED:
        return account_line(row, f"no risk level now{since}. {lapsed_words(row)}", links=links)
    return account_line(row, f"{level_words(row)}{since}.", links=links)


def _on(moment: dt.datetime) -> str:
    day = f"{moment:%A}, {on_day(moment)}"
    return day if moment.time() == dt.time() else f"{day}, {moment:%H:%M}"


def _groups(rows: Sequence[Row], past: _Background, today: dt.date, context: RiskContext) -> Groups:
    """Return the cards by the theme of their first reason; groups stand in the order of their riskiest accounts."""
    found: dict[str, list[Card]] = {}
    for row in rows:
        shown = card(
            row,
            today=today,
            weeks=past.weeks.get(row["account"]),
            further=past.further[row["account"]],
            links=past.links,
            context=context,
        )
        found.setdefault(group(row), []).append(shown)
    return list(found.items())


def _how_to_say(csm: str | None, by_command: str | None, links: Links | None) -> list[str]:
    """Return how to give feedback on flags: by link, or by command for accounts without a CSM or a dashboard."""
    if by_command is None:
        return []
    return [by_command if links is None or csm is None else BY_LINK]
