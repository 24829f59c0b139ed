"""The plan of the benchmarks names functions that exist."""

import ast
from pathlib import Path

import pytest

import benchmarks
from benchmarks.plan import GROUPS, PARTS, TARGETS

STAGES = sorted({named.stage for named in (*(named for group in GROUPS for named in group.stages), *PARTS)})


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_is_a_function_of_a_module(stage: str) -> None:
    """The module is only parsed, because DuckDB and pandas are installed for the benchmarks alone."""
    module, _, name = stage.partition(":")
    file = Path(benchmarks.__path__[0]) / f"{module}.py"
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_a_target_compares_two_stages_of_one_group() -> None:
    """Ratios need runs of both stages side by side."""
    groups = [{named.stage for named in group.stages} for group in GROUPS]
    assert all(any({target.stage, target.than} <= group for group in groups) for target in TARGETS)
