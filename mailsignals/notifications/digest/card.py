"""What a CSM reads about one account; pure, and free of any markup."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from mailsignals.flags.episodes import HIGH
from mailsignals.flags.news import ENTERED, STILL
from mailsignals.notifications.digest.links import Links, Permit
from mailsignals.notifications.digest.mail_links import MailLink, mail_link_to
from mailsignals.wording.numbers import count_noun, number_of, on_day, percent, whole_days
from mailsignals.wording.risk import STATES, chance_words

Row = Mapping[str, Any]

GROUPS: Mapping[str, str] = {
    "silence": "Falling silent",
    "people": "Fewer people write",
    "answers": "Slow to answer us",
    "friction": "Urgent and support mail",
    "service": "Our own answers",
    "contract": "Contract",
    "not_enough_sight": "Out of sight",
}
"""The heading of accounts by the theme of their first reason."""
NO_GROUP = "No single reason"

REASONS = 3
ALSO = 2
"""Of what is also worth knowing."""
CHANGED = 1.25
"""A risk that moved by less than this factor is told as unchanged."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class CardReason:
    """One reason with its part of the risk."""

    text: str
    share: str | None
    """``62 % of the risk``; None where nothing is judged."""


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
    """Both chances in words, and how risk has changed since the CSM's last digest."""
    since: str
    """The date since which it is at risk, in words."""
    next_step: str
    """The next step, by the theme of the first reason, and whom to write to."""
    facts: Sequence[str]
    """Renewal and ARR; the account book's further columns; who wrote last on either side."""
    reasons: Sequence[CardReason]
    """Three at most, the largest share of the risk first."""
    also: str | None
    """Facts that are also worth knowing, and drive nothing."""
    weeks: Sequence[tuple[int, int]]
    """Their mails and ours in each of the last 13 weeks, oldest first."""
    mail: MailLink | None
    """The link to their last mail in the CSM's own mailbox."""
    account_url: str | None
    """The account's page in the dashboard."""
    feedback_url: str | None
    """The address of the form for feedback on the flag."""


def card(
    row: Row, *, today: dt.date, weeks: Row | None, further: Row, links: Links | None, churn_a_year: float
) -> Card:
    """The card of an account.

    Args:
        row: what ``assess`` says of it, with its news, ``last_inbound_person`` and ``last_outbound_person``, and the
            CSM's own ``copy`` of their last mail (``OWN_COPY``).
        today: the day in the company's time zone.
        weeks: ``theirs`` and ``ours``, lists of weekly counts; null without any mail.
        further: the account book's further columns.
        links: into the dashboard; None where nobody can reach one.
        churn_a_year: the share of accounts that churns in a year, as configured.
    """
    lines = (_contract(row, today), _further(further), _last_words(row))
    return Card(
        account_id=row["account_id"],
        name=row["name"],
        tier=row["tier"],
        level=level_words(row),
        standing=_standing(row, today, churn_a_year),
        since=since_words(row, today),
        next_step=next_step(row),
        facts=[" · ".join(line) for line in lines if line],
        reasons=[_reason(reason) for reason in row["reasons"][:REASONS]],
        also=" ".join(fact["text"] for fact in row["also"][:ALSO]) or None,
        weeks=list(zip(weeks["theirs"], weeks["ours"], strict=True)) if weeks else [],
        mail=mail_link_to(row["copy"], sender=row["last_inbound_person"] or ""),
        account_url=links.account(row["account_id"]) if links else None,
        feedback_url=_feedback_url(row, links),
    )


def _reason(reason: Row) -> CardReason:
    share = reason["share"]
    return CardReason(text=reason["text"], share=None if share is None else f"{percent(share)} of the risk")


def _feedback_url(row: Row, links: Links | None) -> str | None:
    """Only a recorded flag can be spoken of, and only a CSM can be asked."""
    if links is None or row["flagged_on"] is None or row["csm"] is None:
        return None
    return links.feedback(Permit(account_id=row["account_id"], csm=row["csm"], opened_on=row["flagged_on"]))


