"""Each mark at its threshold and just beyond, from the mail on."""

from collections.abc import Mapping
from typing import Any

import pytest

from mailsignals.risk.marks import MARKS
from tests.mailsignals.risk.mark_cases import CASES
from tests.mailsignals.risk.office import Mailbox, marked


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, Any]]:
    """All cases are customers of one company."""
    boxes = {name: Mailbox(name) for name in CASES}
    for name, case in CASES.items():
        case.write(boxes[name])
    return marked(boxes)


@pytest.mark.parametrize("name", CASES)
def test_a_mark_holds_from_its_threshold_on(name: str, found: Mapping[str, Mapping[str, Any]]) -> None:
    """At the threshold a mark says its number, what it was before, and a sentence; short of it, nothing."""
    case, row = CASES[name], found[name]
    said = {mark["mark"]: mark for mark in row["marks"]}.get(case.mark)
    if case.said is None:
        assert said is None
    else:
        assert said is not None
        value, before, text = case.said
        assert (said["value"], said["before"]) == (pytest.approx(value), pytest.approx(before))
        assert said["text"] == text


def test_every_mark_has_a_case_on_either_side() -> None:
    """No mark is left untested, held or not."""
    sides = {(case.mark, case.said is not None) for case in CASES.values()}
    assert sides == {(mark.name, holds) for mark in MARKS for holds in (True, False)}
