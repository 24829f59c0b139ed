"""Which field of the account list a column of an export is, by its name."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from importlib import resources

FILE = "column_names.txt"

SEVERAL = ("domains", "contacts")
"""Fields that more than one column may give."""

NOT_TAKEN = {
    "annualrevenue": "how much the customer earns, not what they pay; --column arr=NAME takes it all the same",
    "revenue": "may be how much the customer earns; --column arr=NAME takes it all the same",
    "jahresumsatz": "may be how much the customer earns; --column arr=NAME takes it all the same",
    "umsatz": "may be how much the customer earns; --column arr=NAME takes it all the same",
    "chiffredaffaires": "may be how much the customer earns; --column arr=NAME takes it all the same",
    "mrr": "a month's revenue, and arr is a year's",
    "monthlyrecurringrevenue": "a month's revenue, and arr is a year's",
}
"""Columns that look like a field and are not, with the reason."""


def bare(name: str) -> str:
    """A name without case, accents, spaces and punctuation."""
    folded = unicodedata.normalize("NFKD", name.casefold().replace("ł", "l").replace("ø", "o"))
    return re.sub(r"[\W_]+", "", "".join(sign for sign in folded if not unicodedata.combining(sign)))


def names_of_fields() -> Mapping[str, Sequence[str]]:
    """The names of each field as ``bare`` gives them, the best first.

    Raises:
        ValueError: a name stands below two fields.
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
            raise ValueError(f"{FILE}: {line!r} stands below {below[name]} and {field}")
        found[field].append(name)
    return found


def recognised(columns: Sequence[str], chosen: Mapping[str, str]) -> dict[str, str]:
    """The field of each column that has one.

    Args:
        columns: the names of an export's columns.
        chosen: the field of some columns, as somebody said; no other column gives such a field.
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
