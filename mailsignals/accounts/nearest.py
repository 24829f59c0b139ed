"""Hints for unknown names."""

import difflib
from collections.abc import Collection


def did_you_mean(given: str, known: Collection[str], *, what: str) -> str:
    """Return, in parentheses, the known name nearest to the given one, or all of them if none is near."""
    spelled = {name.lower(): name for name in known}
    nearest = difflib.get_close_matches(given.lower(), spelled, n=1, cutoff=0.6)
    if nearest:
        return f" (did you mean {spelled[nearest[0]]}?)"
    return f" (known {what}: {', '.join(known)})" if known else f" (there are no {what})"
