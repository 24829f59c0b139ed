"""Every table of an edition, by the name of its file."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import polars as pl

from mailsignals.prepared import sla
from mailsignals.prepared.accounts import accounts
from mailsignals.prepared.correspondents import correspondents
from mailsignals.prepared.flags import flags
from mailsignals.prepared.history import history
from mailsignals.prepared.mailboxes import mailboxes
from mailsignals.prepared.material import Material
from mailsignals.prepared.signals import signal_rows

Table: TypeAlias = Callable[[Material], pl.DataFrame | pl.LazyFrame]

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        "accounts": accounts,
        "signals": signal_rows,
        "flags": flags,
        "history": history,
        "correspondents": correspondents,
        "cases": sla.cases,
        "ticket_rows": sla.ticket_rows,
        "tickets_by_account": sla.tickets_by_account,
        "answers": sla.answers,
        "mailboxes": mailboxes,
    }
)


def tables(material: Material) -> dict[str, pl.DataFrame | pl.LazyFrame]:
    """All of them."""
    return {name: table(material) for name, table in TABLES.items()}
