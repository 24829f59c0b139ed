"""The card of one account in a digest: plain sentences without markup; pure."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from mailsignals.flags.episodes import HIGH
from mailsignals.flags.news import ENTERED, STILL
from mailsignals.notifications.digest.links import Links, Permit
from mailsignals.notifications.digest.mail_links import MailLink, mail_link_to
from mailsignals.notifications.digest.risk_context import RiskContext
from mailsignals.wording.money import money
from mailsignals.wording.numbers import count_noun, days_ago, on_day, percent
from mailsignals.wording.people import PersonNames
from mailsignals.wording.risk import STATES, chance_words

Row = Mapping[str, Any]

GROUPS: Mapping[str, str] = {
    "silence": "Fewer emails",
    "people": "Fewer contacts",
    "answers": "Slower responses",
    "friction": "Urgent and support emails",
    "service": "Our response time and check-ins",
    "contract": "Contract",
    "not_enough_sight": "Not enough visible mail",
}
"""The heading of accounts by the theme of their first reason."""
NO_GROUP = "No main reason"

REASONS = 3
ALSO = 2
"""Numbers of reasons, and of facts also worth knowing, on a card."""
UNCHANGED = "unchanged"
CHANGED = 1.25
"""A risk that changed by less than this factor is shown as unchanged."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class CardReason:
    """One reason with its share of the risk."""

    text: str
    share: str | None
    """``62% of the risk``; None without a risk."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Card:
    """The content of one account's card."""

    account_id: str
    """The account id that commands expect."""
    name: str
    tier: str | None
    level: str
    """The level in words."""
    standing: str
    """Both chances in words, and the change of risk since the CSM's last digest."""
    since: str
    """The date since which it is at risk, in words."""
    next_step: str
    """The next step in one sentence, with the person to contact."""
    facts: Sequence[str]
    """Lines with renewal and ARR, further columns of the account list, and the last email of either side."""
    reasons: Sequence[CardReason]
    """Three at most, the largest share of the risk first."""
    also: str | None
    """Facts that are also worth knowing and add nothing to the risk; None without any."""
    weeks: Sequence[tuple[int, int]]
    """Emails of the customer and of your team in each of the last 13 weeks, oldest first."""
    mail: MailLink | None
    """The link to the customer's last email in the CSM's own mailbox; None without one."""
    account_url: str | None
    """The account's page in the dashboard."""
    feedback_url: str | None
    """The address of the form for feedback on the flag."""


