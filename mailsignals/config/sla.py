"""Rules for resolved tickets and for emails that need no reply: ``[sla]``."""

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
        raise ValueError(f'{value!r} is not a duration; use one such as "72h" or "7d", or "" for off')
    return dt.timedelta(hours=float(found[1])) if found[2] == "h" else dt.timedelta(days=float(found[1]))


class SLASection(Section):
    """``[sla]``: rules for resolved tickets and for emails that need no reply."""

    resolve_after_hours: Hours = 72.0
    """A ticket is resolved by our first reply that the customer does not answer for so many calendar hours."""
    closing_after: Annotated[dt.timedelta | None, PlainValidator(_span)] = None
    """A single email after our reply needs no reply if neither side adds anything for so long ("7d", "72h").

    Empty: the rule is off, and only people can dismiss emails.
    """
