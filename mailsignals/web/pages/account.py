"""An account's page: risk, reasons, status and history; and the part of it that the list opens in place."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from starlette.responses import RedirectResponse, Response

from mailsignals.flags.episodes import COOL_DOWN
from mailsignals.flags.feedback import standing_feedback as standing_of
from mailsignals.flags.news import ENTERED, STILL
from mailsignals.notifications.digest.card import next_step
from mailsignals.notifications.digest.queue import due_words
from mailsignals.readmodel.queries import risk_change
from mailsignals.readmodel.queries.account import Row, first_contacts, further_columns, notes_on_risk, story
from mailsignals.readmodel.queries.scope import Scope
from mailsignals.readmodel.tables.people import CONTACT_STATES, PAST
from mailsignals.web import figures, plots, urls
from mailsignals.web.forms import SNOOZE_EVENTS, snooze_end
from mailsignals.web.one_account import AccountPage, days_until, newest_flag, of_account
from mailsignals.web.page import PageRequest, WebPage
from mailsignals.web.pages.accounts import ROLES
from mailsignals.wording.risk import NO_LEVEL, STATES, back_again_words, cause_name, sets_order
from models.risk import CAUSES

MOST = 100
"""The largest number of tickets, check-ins, contacts or unanswered emails that a table lists."""
MOST_REASONS, MOST_FACTS = 4, 3
"""The number of reasons, and of facts worth knowing, that are shown before anything is opened."""
DAYS_OF_RISK = 366
GLANCE_CONTACTS = 4
WAITING_FOR = {"us": "your team", "them": "the customer"}


def account_facts(row: Row, scope: Scope) -> Mapping[str, Any]:
    """Return the facts about an account: its row, risk, changes, days until renewal and next step."""
    acts = row["level"] in {"high", "medium"} or row["news"] in {ENTERED, STILL}
    return {
        "row": row,
        "stands": STATES[row["state"]],
        "no_level": (
            back_again_words(row["days_silent"], row["back_again"])
            if row["state"] == "lapsed"
            else NO_LEVEL.get(row["state"])
        ),
        "changes": [
            (words, moved)
            for against, words in risk_change.AGAINST.items()
            if (moved := risk_change.change(row, against)) is not None
        ],
        "renewal_days": days_until(row["renewal_on"], scope.today),
        "next_step": next_step(row, scope.names) if acts and row["reasons"] else None,
    }


def causes(row: Row, parts: Sequence[Row]) -> Sequence[Row]:
    """Return both causes of an account's risk: ``name``, ``chance``, ``share`` of the risk, and ``terms`` that add up.

    A cause without a chance is left out; ``share`` is null without a risk.
    """
    return [
        {
            "name": cause_name(cause, row["source"]).capitalize(),
            "chance": row[cause],
            "share": row[f"{cause}_share"] if row["risk"] is not None else None,
            "terms": [part for part in parts if part["cause"] == cause],
        }
        for cause in CAUSES
        if row[cause] is not None
    ]


def outcome(checkin: Row) -> str:
    """Return the outcome of a check-in: ``replied``, ``replied late``, ``no reply`` or ``no reply yet``."""
    if checkin["answered_at"] is None:
        return "no reply" if checkin["eligible"] else "no reply yet"
    return "replied" if checkin["replied"] else "replied late"


def unanswered(turn: Row) -> Mapping[str, Any]:
    """Return an unanswered email with ``due`` (the time left, in words) and ``state``: overdue, due or open."""
    due = due_words({**turn, "figure": "response"}) if turn["due_at"] is not None else "no SLA target"
    state = "overdue" if turn["late"] else "due" if turn["due_at"] is not None else "open"
    return {**turn, "due": due, "state": state}


def counts_by_state(contacts: Sequence[Row]) -> str:
    """Return how many contacts are in each state: ``2 active, 1 went quiet``; empty without contacts."""
    counts = Counter(contact["state"] for contact in contacts)
    return ", ".join(f"{counts[state]:,} {state}" for state in CONTACT_STATES if counts[state])


def feedback_words(feedback: pl.DataFrame, now: dt.datetime) -> Sequence[Row]:
    """Return the feedback entries, newest first; ``stands`` is true for those that are not undone."""
    stands = standing_of(feedback, now)["given_at"].to_list()
    entries = feedback.sort("given_at", descending=True).to_dicts()
    return [
        {**word, "stands": word["given_at"] in stands, "until": snooze_end(word["until"])} for word in entries
    ]


def view(visit: PageRequest, account: AccountPage) -> Mapping[str, Any]:
    """Return everything that the page shows, by the name that its template uses."""
    today, signals = visit.today, visit.site.settings().signals
    found = story(account, reply_horizon=dt.timedelta(days=signals.reply_horizon_days), most=MOST)
    flags, scores = account.flags(found.scores, account.feedback), found.scores.tail(DAYS_OF_RISK)
    contacts, colleagues = found.contacts.to_dicts(), found.colleagues.to_dicts()
    history = feedback_words(account.feedback, visit.now)
    charts = {
        "risk": plots.risk(scores, flags.to_dicts(), account.row, today=today),
        "responses": plots.response_times(found.response_months, today=today),
        "weeks": plots.weeks(account.table("account_weeks").drop("account"), today=today),
    }
    shown = account.table("account_figures").to_dicts()
    return {
        **account_facts(account.row, account.scope),
        "today": today,
        "further": further_columns(account),
        "reasons": figures.explained(account.row["reasons"]),
        "also": figures.explained(account.row["also"]),
        "most_reasons": MOST_REASONS,
        "most_facts": MOST_FACTS,
        "causes": causes(account.row, account.table("account_parts")["parts"].to_list()[0] or ()),
        "one_cause": sets_order(account.row["source"]),
        "record": notes_on_risk(account.scope).get(account.row["level"] or ""),
        "flags": flags.to_dicts(),
        "flag": newest_flag(flags),
        "history": history,
        "last": next((word for word in history if word["stands"]), None),
        "until": SNOOZE_EVENTS,
        "snooze_end": snooze_end,
        "cool_down": COOL_DOWN.days,
        "views": charts,
        "charts": {name: json.dumps(chart) if chart else None for name, chart in charts.items()},
        "reply_days": signals.reply_horizon_days,
        "months": found.response_months.reverse().to_dicts(),
        "days": scores.filter(pl.col("level").is_not_null()).reverse().to_dicts(),
        "waiting": list(map(unanswered, found.waiting.to_dicts())),
        "waiting_in_all": found.waiting_in_all,
        "contacts": [contact for contact in contacts if contact["state"] != PAST],
        "past": [contact for contact in contacts if contact["state"] == PAST],
        "contact_counts": counts_by_state(contacts),
        "contact_states": CONTACT_STATES,
        "colleagues": [each for each in colleagues if each["lately"]],
        "former": [each for each in colleagues if not each["lately"]],
        "checkins": found.checkins.to_dicts(),
        "outcome": outcome,
        "tickets": found.tickets.to_dicts(),
        "tickets_in_all": found.tickets_in_all,
        "waiting_for": WAITING_FOR,
        "windowed": figures.windowed(shown),
        "of_moment": figures.of_moment(shown),
        "most": MOST,
        "account": urls.account_url,
    }


def page(
    visit: PageRequest, account: AccountPage, *, problem: str | None = None, status: int = 200
) -> Response:
    """Return the page; after feedback that is not valid, with ``problem`` and what was typed."""
    form = {"kind": "", "note": "", **(visit.form if problem else {})}
    return visit.render("account.html.j2", status=status, problem=problem, form=form, **view(visit, account))


def glance(visit: PageRequest, account: AccountPage) -> Response:
    """Return the part that the list opens in place; without a script, a redirect to the page."""
    if not visit.in_part:
        return RedirectResponse(urls.account_url(account.id), status_code=303)
    return visit.render(
        "glance.html.j2",
        **account_facts(account.row, visit.scope),
        contacts=first_contacts(account, GLANCE_CONTACTS).to_dicts(),
        reasons=account.row["reasons"] if account.row["level"] in {"high", "medium"} else [],
        account=urls.account_url,
    )


PAGES = (
    WebPage(path="/accounts/{account_id:path}/glance", roles=ROLES, show=of_account(glance)),
    WebPage(path="/accounts/{account_id:path}", roles=ROLES, show=of_account(page)),
)