def card(
    row: Row, *, today: dt.date, weeks: Row | None, further: Row, links: Links | None, context: RiskContext
) -> Card:
    """Return the card of an account.

    Args:
        row: its row of ``assess``, with its news, ``last_inbound_person`` and ``last_outbound_person``, and the
            CSM's own ``copy`` of their last email (``OWN_COPY``).
        today: the day in the company's time zone.
        weeks: ``theirs`` and ``ours``, lists of weekly counts; null without any mail.
        further: the account list's further columns.
        links: into the dashboard; None without a dashboard address.
        context: rules, names of people and currency.
    """
    lines = (_contract(row, today, context.currency), _further(further), _last_words(row, context.names))
    return Card(
        account_id=row["account_id"],
        name=row["name"],
        tier=row["tier"],
        level=level_words(row),
        standing=_standing(row, today, context.rules.churn_a_year),
        since=since_words(row, today),
        next_step=next_step(row, context.names),
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
    """Return the address of the feedback form; None without a recorded flag or a CSM."""
    if links is None or row["flagged_on"] is None or row["csm"] is None:
        return None
    return links.feedback(Permit(account_id=row["account_id"], csm=row["csm"], opened_on=row["flagged_on"]))


def group(row: Row) -> str:
    """Return the heading under which an account stands, by the theme of its first reason."""
    return GROUPS[row["reasons"][0]["mark"]] if row["reasons"] else NO_GROUP


def level_words(row: Row) -> str:
    """Return the level in words: ``high risk``, ``medium risk now``, or the reason for having none.

    A flag stays open for some days after the level has fallen, or after the account has lost its level.
    """
    level = row["level"]
    if level is None:
        return f"no risk level now: {STATES[row['state']]}"
    return "high risk" if level == HIGH else f"{level} risk now"


def _standing(row: Row, today: dt.date, churn_a_year: float) -> str:
    """Return both chances within 90 days, and the change of risk; risks of different sources are not compared."""
    chances = chance_words(row, churn_a_year=churn_a_year)
    if not chances:
        return level_words(row)
    signals = [words for words in chances if " chance of " not in words]
    both = " and ".join(words for words in chances if words not in signals)
    change = _change(row, today)
    if change == UNCHANGED and not signals:
        return f"{both} within 90 days ({change})"
    shown = f"risk {change}" if change == UNCHANGED else change
    return " · ".join([f"{both} within 90 days", *signals, *([shown] if shown else [])])


def _change(row: Row, today: dt.date) -> str | None:
    risk, before, on = row["risk"], row["before_risk"], row["before_on"]
    if risk is None or before is None or on is None or row["before_source"] != row["source"]:
        return None
    when = near(on, today)
    if risk > before * CHANGED:
        return f"risk up since {when}"
    if risk * CHANGED < before:
        return f"risk down since {when}"
    # Beside "new since yesterday" it would read as a contradiction: the level changed, the risk hardly.
    if row["news"] == ENTERED:
        return None
    return UNCHANGED if (today - on).days == 1 else f"no change since {when}"


def since_words(row: Row, today: dt.date) -> str:
    """Return the date since which an account is at risk: ``flagged on 3 Nov``, or less without a recorded flag."""
    if row["flagged_on"] is not None and row["news"] in {ENTERED, STILL}:
        when = near(row["flagged_on"], today, before="on ")
        return f"flagged {when}"
    return "new since yesterday" if row["news"] == ENTERED else "still at high risk"


def near(day: dt.date, today: dt.date, *, before: str = "") -> str:
    """Return ``today``, ``yesterday`` or ``3 Nov``, with the year where that may be unclear.

    Args:
        day: not after today.
        today: the day of the digest.
        before: stands before a date.
    """
    ago = (today - day).days
    if ago < 2:
        return "yesterday" if ago else "today"
    return f"{before}{on_day(day)}" if ago > 300 else f"{before}{day.day} {day:%b}"


def next_step(row: Row, names: PersonNames) -> str:
    """Return the next step for an account in one sentence, by the theme of its first reason.

    Args:
        row: the account, with ``reasons``, ``last_inbound_person``, and perhaps ``main_contacts`` and
            ``overdue_turns``.
        names: of people; an address without a name is shown as it is.
    """
    who = _contact(row, names)
    first = row["reasons"][0] if row["reasons"] else {"mark": None, "signal": None}
    if first["mark"] == "service" and row.get("overdue_turns"):
        return "Reply to the unanswered emails, the oldest first."
    if first["signal"] == "days_since_outbound":
        return f"Start a check-in with {who}."
    return {
        "silence": f"Email {who} and ask what has changed.",
        "people": f"Ask {who} who else is in charge now.",
        "answers": f"Call {who}, or try another contact.",
        "friction": f"Resolve their urgent issues, then call {who}.",
        "service": f"Agree with support on faster responses to {who}.",
        "contract": f"Ask {who} what they need before the renewal.",
        "not_enough_sight": f"Ask {who} how things are, because too few of their emails are visible.",
    }.get(first["mark"] or "", f"Start a check-in with {who}.")


def _contact(row: Row, names: PersonNames) -> str:
    """Return the sender of the last email, unless email to them bounces."""
    last = row["last_inbound_person"]
    gone = {one["address"] for one in row.get("main_contacts") or () if one["bounced_at"] is not None}
    if last in gone:
        return "another contact"
    return names.of(last) if last else "them"


def _contract(row: Row, today: dt.date, currency: str) -> list[str]:
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
        found.append(f"ARR {money(row['arr'], currency)}")
    if row["expected_loss"] is not None:
        found.append(f"expected loss within 90 days {money(row['expected_loss'], currency)}")
    return found


def _further(columns: Row) -> list[str]:
    return [f"{name}: {value}" for name, value in columns.items() if value is not None]


def _last_words(row: Row, names: PersonNames) -> list[str]:
    found = []
    if row["last_inbound_person"]:
        sender = names.with_address(row["last_inbound_person"])
        found.append(f"Last email from {sender} {days_ago(row['days_since_inbound'])}")
    if row["last_outbound_person"]:
        sender = names.of(row["last_outbound_person"])
        found.append(f"last email to them {days_ago(row['days_since_outbound'])} ({sender})")
    return found
