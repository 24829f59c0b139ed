"""Finds the field of the account list for a column of an export, by its name."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from importlib import resources

FILE = "column_names.txt"

SEVERAL = ("domains", "contacts")
"""Fields that several columns may fill."""

NOT_TAKEN = {
    "annualrevenue": "the customer's own revenue, not what they pay; --column arr=NAME uses it anyway",
    "revenue": "may be the customer's own revenue; --column arr=NAME uses it anyway",
    "jahresumsatz": "may be the customer's own revenue; --column arr=NAME uses it anyway",
    "umsatz": "may be the customer's own revenue; --column arr=NAME uses it anyway",
    "chiffredaffaires": "may be the customer's own revenue; --column arr=NAME uses it anyway",
    "mrr": "monthly revenue, but arr is annual",
    "monthlyrecurringrevenue": "monthly revenue, but arr is annual",
}
"""Columns that look like a field but aren't one, with the reason."""


def bare(name: str) -> str:
    """Return a name in lower case, without accents, spaces and punctuation."""
    folded = unicodedata.normalize("NFKD", name.casefold().replace("ł", "l").replace("ø", "o"))
    return re.sub(r"[\W_]+", "", "".join(sign for sign in folded if not unicodedata.combining(sign)))


def names_of_fields() -> Mapping[str, Sequence[str]]:
    """Return the names of columns by field, in the form of ``bare``, the best first.

    Raises:
        ValueError: a name is listed for two fields.
    """
    text = resources.files("mailsignals.accounts").joinpath(FILE).read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    below: dict[str, str] = {}
    field = ""
    for line in filter(None, (line.partition("#")[0].strip() for line in text.splitlines())):
        if line.startswith("["):
            field = line.strip("[]")
            found[field] = []
            continue
        name = bare(line)
        if below.setdefault(name, field) != field:
            raise ValueError(f"{FILE}: {line!r} is listed for {below[name]} and {field}; remove one")
        found[field].append(name)
    return found


def recognise_fields(columns: Sequence[str], chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of columns by column name; columns without a field are missing.

    Args:
        columns: the names of an export's columns.
        chosen: the fields of some columns, as given by the user; no other column fills these fields.
    """
    found = dict(chosen)
    for field, names in names_of_fields().items():
        if field in chosen.values():
            continue
        having = [
            column for name in names for column in columns if bare(column) == name and column not in found
        ]
        for column in dict.fromkeys(having if field in SEVERAL else having[:1]):
            found[column] = field
    return found
