"""What is shipped is complete by itself, and nothing else is shipped."""

import json
import subprocess
import sys
import sysconfig
import tarfile
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
from mailsignals.usecases.documentation import example_configuration, documentation_folder, topics
pages = len(topics(documentation_folder()))
example = example_configuration(documentation_folder())
(script,) = importlib.metadata.distribution("mailsignals").entry_points.select(group="console_scripts")
print(json.dumps({{"places": places, "script": script.name, "callable": callable(script.load()),
                  "pages": pages, "example": example}}))
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


def shipped_name(file: Path) -> str | None:
    """Return the path in a wheel of a file of the project; None for files that a wheel leaves out."""
    if file.parts[0] in PACKAGES:
        return file.as_posix()
    if file.parts[0] == "docs" and file.parts[1] not in {"conf.py", "templates"}:
        return f"mailsignals/shipped/{file.as_posix()}"
    return f"mailsignals/shipped/{file}" if str(file) in {"CHANGELOG.md", "config.example.toml"} else None


@pytest.mark.subprocess
def test_the_wheel_holds_packages_and_documentation_and_nothing_else(wheel: Path, files: list[Path]) -> None:
    """Every file of the three packages, the documentation and the example configuration; no tests."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == {name for file in files if (name := shipped_name(file))}
    assert {f"{package}/py.typed" for package in PACKAGES} < names
    assert {"mailsignals/accounts/free_mail.txt", "mailsignals/shipped/config.example.toml"} < names


@pytest.mark.slow
@pytest.mark.subprocess
def test_a_wheel_built_from_the_source_archive_is_the_same(wheel: Path, tmp_path: Path) -> None:
    """The source archive holds whatever the wheel is made of."""
    build = [sys.executable, "-m", "hatchling", "build", "--directory", str(tmp_path), "--target"]
    subprocess.run([*build, "sdist"], cwd=ROOT, check=True, capture_output=True)
    (source,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    unpacked = tmp_path / source.name.removesuffix(".tar.gz")
    subprocess.run([*build, "wheel"], cwd=unpacked, check=True, capture_output=True)
    (again,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as first, zipfile.ZipFile(again) as second:
        assert sorted(first.namelist()) == sorted(second.namelist())


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
    assert found["pages"] == len(list((ROOT / "docs").rglob("*.md")))
    assert found["example"] == (ROOT / "config.example.toml").read_text(encoding="utf-8")


def test_an_index_would_refuse_the_wheel() -> None:
    """The application is private: its classifier keeps it from being uploaded by mistake."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "Private :: Do Not Upload" in project["classifiers"]
