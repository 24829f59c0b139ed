"""Every table of an edition, by the name of its file."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import polars as pl

from mailsignals.prepared import model
from mailsignals.prepared.accounts import accounts
from mailsignals.prepared.mailboxes import bounces, mailboxes
from mailsignals.prepared.material import Material
from mailsignals.prepared.work import work

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
    }
)


def tables(material: Material) -> dict[str, pl.DataFrame | pl.LazyFrame]:
    """All of them."""
    return {name: table(material) for name, table in TABLES.items()}
