"""The base of all sections: frozen, without unknown keys, and with types of values."""

import ast
import copy
import datetime as dt
import functools
import inspect
import itertools
import textwrap
import zoneinfo
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.fields import FieldInfo

from mailsignals.accounts import address_of, domain_of, mailbox_of
from mailsignals.accounts.nearest import did_you_mean


class Section(BaseModel):
    """A table of config.toml; the docstring under a key is its description."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        validate_by_name=True,
        validate_by_alias=True,
        validate_default=True,
    )


def keys_of(table: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a table (type, default, description) by their keys in config.toml."""
    found = {}
    for name, field in table.model_fields.items():
        key = found[field.alias or name] = copy.copy(field)
        key.description = _docstrings(table).get(name)
    return found


@functools.cache
def _docstrings(table: type[BaseModel]) -> Mapping[str, str]:
    """The docstring under each field of a table and of its base classes.

    Pydantic's own way reads every table at the start of the program, which takes a tenth of a second.
    """
    found = {}
    for each in reversed(table.__mro__[: table.__mro__.index(Section)]):
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(each))).body
        assert isinstance(definition, ast.ClassDef)
        for field, below in itertools.pairwise(definition.body):
            if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
                found[ast.unparse(field.target)] = inspect.cleandoc(str(ast.literal_eval(below.value)))
    return found


def midnight(day: dt.date, timezone: str) -> dt.datetime:
    """Return the beginning of a day in a time zone, in UTC."""
    return dt.datetime.combine(day, dt.time(), zoneinfo.ZoneInfo(timezone)).astimezone(dt.UTC)


def _timezone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        hint = did_you_mean(name, sorted(zoneinfo.available_timezones()), what="time zones")
        hint = hint if "did you mean" in hint else " such as Europe/Berlin or UTC"
        raise ValueError(f"{name!r} is not a time zone{hint}") from None
    return name


def _currency(text: str) -> str:
    if text and not (len(text) == 3 and text.isascii() and text.isalpha()):
        raise ValueError(f"{text!r} is not a currency code; use the three letters of ISO 4217, such as EUR")
    return text.upper()


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Domain = Annotated[str, AfterValidator(domain_of)]
Address = Annotated[str, AfterValidator(address_of)]
MailboxAddress = Annotated[str, AfterValidator(mailbox_of)]
Currency = Annotated[str, AfterValidator(_currency)]
Timezone = Annotated[str, AfterValidator(_timezone)]
# Strict, so that true isn't a number and "14" doesn't become 14.
Days = Annotated[int, Field(strict=True, ge=1, le=3650)]
Count = Annotated[int, Field(strict=True, ge=0)]
Number = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
Hours = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Chance = Annotated[float, Field(strict=True, gt=0, lt=1)]
