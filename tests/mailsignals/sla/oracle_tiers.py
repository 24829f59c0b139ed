"""The tiers of accounts, which may change."""

import datetime as dt
from collections.abc import Mapping
from typing import TypeAlias

Tiers: TypeAlias = str | Mapping[dt.datetime, str | None] | None
"""The tier of an account: always the same, or from instants on."""
TiersOf: TypeAlias = Mapping[str, Tiers]


def tier_at(tiers: Tiers, instant: dt.datetime) -> str | None:
    """The tier that holds at an instant; before the first one that is known, that one."""
    if tiers is None or isinstance(tiers, str):
        return tiers
    begun = [since for since in tiers if since <= instant]
    return tiers[max(begun) if begun else min(tiers)]
