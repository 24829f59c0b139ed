"""Every table of an edition, by the name of its file."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import polars as pl

from mailsignals.readmodel.tables import account, models, people, tickets
from mailsignals.readmodel.tables.accounts import accounts, flags, history, signal_rows
from mailsignals.readmodel.tables.system import bounces, mailboxes
from mailsignals.workspace import Snapshot

Table: TypeAlias = Callable[[Snapshot], pl.DataFrame | pl.LazyFrame]

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        "accounts": accounts,
        "work": people.work,
        "mailboxes": mailboxes,
        "bounces": bounces,
        "model_words": models.words,
        "models": models.registry,
        "promotions": models.promotions,
        "contenders": models.contenders,
        "calibration": models.calibration,
        "shifts": models.shifts,
        "settled": models.settled,
        "people": people.people,
        "account_mails": account.mails,
        "account_weeks": account.mail_weeks,
        "account_answers": account.answers,
        "account_answer_weeks": account.answer_weeks,
        "account_waiting": account.waiting,
        "account_checkins": account.checkins,
        "account_contacts": people.contacts,
        "account_colleagues": people.colleagues,
        "account_scores": account.scores,
        "account_figures": account.figures,
        "account_parts": account.parts,
        "account_further": account.further,
        "account_tickets": account.tickets,
        "signals": signal_rows,
        "flags": flags,
        "history": history,
        "correspondents": people.correspondents,
        "ticket_rows": tickets.ticket_rows,
        "tickets_by_account": tickets.tickets_by_account,
        "answers": tickets.answers,
        "sla_cases": tickets.cases,
        "sla_ids": tickets.ids,
        "sla_mails": tickets.mails,
        "sla_tickets": tickets.tickets,
    }
)


def tables(snapshot: Snapshot) -> dict[str, pl.DataFrame | pl.LazyFrame]:
    """All of them."""
    return {name: table(snapshot) for name, table in TABLES.items()}
