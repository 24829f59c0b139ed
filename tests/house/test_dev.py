"""What dev.py, pyproject.toml and the hooks of commits say of each other."""

import ast
import os
import re
import runpy
import signal
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from tests.house import environment, uv_pins
from tests.house.conftest import ROOT

DEV = ROOT / "dev.py"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def dev() -> dict[str, Any]:
    """The names that dev.py defines."""
    return runpy.run_path(str(DEV))


def test_every_python_can_read_as_far_as_its_own_refusal() -> None:
    """dev.py tells a Python that is too old so: it has no syntax newer than f-strings, and imports no newer module."""
    tree = ast.parse(DEV.read_text(encoding="utf-8"), feature_version=(3, 6))
    refusal = next(place for place, each in enumerate(tree.body) if isinstance(each, ast.If))
    imported = {
        f"{each.module}.{it.name}" if isinstance(each, ast.ImportFrom) else it.name
        for each in tree.body[:refusal]
        if isinstance(each, (ast.Import, ast.ImportFrom))
        for it in each.names
    }
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
    assert imported & {"tomllib", "zoneinfo", "importlib.metadata", "importlib.resources"} == set()


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
    """A marker that nobody registered would leave out nothing; one with a name needs nothing."""
    registered = {line.partition(":")[0] for line in PROJECT["tool"]["pytest"]["ini_options"]["markers"]}
    assert set(re.findall(r"\w+", dev["FAST"])) - {"not", "or"} == registered - {"scenario(name)"}


def test_installers_are_led_to_packages_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
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
    found = environment.environment()
    assert {name: found.get(name) for name in kept} == kept
    assert dropped.keys() & found.keys() == set()


@pytest.mark.subprocess
def test_what_an_installer_says_is_shown_if_it_fails(capfd: pytest.CaptureFixture[str]) -> None:
    """While it works it is quiet where there is no terminal; all of it is shown when something is wrong."""
    talk = "print('one'); print('two'); raise SystemExit({})"
    assert environment.watched(sys.executable, "-c", talk.format(0))
    assert capfd.readouterr() == ("", "")
    assert not environment.watched(sys.executable, "-c", talk.format(1))
    assert capfd.readouterr() == ("", "one\ntwo\n")


def test_locked_packages_are_shared_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is installed by one pip, with its hashes and without resolving; build tools come beside them."""
    locked = tmp_path / "requirements.txt"
    locked.write_text(
        "# made by a program\n\none==1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
        'two==2 ; sys_platform == "win32" \\\n    --hash=sha256:cc\n'
        "Packaging==3 \\\n    --hash=sha256:dd\n"
    )
    started: list[tuple[tuple[str, ...], str]] = []

    def together(commands: list[tuple[str, ...]], *, packages: int) -> bool:
        started.extend((command, Path(command[-1]).read_text(encoding="utf-8")) for command in commands)
        assert packages == 1 + 3 + 4
        return True

    monkeypatch.setattr(environment, "LOCKED", locked)

    monkeypatch.setattr(environment, "installed", lambda: ["Some_Other-1.dist-info"])
    monkeypatch.setattr(environment, "watched_together", together)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert environment.install_locked(("pip", "install"))
    assert all(command[:-1] == ("pip", "install", "--no-deps", "--requirement") for command, _ in started)
    first, second, build = (text for _, text in started)
    assert [line.split()[0] for line in first.splitlines()] == ["one==1", "Packaging==3"]
    assert "--hash=sha256:aa" in first
    assert "--hash=sha256:bb" in first
    assert second.startswith('two==2 ; sys_platform == "win32"')
    assert {line.partition("==")[0] for line in build.splitlines()} == environment.BUILD - {"packaging"}


@pytest.mark.parametrize(
    ("requirement", "there"),
    [
        ("rich==15.0.0\n", True),
        ("Jaraco.Classes==3.4.0 ; a  --hash=sha256:aa\n", True),
        ("rich==15.0.1\n", False),
    ],
)
def test_packages_that_are_there_are_not_installed_again(
    monkeypatch: pytest.MonkeyPatch, requirement: str, *, there: bool
) -> None:
    """Names are compared in one spelling, versions as they are."""
    found = ["rich-15.0.0.dist-info", "jaraco_classes-3.4.0.dist-info"]
    monkeypatch.setattr(environment, "installed", lambda: found)
    assert environment.is_installed(requirement) is there


@pytest.mark.parametrize(("release", "able"), [("22.2.1", False), ("22.3", True), ("26.1.dev0", True)])
def test_pip_of_this_python_installs_if_it_can(
    monkeypatch: pytest.MonkeyPatch, release: str, *, able: bool
) -> None:
    """Otherwise the environment gets a pip of its own."""
    monkeypatch.setattr(metadata, "version", lambda _: release)
    assert environment.has_pip() is able


def test_a_python_without_venv_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence names the package of the system, and uv, which needs neither."""
    monkeypatch.setattr(environment, "has_pip", lambda: False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "ensurepip" else name)
    with pytest.raises(SystemExit, match=r"lacks venv or ensurepip.*Install uv, or .* apt install python3"):
        environment.create("pip")


@pytest.mark.subprocess
def test_a_pipe_gets_a_line_of_progress_now_and_then(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says how many packages there are of all."""
    monkeypatch.setattr(environment, "QUIET_SECONDS", 0)
    monkeypatch.setattr(environment, "installed", lambda: ["a", "b"])
    talk = "print('Collecting one', flush=True); input()"
    command = (sys.executable, "-c", talk)
    assert not environment.watched_together([command, command], packages=5)
    assert re.search(r"^ +\d s  \d packages fetched, 2 of 5 installed$", capfd.readouterr().err, re.MULTILINE)


@pytest.mark.subprocess
@pytest.mark.skipif(os.name == "nt", reason="a terminal interrupts groups of processes elsewhere")
def test_ctrl_c_lets_a_program_finish_its_last_words(tmp_path: Path) -> None:
    """The demo says how to see it again; dev.py waits for that, and passes its exit status on."""
    child = tmp_path / "python"
    child.symlink_to(sys.executable)
    words = (
        "import time\ntry:\n    print('up', flush=True); time.sleep(60)\n"
        "except KeyboardInterrupt:\n    time.sleep(0.4); print('kept'); raise SystemExit(7)"
    )
    program = (
        f"import pathlib, runpy, sys; dev = runpy.run_path({str(DEV)!r})\n"
        f"dev['run'].__globals__['SCRIPTS'] = pathlib.Path({str(tmp_path)!r})\n"
        f"sys.exit(dev['run']('python', '-c', {words!r}))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"up\n"
        os.killpg(running.pid, signal.SIGINT)
        assert running.stdout.read() == b"kept\n"
    assert running.returncode == 7
