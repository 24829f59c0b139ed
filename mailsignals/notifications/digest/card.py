"""What a CSM reads about one account; pure, and free of any markup."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from mailsignals.flags.episodes import HIGH
from mailsignals.flags.news import ENTERED
from mailsignals.notifications.digest.links import Links, Permit
from mailsignals.notifications.digest.mail_links import MailLink, mail_link_to
from mailsignals.wording.numbers import chance, count_noun, number_of, on_day, predicted_event, whole_days

Row = Mapping[str, Any]

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Gone quiet": ("inbound_down", "no_meeting", "activity"),
    "Lost their champion": ("champion_quiet", "champion_gone", "breadth"),
    "Slow to answer us": ("customer_slower", "fewer_answers", "response"),
    "Chased us": ("chasing", "urgent", "friction"),
    "We owe an answer": ("overdue_answer", "we_are_slow", "ours"),
    "No check-in": ("no_checkin",),
    "Hanging on one person": ("single_contact",),
    "Renewal ahead": ("contract",),
    "Out of sight": ("not_enough_sight",),
}
"""Accounts are grouped by their first reason: the marks, and the scorecard's blocks, of each group."""

REASONS = 3


@dataclasses.dataclass(frozen=True, kw_only=True)
class Card:
    """The text on one account at risk, as a CSM reads it."""

    account_id: str
    """The id, as commands expect it."""
    name: str
    tier: str | None
    level: str
    """The level in words."""
    standing: str
    """The chance of the predicted event, or the rank of the score, compared with the CSM's last digest."""
    since: str
    """The date since which it is at risk, in words."""
    next_step: str
    """The next step, by the first reason, and whom to write to."""
    facts: Sequence[str]
    """Renewal and ARR; the account book's further columns; who wrote last on either side."""
    reasons: Sequence[str]
    """Three at most."""
    weeks: Sequence[tuple[int, int]]
    """Their mails and ours in each of the last 13 weeks, oldest first."""
    mail: MailLink | None
    """The link to their last mail in the CSM's own mailbox."""
    account_url: str | None
    """The account's page in the dashboard."""
    feedback_url: str | None
    """The address of the form for feedback on the flag."""


def card(row: Row, *, today: dt.date, weeks: Row | None, further: Row, links: Links | None) -> Card:
    """The card of an account.

    Args:
        row: what ``assess`` says of it, with its news, ``last_inbound_person`` and ``last_outbound_person``, and the
            CSM's own ``copy`` of their last mail (``OWN_COPY``).
        today: the day in the company's time zone.
        weeks: ``theirs`` and ``ours``, lists of weekly counts; null without any mail.
        further: the account book's further columns.
        links: into the dashboard; None where nobody can reach one.
    """
    lines = (_contract(row, today), _further(further), _last_words(row))
    return Card(
        account_id=row["account_id"],
        name=row["name"],
        tier=row["tier"],
        level=_level(row),
        standing=_standing(row, today),
        since=_since(row, today),
        next_step=next_step(row),
        facts=[" · ".join(line) for line in lines if line],
        reasons=[reason["text"] for reason in row["reasons"][:REASONS]],
        weeks=list(zip(weeks["theirs"], weeks["ours"], strict=True)) if weeks else [],
        mail=mail_link_to(row["copy"], sender=row["last_inbound_person"] or ""),
        account_url=links.account(row["account_id"]) if links else None,
        feedback_url=_feedback_url(row, links),
    )


def _feedback_url(row: Row, links: Links | None) -> str | None:
    """Only a recorded flag can be spoken of, and only a CSM can be asked."""
    if links is None or row["flagged_on"] is None or row["csm"] is None:
        return None
    return links.feedback(Permit(account_id=row["account_id"], csm=row["csm"], opened_on=row["flagged_on"]))


def group(row: Row) -> str:
    """The name of the group that an account's first reason puts it in."""
    mark = row["reasons"][0]["mark"] if row["reasons"] else "activity"
    return next(name for name, marks in GROUPS.items() if mark in marks)


