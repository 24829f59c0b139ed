"""Every table of an edition, by the name of its file."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import polars as pl

from mailsignals.readmodel.tables import (
    account_mails,
    account_people,
    account_record,
    account_turns,
    desk,
    model,
    sla,
)
from mailsignals.readmodel.tables.accounts import accounts
from mailsignals.readmodel.tables.correspondents import correspondents
from mailsignals.readmodel.tables.flags import flags
from mailsignals.readmodel.tables.history import history
from mailsignals.readmodel.tables.mailboxes import bounces, mailboxes
from mailsignals.readmodel.tables.material import Material
from mailsignals.readmodel.tables.signals import signal_rows
from mailsignals.readmodel.tables.work import work

Table: TypeAlias = Callable[[Material], pl.DataFrame | pl.LazyFrame]

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        "accounts": accounts,
        "work": work,
        "mailboxes": mailboxes,
        "bounces": bounces,
        "model_words": model.words,
        "models": model.registry,
        "promotions": model.promotions,
        "contenders": model.contenders,
        "calibration": model.calibration,
        "shifts": model.shifts,
        "settled": model.settled,
        "people": account_people.people,
        "account_mails": account_mails.mails,
        "account_weeks": account_mails.weeks,
        "account_answers": account_turns.answers,
        "account_answer_weeks": account_turns.weeks,
        "account_waiting": account_turns.waiting,
        "account_checkins": account_turns.checkins,
        "account_contacts": account_people.contacts,
        "account_colleagues": account_people.colleagues,
        "account_scores": account_record.scores,
        "account_figures": account_record.figures,
        "account_parts": account_record.parts,
        "account_further": account_record.further,
        "account_tickets": account_record.tickets,
        "signals": signal_rows,
        "flags": flags,
        "history": history,
        "correspondents": correspondents,
        "ticket_rows": sla.ticket_rows,
        "tickets_by_account": sla.tickets_by_account,
        "answers": sla.answers,
        "sla_cases": desk.cases,
        "sla_ids": desk.ids,
        "sla_mails": desk.mails,
        "sla_tickets": desk.tickets,
    }
)


def tables(material: Material) -> dict[str, pl.DataFrame | pl.LazyFrame]:
    """All of them."""
    return {name: table(material) for name, table in TABLES.items()}
