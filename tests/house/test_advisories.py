"""Known advisories fail a check, which works without a network, and is skipped in words without a file."""

import datetime as dt
import importlib.metadata
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.house import advisories
from tests.house.advisories import is_affected, read_records, summary
from tests.house.components import FILE as COMPONENTS
from tests.house.components import requirements
from tests.house.pins import REQUIREMENTS, normalized

NOW = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)


def affected(*events: dict[str, str], versions: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the part of a record on the package alpha."""
    return {
        "package": {"ecosystem": "PyPI", "name": "Alpha_X"},
        "ranges": [{"type": "ECOSYSTEM", "events": list(events)}],
        "versions": list(versions),
    }


def record(name: str, *parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a record."""
    return {"id": name, "modified": "2026-11-20T00:00:00Z", "summary": "It leaks", "affected": parts, **more}


@pytest.mark.parametrize(
    ("version", "is_hit"),
    [
        ("0.9", False),
        ("1.0", True),
        ("1.9.post1", True),
        ("2.0rc1", True),
        ("2.0", False),
        ("3.1", True),
        ("4", True),
    ],
)
def test_a_range_begins_with_introduced_and_ends_before_fixed(version: str, is_hit: bool) -> None:
    """Events count in the order of versions, however they are listed; a range may begin twice."""
    part = affected({"introduced": "3"}, {"fixed": "2.0"}, {"introduced": "1.0"})
    assert is_affected(part, version) is is_hit


def test_a_range_may_end_with_its_last_affected_version() -> None:
    """That version is still affected, the next isn't; 0 is before every version."""
    part = affected({"introduced": "0"}, {"last_affected": "2.1"})
    assert [is_affected(part, each) for each in ("0.0.1", "2.1", "2.1.1")] == [True, True, False]


def test_listed_versions_count_as_versions() -> None:
    """1.0 and 1.0.0 are one version; a version that Python doesn't know is none, and ranges of commits say nothing."""
    part = affected(versions=("1.0.0", "2004d"))
    part["ranges"] = [{"type": "GIT", "events": [{"introduced": "0"}]}]
    assert [is_affected(part, each) for each in ("1.0", "1.1")] == [True, False]


def test_aliases_are_one_advisory_and_withdrawn_records_none() -> None:
    """A record for another ecosystem isn't about the package; all ids and fixes of aliases are shown."""
    part = affected({"introduced": "0"}, {"fixed": "1.5"})
    other = {**part, "package": {"ecosystem": "npm", "name": "alpha-x"}}
    found = advisories.advisories(
        [
            record("GHSA-1", part, aliases=["CVE-1"]),
            record("PYSEC-1", part, aliases=["CVE-1"]),
            record("GHSA-2", part, withdrawn="2026-01-01T00:00:00Z"),
            record("GHSA-3", other),
        ],
        {"alpha-x": "1.2"},
    )
    assert [str(each) for each in found] == ["alpha-x 1.2: GHSA-1 (CVE-1, PYSEC-1): It leaks. Update to 1.5."]


@pytest.mark.scenario("pinned-and-audited")
def test_a_known_advisory_fails_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It names package, advisory and remedy; one that is ignored passes."""
    one, *_ = requirements(REQUIREMENTS.read_text(encoding="utf-8"))
    part = affected({"introduced": "0"})
    part["package"]["name"] = one.name
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("GHSA-1.json", json.dumps(record("GHSA-1", part)))
    words = ["--file", str(tmp_path / "all.zip")]
    assert advisories.main(words) == 1
    assert f"{one.name} {one.version}: GHSA-1: It leaks. No version fixes it yet." in capsys.readouterr().out
    assert advisories.main([*words, "--ignore", "GHSA-1"]) == 0


@pytest.mark.scenario("pinned-and-audited")
def test_without_a_file_the_check_is_skipped_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one line, with what to do; no network is asked."""
    monkeypatch.setattr(advisories, "FILES", (tmp_path / "none",))
    assert advisories.main([]) == 0
    assert capsys.readouterr().out == f"{advisories.SKIPPED}\n"


@pytest.mark.parametrize("content", ["", "[]", "{}"])
def test_anything_else_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str) -> None:
    """A file that isn't one of advisories proves nothing; neither does an empty folder."""
    (tmp_path / "all.json").write_text(content, encoding="utf-8")
    assert advisories.main(["--file", str(tmp_path / "all.json")]) == 2
    assert "is not a file of advisories" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="no record"):
        list(read_records(tmp_path / "empty"))


def test_an_old_file_is_called_old() -> None:
    """Its newest record is over a month old."""
    records = [record("GHSA-1"), record("GHSA-2", modified="2026-10-01T00:00:00Z")]
    assert summary(records, packages=3, found=0, now=NOW).endswith("2 records, the newest of 2026-11-20.")
    assert "The file is old; download it again." in summary(records[1:], packages=3, found=0, now=NOW)


@pytest.mark.scenario("pinned-and-audited")
def test_each_installed_dependency_is_pinned_listed_and_hashed() -> None:
    """What runs here is what requirements.txt pins with a hash, and what the list of components names."""
    required = {each.name: each for each in requirements(REQUIREMENTS.read_text(encoding="utf-8"))}
    listed = json.loads(COMPONENTS.read_text(encoding="utf-8"))["components"]
    assert {(each["name"], each["version"]) for each in listed} == {
        (each.name, each.version) for each in required.values()
    }
    here = {normalized(each.name): each.version for each in importlib.metadata.distributions()}
    differing = {
        name: (here[name], each.version)
        for name, each in required.items()
        if name in here and here[name] != each.version
    }
    assert differing == {}
    assert all(each.hashes for each in required.values())
    assert len(here.keys() & required.keys()) > len(required) / 2