def group(row: Row) -> str:
    """The heading of the group that an account's first reason puts it in."""
    return GROUPS[row["reasons"][0]["mark"]] if row["reasons"] else NO_GROUP


def level_words(row: Row) -> str:
    """Return the level in words: ``high risk``, ``medium risk now``, or why there is none.

    A flag stays open for some days after the level has fallen, or after the account can no longer be judged.
    """
    level = row["level"]
    if level is None:
        return f"not judged now: {STATES[row['state']]}"
    return "high risk" if level == HIGH else f"{level} risk now"


def _standing(row: Row, today: dt.date, churn_a_year: float) -> str:
    """Both chances, and the change of risk; figures of different sources are not compared."""
    told = chance_words(row, churn_a_year=churn_a_year)
    return " · ".join([*told, *_change(row, today)]) or level_words(row)


def _change(row: Row, today: dt.date) -> list[str]:
    risk, before, on = row["risk"], row["before_risk"], row["before_on"]
    if risk is None or before is None or on is None or row["before_source"] != row["source"]:
        return []
    when = near(on, today)
    if risk > before * CHANGED:
        return [f"risk up since {when}"]
    if risk * CHANGED < before:
        return [f"risk down since {when}"]
    # Beside "new since yesterday" it would read as a contradiction: the level changed, the risk hardly.
    return [] if row["news"] == ENTERED else [f"no change since {when}"]


def since_words(row: Row, today: dt.date) -> str:
    """Return since when an account is at risk: ``flagged on 3 November``, or less where no flag is recorded."""
    if row["flagged_on"] is not None and row["news"] in {ENTERED, STILL}:
        when = near(row["flagged_on"], today, before="on ")
        return f"flagged {when}"
    return "new since yesterday" if row["news"] == ENTERED else "still at high risk"


def near(day: dt.date, today: dt.date, *, before: str = "") -> str:
    """Return ``today``, ``yesterday``, ``3 November``; with its year where that may be unclear.

    Args:
        day: not after today.
        today: the day of the digest.
        before: stands before a date.
    """
    ago = (today - day).days
    if ago < 2:
        return "yesterday" if ago else "today"
    return f"{before}{on_day(day)}" if ago > 300 else f"{before}{day.day} {day:%B}"


def next_step(row: Row) -> str:
    """Return one sentence with the next step for an account, by the theme of its first reason."""
    who = _whom(row)
    first = row["reasons"][0] if row["reasons"] else {"mark": None, "signal": None}
    if first["mark"] == "service" and row.get("overdue_turns"):
        return "Answer what is past due, the oldest first."
    if first["signal"] == "days_since_outbound":
        return f"Begin a check-in with {who}."
    last = ", who wrote last," if who == row["last_inbound_person"] else ""
    return {
        "silence": f"Write to {who}{last} and ask what has changed.",
        "people": f"Ask {who} who else is in charge now.",
        "answers": f"Call {who}, or try another contact than usual.",
        "friction": f"Settle what is urgent for them, then call {who}.",
        "service": f"Agree with support how soon {who} gets an answer.",
        "contract": f"Ask {who} what they need to see before they renew.",
        "not_enough_sight": f"Ask {who} how they are: their mail no longer tells.",
    }.get(first["mark"] or "", f"Begin a check-in with {who}.")


def _whom(row: Row) -> str:
    """Who wrote last, unless mail to them comes back."""
    last = row["last_inbound_person"]
    gone = {one["address"] for one in row.get("main_contacts") or () if one["bounced_at"] is not None}
    if last in gone:
        return "somebody else there"
    return last or "them"


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
    if row["expected_loss"] is not None:
        found.append(f"expected loss within 90 days {number_of(row['expected_loss'])}")
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