def _level(row: Row) -> str:
    """A flag stays open for some days after the level has fallen; by another judge's word it has not fallen."""
    level = row["level"]
    if level is None:
        return "not judged now"
    if level == HIGH:
        return "high risk"
    if row["before_source"] not in {None, row["source"]}:
        return f"{level} risk, judged by another model than before"
    return f"easing, {level} risk now"


def _standing(row: Row, today: dt.date) -> str:
    """How it stands, and how it stood; figures of different kinds are not compared."""
    if row["score"] is None:
        return "too little mail in sight now to judge"
    if row["risk"] is None:
        return _compared(
            row, today, f"{_rank(row['score'])} of the accounts judged", _rank(row["before_score"])
        )
    event, then = predicted_event(row["source"]), None
    if row["before_risk"] is not None and predicted_event(row["before_source"]) == event:
        then = chance(row["before_risk"])
    return _compared(row, today, f"{chance(row['risk'])} to {event} within 90 days", then)


def _rank(score: float | None) -> str | None:
    return None if score is None else f"riskier than {number_of(score)} %"


def _compared(row: Row, today: dt.date, now: str, then: str | None) -> str:
    if then is None or row["before_on"] is None:
        return now
    when = _near(row["before_on"], today)
    return f"{now}, as {when}" if now.startswith(f"{then} ") else f"{now}; {when} {then}"


def _since(row: Row, today: dt.date) -> str:
    if row["flagged_on"] is not None:
        return f"flagged {_near(row['flagged_on'], today)}"
    return "new since yesterday" if row["news"] == ENTERED else "still at risk"


def _near(day: dt.date, today: dt.date) -> str:
    """``today``, ``yesterday``, ``on 3 November``; with its year where that may be unclear."""
    ago = (today - day).days
    if ago < 2:
        return "yesterday" if ago else "today"
    return f"on {on_day(day)}" if ago > 300 else f"on {day.day} {day:%B}"


def next_step(row: Row) -> str:
    """Return one sentence with the next step for an account, by its first reason."""
    who = row["last_inbound_person"] or "them"
    return {
        "Gone quiet": f"Write to {who}, who wrote last, and ask what has changed.",
        "Lost their champion": f"Ask {who} who has taken over.",
        "Slow to answer us": f"Call, or try another contact than usual; {who} wrote last.",
        "Chased us": f"Settle what they chased us for, then call {who}.",
        "We owe an answer": "Answer what is past due, the oldest first.",
        "No check-in": f"Begin a check-in with {who}.",
        "Hanging on one person": f"Ask {who} to bring in a colleague.",
        "Renewal ahead": f"Ask {who} what they need to see before they renew.",
        "Out of sight": f"Ask {who} how they are: their mail no longer tells.",
    }[group(row)]


def _contract(row: Row, today: dt.date) -> list[str]:
    found = []
    if row["renewal_on"]:
        left = (row["renewal_on"] - today).days
        when = (
            f"in {count_noun(left, 'day')}"
            if left > 0
            else f"{count_noun(-left, 'day')} ago"
            if left
            else "today"
        )
        found.append(f"Renewal on {on_day(row['renewal_on'])} ({when})")
    if row["arr"] is not None:
        found.append(f"ARR {number_of(row['arr'])}")
    return found


def _further(columns: Row) -> list[str]:
    return [f"{name}: {value}" for name, value in columns.items() if value is not None]


def _last_words(row: Row) -> list[str]:
    found = []
    if row["last_inbound_person"]:
        found.append(f"Last heard from {row['last_inbound_person']} {_ago(row['days_since_inbound'])}")
    if row["last_outbound_person"]:
        found.append(f"we last wrote {_ago(row['days_since_outbound'])} ({row['last_outbound_person']})")
    return found


def _ago(days: float) -> str:
    return "less than a day ago" if days < 1 else f"{whole_days(days)} ago"
