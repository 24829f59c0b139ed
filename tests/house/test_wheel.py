"""What is shipped is complete by itself, and nothing else is shipped."""

import json
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.house.conftest import PACKAGES, ROOT

IMPORT_ALL = """
import importlib.metadata, json, pkgutil, sys
sys.path = [{wheel!r}, *sys.path, {site!r}]
places = {{}}
for name in {packages!r}:
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, name + "."):
        places[module.name] = importlib.import_module(module.name).__file__
(script,) = importlib.metadata.distribution("mailsignals").entry_points.select(group="console_scripts")
print(json.dumps({{"places": places, "script": script.name, "callable": callable(script.load())}}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.subprocess
def test_the_wheel_holds_the_packages_and_nothing_else(wheel: Path, files: list[Path]) -> None:
    """Every file of the three packages, types and data with them; no tests, no benchmarks, no documentation."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == {file.as_posix() for file in files if file.parts[0] in PACKAGES}
    assert {f"{package}/py.typed" for package in PACKAGES} < names
    assert "mailsignals/accounts/free_mail.txt" in names


@pytest.mark.slow
@pytest.mark.subprocess
def test_the_wheel_works_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """Every module imports from the wheel alone, and the console script leads to a function of it."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "wheel")
    program = IMPORT_ALL.format(
        wheel=str(tmp_path / "wheel"), site=sysconfig.get_path("purelib"), packages=PACKAGES
    )
    # -S keeps site-packages' .pth files out, by which an editable installation leads back to the checkout.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    outside = {name: place for name, place in found["places"].items() if not place.startswith(str(tmp_path))}
    assert outside == {}
    assert (found["script"], found["callable"]) == ("mailsignals", True)


def test_an_index_would_refuse_the_wheel() -> None:
    """The application is private: its classifier keeps it from being uploaded by mistake."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "Private :: Do Not Upload" in project["classifiers"]
