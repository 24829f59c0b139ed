"""The list of accounts at risk with a model of leaving."""

import math
from collections.abc import Sequence

import polars as pl
import pytest

from mailsignals.risk.assess import assess
from mailsignals.risk.predicted import Predicted
from models.features import FEATURES
from tests.mailsignals.risk.office import AT, SETTINGS, facts_and_book, quiet_at
from tests.mailsignals.risk.test_assess import steady


def predicted(accounts: Sequence[int], *, sets_order: bool) -> Predicted:
    """A model that finds each next account likelier to leave, by what it wrote in 30 days."""
    parts = pl.DataFrame(
        {"account": accounts, "inbound_30": [0.5 * place for place in range(len(accounts))]},
        schema={"account": pl.UInt32, "inbound_30": pl.Float64},
    )
    return Predicted(
        source="churn-leaving-1",
        sets_order=sets_order,
        parts=parts,
        intercept=-3.0,
        facts=parts.select("account"),
        drivers=tuple(feature for feature in FEATURES if feature.name == "inbound_30"),
    )


@pytest.mark.slow
@pytest.mark.parametrize("sets_order", [True, False])
def test_a_model_gives_the_chance_to_leave(sets_order: bool) -> None:
    """It sets the order where it has proved to, with quiet beside it; else it is one of the two causes."""
    mail, book, people = facts_and_book({f"a{n}": steady(f"a{n}", every=n) for n in (4, 5, 6, 9)})
    rows = assess(
        mail,
        book,
        people,
        SETTINGS,
        as_of=AT,
        quiet=quiet_at(mail, book, settings=SETTINGS, at=AT),
        predicted=predicted([0, 1, 2, 3], sets_order=sets_order),
    )
    logits = [math.log(p / (1 - p)) for p in rows.sort("account")["leaving"]]
    assert logits == pytest.approx([-3.0, -2.5, -2.0, -1.5])
    assert rows["source"].unique().to_list() == ["churn-leaving-1" if sets_order else "quiet+churn-leaving-1"]
    expected = rows["leaving"] if sets_order else 1 - (1 - rows["leaving"]) * (1 - rows["quiet"])
    assert rows["risk"].to_list() == pytest.approx(expected.to_list())
    if sets_order:
        causes = rows["reasons"].explode().drop_nulls().struct.field("cause")
        assert set(causes) <= {"leaving"}
