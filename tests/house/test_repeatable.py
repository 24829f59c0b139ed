"""The test command says the same each time: nothing is drawn anew, and nothing depends on what runs beside it."""

import re
from pathlib import Path

import pytest
from hypothesis import settings

from tests.house.test_files import lines_matching, text

UNSEEDED = re.compile(
    r"default_rng\(\)|Random\(\)|SystemRandom|derandomize=False|use_true_random=True"
    r"|np\.random\.(rand|randn|randint|random|normal|choice|shuffle|seed)\("
)
"""Generators that begin anywhere."""

SHARED = re.compile(r"(?<![\w.])random\.[a-z]+\(")
"""The generator of the module random, wherever it is by now."""

COPIED = re.compile(r"copytree\(")

HERE = "tests/house/test_repeatable.py"


def _tests(files: list[Path], *but: str) -> list[Path]:
    return [
        file for file in files if file.parts[0] == "tests" and file.suffix == ".py" and str(file) not in but
    ]


def test_properties_are_tried_on_the_same_examples(request: pytest.FixtureRequest) -> None:
    """New examples are for ``dev.py explore``: else nothing is random, no failure is kept, and none is too slow."""
    if request.config.getoption("--rounds"):
        pytest.skip("new examples were asked for")
    assert settings.default is not None
    assert settings.default.derandomize
    assert settings.default.database is None
    assert settings.default.deadline is None


def test_everything_random_has_a_seed(files: list[Path]) -> None:
    """A generator is made from a number that stands in the test; profiles of hypothesis are in conftest.py."""
    tests = _tests(files, HERE, "tests/conftest.py")
    assert lines_matching(tests, UNSEEDED) == []
    with_module = [file for file in tests if re.search(r"^import random$", text(file), re.MULTILINE)]
    assert lines_matching(with_module, SHARED) == []


def test_a_company_is_copied_by_what_can_copy_an_open_store(files: list[Path]) -> None:
    """``shutil`` finds files of SQLite that are gone a moment later; tests.support.copies does not."""
    others = _tests(
        files, HERE, "tests/support/copies.py", "tests/house/test_imports.py", "tests/faults/bench.py"
    )
    assert lines_matching(others, COPIED) == []
