"""What dev.py, pyproject.toml and the hooks of commits say of each other."""

import ast
import re
import runpy
import sys
import tomllib
from typing import Any

import pytest

from tests.house import uv_pins
from tests.house.conftest import ROOT

DEV = ROOT / "dev.py"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def dev() -> dict[str, Any]:
    """The names that dev.py defines."""
    return runpy.run_path(str(DEV))


def test_every_python_can_read_as_far_as_its_own_refusal() -> None:
    """A Python that is too old is told so: dev.py has no syntax that is newer than f-strings."""
    tree = ast.parse(DEV.read_text(encoding="utf-8"), feature_version=(3, 6))
    refusal = next(place for place, each in enumerate(tree.body) if isinstance(each, ast.If))
    imported = {
        name.partition(".")[0]
        for each in tree.body[:refusal]
        if isinstance(each, (ast.Import, ast.ImportFrom))
        for name in (
            [each.module or ""] if isinstance(each, ast.ImportFrom) else [it.name for it in each.names]
        )
    }
    assert imported <= sys.stdlib_module_names - {"tomllib"}


def test_hooks_run_the_checks_of_the_test_command(dev: dict[str, Any]) -> None:
    """Each check has one hook, which asks dev.py for it by name, so that what a check is stands in one place."""
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    hooks = re.findall(r"^ +- id: (\S+)\n.*\n +entry: (.*)\n", text, re.MULTILINE)
    assert hooks == [(name, f"python3 dev.py check {name}") for name in dev["CHECKS"]]


def test_groups_are_lists_of_requirements(dev: dict[str, Any]) -> None:
    """dev.py hands them to pip as they are, and every command names groups that are there."""
    groups = PROJECT["dependency-groups"]
    assert [each for group in groups.values() for each in group if not isinstance(each, str)] == []
    assert {name for _, needed in dev["COMMANDS"].values() for name in needed} == set(groups)


def test_uv_has_the_pins_of_pip() -> None:
    """pyproject.toml repeats constraints.txt for uv; ``python3 dev.py docs`` copies it."""
    assert PROJECT["tool"]["uv"]["constraint-dependencies"] == uv_pins.pins()
    assert uv_pins.FILE.read_text(encoding="utf-8") == uv_pins.text()


def test_fast_leaves_out_markers_that_there_are(dev: dict[str, Any]) -> None:
    """A marker that nobody registered would leave out nothing."""
    registered = {line.partition(":")[0] for line in PROJECT["tool"]["pytest"]["ini_options"]["markers"]}
    assert set(re.findall(r"\w+", dev["FAST"])) - {"not", "or"} == registered


def test_installers_are_led_to_packages_and_nowhere_else(
    dev: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index, a proxy or a cache of the machine counts; a target, other constraints or another Python do not."""
    kept = {
        "PIP_INDEX_URL": "https://mirror.example/simple",
        "UV_INDEX_URL": "https://mirror.example/simple",
        "UV_INDEX_MIRROR_PASSWORD": "secret",
        "UV_CACHE_DIR": "cache",
    }
    dropped = {"PIP_TARGET": "a", "UV_CONSTRAINT": "b", "UV_PROJECT_ENVIRONMENT": "c", "VIRTUAL_ENV": "d"}
    for name, value in (kept | dropped).items():
        monkeypatch.setenv(name, value)
    found = dev["environment"]()
    assert {name: found.get(name) for name in kept} == kept
    assert dropped.keys() & found.keys() == set()


@pytest.mark.subprocess
def test_what_an_installer_says_is_shown_if_it_fails(
    dev: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    """While it works it is quiet where there is no terminal; all of it is shown when something is wrong."""
    talk = "print('one'); print('two'); raise SystemExit({})"
    assert dev["watched"](sys.executable, "-c", talk.format(0))
    assert capfd.readouterr() == ("", "")
    assert not dev["watched"](sys.executable, "-c", talk.format(1))
    assert capfd.readouterr() == ("", "one\ntwo\n")
