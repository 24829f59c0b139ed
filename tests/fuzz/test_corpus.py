"""Every input that fuzzing kept is read as it should be, with and without atheris."""

from pathlib import Path

import pytest

from tests.fuzz.__main__ import CORPUS
from tests.fuzz.targets import TARGETS

LARGEST = 300_000
"""Bytes of all inputs together."""


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_kept_inputs_are_read(name: str) -> None:
    """Each input of a target's folder; a crash of fuzzing becomes a file there when it is mended."""
    inputs = sorted((CORPUS / name).iterdir())
    assert inputs
    for path in inputs:
        try:
            TARGETS[name](path.read_bytes())
        except Exception as error:
            error.add_note(f"The input is {path}.")
            raise


def test_the_corpus_is_small() -> None:
    """It has a folder for each target and nothing else, and fewer bytes than a picture."""
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)
    files: list[Path] = [path for path in CORPUS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < LARGEST
