"""constraints.txt, requirements.txt, pyproject.toml and the list of components agree with each other."""

import importlib.metadata
import json
import re
import tomllib

import pytest
from packaging.requirements import Requirement as Dependency
from packaging.version import Version

from tests.house import pins
from tests.house.components import FILE as COMPONENTS
from tests.house.components import component_list, licences, listed_licences, requirements
from tests.house.conftest import ROOT
from tests.house.pins import CONSTRAINTS, REQUIREMENTS, normalized, with_hashes, with_versions

REQUIRED = requirements(REQUIREMENTS.read_text(encoding="utf-8"))
RAN = """
alpha==1.0 ; python_full_version < '3.12' \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
    # via
    #   -c constraints.txt
    #   beta
    #   mailsignals (pyproject.toml)
beta==2.0 \\
    --hash=sha256:{b}
    # via mailsignals (pyproject.toml)
gamma==3.0 ; sys_platform == 'emscripten' \\
    --hash=sha256:{b}
    # via beta
""".format(a="a" * 64, b="b" * 64)


def pinned() -> dict[str, str]:
    """Return the versions of constraints.txt by normalized name."""
    rows = re.findall(r"^([\w.-]+)==(\S+)$", CONSTRAINTS.read_text(encoding="utf-8"), re.MULTILINE)
    return {normalized(name): version for name, version in rows}


def test_requirements_have_the_versions_of_the_constraints() -> None:
    """What is installed with hashes is what is tested; ``python3 dev.py pins`` writes it."""
    versions = pinned()
    assert {each.name: each.version for each in REQUIRED} == {
        each.name: versions.get(each.name) for each in REQUIRED
    }


def test_each_requirement_has_hashes() -> None:
    """Of the source archive or of several wheels, each once."""
    assert [
        each.name for each in REQUIRED if not each.hashes or len(set(each.hashes)) < len(each.hashes)
    ] == []


def test_requirements_are_complete() -> None:
    """They hold what pyproject.toml asks for, and what these packages ask for on this machine."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    known = {each.name: each for each in REQUIRED}
    waiting, met = [Dependency(text) for text in project["dependencies"]], set[str]()
    while waiting:
        dependency = waiting.pop()
        name = normalized(dependency.name)
        if dependency.marker and not any(
            dependency.marker.evaluate({"extra": extra}) for extra in ["", *dependency.extras]
        ):
            continue
        assert name in known, f"{name} is missing"
        assert dependency.specifier.contains(Version(known[name].version)), str(dependency)
        if name not in met:
            met.add(name)
            needed = importlib.metadata.requires(name) or []
            waiting += [Dependency(text) for text in needed if "extra ==" not in text]
    assert {each.name for each in REQUIRED if not each.marker} <= met


def test_the_list_of_components_follows_from_the_requirements() -> None:
    """Its licences are those of the packages where it was written."""
    text = REQUIREMENTS.read_text(encoding="utf-8")
    assert component_list(text, listed_licences()) == COMPONENTS.read_text(encoding="utf-8")


def test_components_refer_to_each_other_and_to_no_address() -> None:
    """Each dependency is a component, mailsignals comes first, and no file names a place."""
    listed = json.loads(COMPONENTS.read_text(encoding="utf-8"))
    references = {each["bom-ref"] for each in listed["components"]}
    first, *_ = listed["dependencies"]
    assert first["ref"] == listed["metadata"]["component"]["bom-ref"]
    assert {ref for each in listed["dependencies"] for ref in each["dependsOn"]} == references
    for file in (CONSTRAINTS, REQUIREMENTS, COMPONENTS):
        assert re.findall(r"https?:|--index|--find-links|@ file", file.read_text(encoding="utf-8")) == []


def test_installed_licences_replace_listed_ones() -> None:
    """A package that is not installed here keeps the licence of the list."""
    found = licences(REQUIRED)
    assert found["pydantic"] == "MIT"
    assert (
        found.items() >= {name: text for name, text in listed_licences().items() if name not in found}.items()
    )


def test_hashes_users_and_markers_are_kept_and_web_browsers_left_out() -> None:
    """requirements.txt has one remark per package: the packages that need it."""
    assert with_hashes(RAN).removeprefix(pins.HEAD).splitlines() == [
        "alpha==1.0 ; python_full_version < '3.12' \\",
        f"    --hash=sha256:{'a' * 64} \\",
        f"    --hash=sha256:{'b' * 64}",
        "    # via beta, mailsignals",
        "beta==2.0 \\",
        f"    --hash=sha256:{'b' * 64}",
        "    # via mailsignals",
    ]


def test_constraints_keep_heads_and_spelling() -> None:
    """A package stays spelled as it was, the order ignores case, and the remarks at the top stay."""
    ran = (
        "beta==2.0 ; sys_platform == 'emscripten' or sys_platform == 'win32'\n"
        "alpha-x==1.1 ; python_full_version < '3.12'\n"
    )
    assert with_versions(ran, "# Head\nAlpha_X==1.0\n") == "# Head\nAlpha_X==1.1\nbeta==2.0\n"


def test_a_package_with_two_versions_is_refused() -> None:
    """Each package has one version, because pip takes no other list."""
    with pytest.raises(ValueError, match=r"^alpha needs several versions: 1 and 2\. Narrow it"):
        with_versions("alpha==1 ; python_version < '3.12'\nalpha==2 ; python_version >= '3.12'\n", "")


def test_without_uv_a_person_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, before any file is written."""
    monkeypatch.setenv("PATH", "")
    assert pins.main([]) == 2
    assert capsys.readouterr().err.startswith("uv is missing. Install it")
