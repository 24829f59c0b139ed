"""What counts as done: ``[sla]``."""

import datetime as dt
import re
from typing import Annotated

from pydantic import PlainValidator

from mailsignals.config.section import Hours, Section

_SPAN = re.compile(r"(\d+(?:\.\d+)?) ?(h|d)")


def _span(value: object) -> dt.timedelta | None:
    if value == "" or value is None:
        return None
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None or float(found[1]) == 0:
        raise ValueError(f'{value!r} is not a span such as "72h" or "7d"; "" turns the rule off')
    return dt.timedelta(hours=float(found[1])) if found[2] == "h" else dt.timedelta(days=float(found[1]))


class SLASection(Section):
    """``[sla]``: what counts as done."""

    resolve_after_hours: Hours = 72.0
    """A ticket is resolved by our first answer that the customer lets stand for so many hours by the clock."""
    closing_after: Annotated[dt.timedelta | None, PlainValidator(_span)] = None
    """A lone mail after our answer to which neither side adds anything for so long ("7d", "72h") needs no answer.

    Empty: the rule is off, and only people say which mails need none.
    """
