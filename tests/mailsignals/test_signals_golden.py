"""The engine against two independent programs, in every cell."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.mailsignals.engine import differences, figures, promises_in, rules_in

FOLDERS = ["openbmc", "edges"]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "variant"), [("openbmc", ""), ("edges", ""), ("edges", "-aliases")])
def test_every_cell_is_as_expected(name: str, variant: str, request: pytest.FixtureRequest) -> None:
    """What independent programs computed from the same messages, counts exactly and floats to 1e-6."""
    folder, config = request.getfixturevalue(name), f"config{variant}.toml"
    expected = pl.read_parquet(folder / f"expected_signals{variant}.parquet")
    got = figures(
        pl.read_parquet(folder / "messages.parquet"),
        expected["as_of"].unique().to_list(),
        rules=rules_in(folder, config),
        promises=promises_in(folder, config),
    )
    assert got.height == expected.height
    assert not differences(got.to_dicts(), expected.to_dicts())


@pytest.mark.slow
@pytest.mark.parametrize("name", FOLDERS)
def test_many_instants_at_once_are_as_one_at_a_time(name: str, request: pytest.FixtureRequest) -> None:
    """Asking for many instants, in any order, gives the rows that asking for each of them gives."""
    folder = request.getfixturevalue(name)
    messages, rules = pl.read_parquet(folder / "messages.parquet"), rules_in(folder)
    instants = messages["sent_at"].sort(descending=True).gather_every(messages.height // 5).to_list()
    single = pl.concat([figures(messages, [at], rules=rules) for at in instants])
    keys = ["account_id", "as_of", "window_days"]
    assert_frame_equal(
        figures(messages, instants, rules=rules), single.sort(keys), rel_tol=1e-9, abs_tol=1e-9
    )
