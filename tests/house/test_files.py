"""What every file of the project keeps to."""

import re
from pathlib import Path

import pytest

from tests.house.conftest import ROOT

CEILING = 300
"""A longer module does more than one thing."""

ARITHMETIC = (
    "mailsignals/signals",
    "mailsignals/sla",
    "mailsignals/touches",
    "mailsignals/turns.py",
    "mailsignals/threads.py",
    "models",
)
PER_ROW = re.compile(r"\.(map_elements|map_rows|map_groups|iter_rows|apply)\(")

REGISTRY = re.compile(
    r"pypi\.(org|python)|python[h]osted\.|registry\.npmjs|(deb|security)\.debian", re.IGNORECASE
)
SOMEBODYS_FOLDER = re.compile(r"(?<![\w.*}-])/(root|work|(home|Users)/(?!ana\b)\w+)/|[A-Z]:\\Users\\")
"""Except Ana's, who lives in examples."""
DATA_BESIDE_THE_CHECKOUT = re.compile(r"\.\./shared|shared/data")


def text(file: Path) -> str:
    """A file's text; empty for a picture, an input of fuzzing, or anything else that is not text."""
    if file.is_relative_to("tests/fuzz/corpus"):
        return ""
    content = (ROOT / file).read_bytes()
    return "" if b"\0" in content else content.decode("utf-8", "replace")


def lines_matching(files: list[Path], pattern: re.Pattern[str]) -> list[str]:
    """Each line that matches, with its place."""
    return [
        f"{file}:{number}: {line.strip()}"
        for file in files
        for number, line in enumerate(text(file).splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_file_is_large(files: list[Path]) -> None:
    """What a run left behind does not become part of the project: no file reaches a megabyte."""
    sizes = {str(file): (ROOT / file).stat().st_size for file in files}
    assert {file: size for file, size in sizes.items() if size >= 1_000_000} == {}


def test_modules_stay_short(files: list[Path]) -> None:
    """No module reaches 300 lines."""
    modules = [file for file in files if file.suffix == ".py"]
    lengths = {str(file): len(text(file).splitlines()) for file in modules}
    assert {file: length for file, length in lengths.items() if length >= CEILING} == {}


@pytest.mark.parametrize("room", ARITHMETIC)
def test_the_arithmetic_runs_no_python_per_row(files: list[Path], room: str) -> None:
    """Signals, touches, turns, threads and models are expressions: nothing calls Python for each row."""
    inside = [file for file in files if file.suffix == ".py" and file.is_relative_to(room)]
    assert inside
    assert lines_matching(inside, PER_ROW) == []


def test_no_registry_is_named(files: list[Path]) -> None:
    """Versions are pinned without addresses: where packages come from is each machine's own business."""
    assert lines_matching(files, REGISTRY) == []


def test_no_folder_of_a_person_or_machine_is_named(files: list[Path]) -> None:
    """Nothing leads to a home folder or to the folder in which somebody worked."""
    assert lines_matching(files, SOMEBODYS_FOLDER) == []


def test_only_tests_and_benchmarks_know_the_real_data(files: list[Path]) -> None:
    """The folder of data beside the checkout is optional, so the application never refers to it."""
    others = [file for file in files if file.parts[0] not in {"tests", "benchmarks"}]
    assert lines_matching(others, DATA_BESIDE_THE_CHECKOUT) == []


def test_pins_are_versions_and_nothing_else(files: list[Path]) -> None:
    """constraints.txt has one ``name==version`` a line, in order, and covers what pyproject.toml asks for."""
    lines = [line for line in text(Path("constraints.txt")).splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9A-Za-z.]+", line)] == []
    assert lines == sorted(lines, key=str.lower)
    pinned = {re.sub(r"[-_.]+", "-", line.partition("==")[0]).lower() for line in lines}
    asked = set(re.findall(r'^ *"?([a-z][a-z0-9-]*)>=', text(Path("pyproject.toml")), re.MULTILINE))
    assert asked <= pinned
