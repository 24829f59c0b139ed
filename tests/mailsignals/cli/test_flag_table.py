"""The risk in the list of flags."""

from typing import Any

import pytest

from mailsignals.cli.tables.flags import risk_movement
from mailsignals.wording.numbers import percent

SOURCE = "quiet+scorecard"


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ({"opening_risk": 0.2, "risk": 0.34}, f"{percent(0.2)} > {percent(0.34)}"),
        ({"opening_risk": 0.2, "risk": 0.204}, percent(0.2)),
        ({"opening_risk": 0.2, "risk": 0.34, "source": "churn-a"}, percent(0.34)),
        ({"opening_risk": None, "risk": 0.34, "opening_source": "scorecard"}, percent(0.34)),
        ({"opening_risk": None, "risk": None, "opening_source": "scorecard", "source": "scorecard"}, "-"),
    ],
)
def test_a_movement_is_shown_within_one_source(row: dict[str, Any], shown: str) -> None:
    """Across a change of method, and from days that have a score alone, only the risk now is shown."""
    assert risk_movement({"opening_source": SOURCE, "source": SOURCE, **row}) == shown
