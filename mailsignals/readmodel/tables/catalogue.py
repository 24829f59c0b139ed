"""Every table of an edition, by the name of its file."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import polars as pl

from mailsignals.readmodel.tables import account, models, people, tickets
from mailsignals.readmodel.tables.accounts import (
    account_rows,
    flag_rows,
    risk_notes,
    score_history,
    signal_rows,
)
from mailsignals.readmodel.tables.system import bounces, mailboxes
from mailsignals.workspace import Snapshot

Table: TypeAlias = Callable[[Snapshot], pl.DataFrame | pl.LazyFrame]

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        "accounts": account_rows,
        "risk_notes": risk_notes,
        "work": people.work,
        "mailboxes": mailboxes,
        "bounces": bounces,
        "model_words": models.model_words,
        "models": models.registry,
        "promotions": models.promotions,
        "contenders": models.contenders,
        "calibration": models.calibration,
        "shifts": models.shifts,
        "settled": models.settled_flags,
        "people": people.people,
        "names": people.person_names,
        "account_mails": account.account_mails,
        "account_weeks": account.mail_weeks,
        "account_answers": account.turn_answers,
        "account_waiting": account.waiting_turns,
        "account_checkins": account.checkins,
        "account_contacts": people.contacts,
        "account_colleagues": people.colleagues,
        "account_scores": account.scores,
        "account_figures": account.signal_figures,
        "account_parts": account.risk_terms,
        "account_further": account.further,
        "account_tickets": account.recent_tickets,
        "signals": signal_rows,
        "flags": flag_rows,
        "history": score_history,
        "correspondents": people.correspondents,
        "ticket_rows": tickets.named_ticket_rows,
        "tickets_by_account": tickets.tickets_by_account,
        "answers": tickets.support_answers,
        "sla_cases": tickets.cases,
        "sla_ids": tickets.ids,
        "sla_mails": tickets.ticket_mails,
        "sla_tickets": tickets.full_tickets,
    }
)


def tables(snapshot: Snapshot) -> dict[str, pl.DataFrame | pl.LazyFrame]:
    """Return all tables of an edition by name."""
    return {name: table(snapshot) for name, table in TABLES.items()}
