"""Every table of an edition, by the name of its file."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import polars as pl

from mailsignals.prepared import desk
from mailsignals.prepared.accounts import accounts
from mailsignals.prepared.material import Material

Table: TypeAlias = Callable[[Material], pl.DataFrame | pl.LazyFrame]

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        "accounts": accounts,
        "sla_cases": desk.cases,
        "sla_ids": desk.ids,
        "sla_mails": desk.mails,
        "sla_tickets": desk.tickets,
    }
)


def tables(material: Material) -> dict[str, pl.DataFrame | pl.LazyFrame]:
    """All of them."""
    return {name: table(material) for name, table in TABLES.items()}
