"""What one CSM reads about their accounts at one instant; pure, and free of any markup."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Self
from zoneinfo import ZoneInfo

import polars as pl

from mailsignals.flags.news import ENTERED, OVER, STILL
from mailsignals.notifications.digest.card import GROUPS, Card, Row, card, group
from mailsignals.notifications.digest.links import BY_LINK, Links
from mailsignals.notifications.digest.queue import Queue, queue
from mailsignals.schema import BOOK_SCHEMA
from mailsignals.wording.numbers import count_noun, on_day

WEEKS = 13

BECAME = {
    "recovered": "recovered: not at high risk on three days in a row",
    "saved": "saved, as somebody said",
    "low": "recovered, low risk now",
    "medium": "medium risk now",
    "not_enough_sight": "too little mail in sight now to judge",
    "churned": "churned",
    "not_started": "not a customer yet",
}
"""What has become of an account that is no longer at risk: how its flag ended, or else its level or state."""

Groups = Sequence[tuple[str, Sequence[Card]]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Digest:
    """A CSM's page."""

    csm: str | None
    company: str
    on: str
    """The day in the company's time zone, with the time where it is not midnight."""
    headline: str
    at_risk: int
    """How many accounts are, also those without a card."""
    new: int
    """How many of them have been only since the CSM was last told."""
    sections: Sequence[tuple[str, Groups]]
    """Who is new at risk, then who still is, each grouped by the first reason; what is empty is left out."""
    not_shown: str | None
    """Those at risk who have no card, in one sentence."""
    list_url: str | None
    """All accounts of the CSM, in the dashboard."""
    over: Sequence[tuple[str, str]]
    """Accounts no longer at risk since the CSM was last told, and what has become of them."""
    waiting: Queue
    """What waits for our answer, also of healthy accounts."""
    watched: str
    """One sentence that accounts for all the other accounts."""
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
    most: int,
    company: str,
    timezone: str,
    links: Links | None,
) -> list[Digest]:
    """One digest for each CSM with current customers, those without a CSM under null, in alphabetical order.

    Args:
        today: what ``assess`` returned for the instant, the riskiest first, with ``last_inbound_person``,
            ``last_outbound_person``, the CSM's own ``copy`` of their last mail, the account's news (``NEWS_SCHEMA``),
            and ``hidden_because``: why nobody is to be told of it, if so.
        book: the account book's rows; further columns are shown.
        weeks: ``account``, ``theirs`` and ``ours``, lists of 13 weekly counts, oldest first.
        owed: what waits for our answer, as ``queue.owed_to_customers`` has it.
        remarks: what stands at the end of every digest.
        by_command: how to say that a flag is wrong where cards have no links; None where there is no flag.
        most: how many cards a digest has at most.
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
            rows.to_dicts(),
            past,
            moment,
            company=company,
            remarks=[*remarks, *_how_to_say(csm, by_command, links)],
            most=most,
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
    rows: Sequence[Row],
    past: _Background,
    moment: dt.datetime,
    *,
    company: str,
    remarks: Sequence[str],
    most: int,
) -> Digest | None:
    current = [row for row in rows if row["state"] in {"scored", "not_enough_sight"}]
    if not current:
        return None
    new, still = ([row for row in rows if row["news"] == news] for news in (ENTERED, STILL))
    shown = [*new, *still][:most]
    sections = [
        ("New at risk", _groups([row for row in shown if row["news"] == ENTERED], past, moment.date())),
        ("Still at risk", _groups([row for row in shown if row["news"] == STILL], past, moment.date())),
    ]
    accounts = {row["account"] for row in current}
    owed = [row for row in past.owed.get(csm, ()) if row["account"] in accounts]
    at_risk = len(new) + len(still)
    return Digest(
        csm=csm,
        company=company,
        on=_on(moment),
        headline=_headline(current, new=len(new), at_risk=at_risk),
        at_risk=at_risk,
        new=len(new),
        sections=[(name, groups) for name, groups in sections if groups],
        not_shown=_not_shown(at_risk - len(shown), listed=past.links is not None),
        list_url=past.links.accounts(csm) if past.links else None,
        over=[(row["name"], BECAME[row["became"]]) for row in rows if row["news"] == OVER],
        waiting=queue(owed, past.names),
        watched=_watched([row for row in rows if row["news"] not in {ENTERED, STILL}], every=not at_risk),
        remarks=remarks,
    )


def _standing(row: Row) -> str:
    """Level or else state; of an account at high risk that nobody is to be told of, why."""
    standing = str(row["level"] or row["state"])
    return row["hidden_because"] or standing if standing == "high" else standing


def _on(moment: dt.datetime) -> str:
    day = f"{moment:%A}, {on_day(moment)}"
    return day if moment.time() == dt.time() else f"{day}, {moment:%H:%M}"


def _groups(rows: Sequence[Row], past: _Background, today: dt.date) -> Groups:
    cards = [
        (
            group(row),
            card(
                row,
                today=today,
                weeks=past.weeks.get(row["account"]),
                further=past.further[row["account"]],
                links=past.links,
            ),
        )
        for row in rows
    ]
    grouped = [(name, [shown for of, shown in cards if of == name]) for name in GROUPS]
    return [(name, shown) for name, shown in grouped if shown]


def _headline(current: Sequence[Row], *, new: int, at_risk: int) -> str:
    if at_risk:
        return f"{new or 'Nothing'} new at risk, {at_risk} in all."
    if any(row["level"] == "high" for row in current):
        return "A quiet day: there is no flag to look at."
    judged = any(row["state"] == "scored" for row in current)
    return (
        "A quiet day: none of your accounts is at high risk."
        if judged
        else "None of your accounts can be judged: too little of their mail is in sight."
    )


def _not_shown(number: int, *, listed: bool) -> str | None:
    """``listed``: a link to the list follows."""
    if not number:
        return None
    verb = "is" if number == 1 else "are"
    told = f"{count_noun(number, 'more account')} {verb} at risk"
    return f"{told}." if listed else f"{told}; `mailsignals flag` lists them."


def _how_to_say(csm: str | None, by_command: str | None, links: Links | None) -> list[str]:
    """What to do about a flag that is wrong; accounts without a CSM have nobody to be asked by a link."""
    if by_command is None:
        return []
    return [by_command if links is None or csm is None else BY_LINK]


def _watched(rows: Sequence[Row], *, every: bool) -> str:
    """What the accounts without a card are; ``every``: there is no other."""
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
    return f"Your {'' if every else 'other '}accounts: {', '.join(parts)}."
