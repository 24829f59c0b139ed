"""All files that pin versions, brought up to date together: ``python3 dev.py pins``.

``constraints.txt`` pins every package, those of development too. ``requirements.txt`` has the packages that run
mailsignals with the hashes of their files, ``components.cdx.json`` lists them in CycloneDX, and ``pyproject.toml``
repeats the constraints for uv. No file names an address of a registry.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

from tests.house import uv_pins
from tests.house.components import FILE as COMPONENTS
from tests.house.components import blocks, component_list, licences, requirements
from tests.house.conftest import ROOT

CONSTRAINTS = ROOT / "constraints.txt"
REQUIREMENTS = ROOT / "requirements.txt"

HEAD = """# The packages that run mailsignals, with the hashes of their files, for every system and Python 3.11+.
# Install: pip install --require-hashes -r requirements.txt, then: pip install --no-deps .
# `python3 dev.py pins` writes this file from constraints.txt.
"""

OLDEST_PYTHON = "3.11"


def normalized(name: str) -> str:
    """Return the name of a package as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def is_elsewhere(requirement: str) -> bool:
    """Return true for a package that only web browsers need, in which mailsignals doesn't run."""
    marker = requirement.partition(";")[2]
    return "sys_platform == 'emscripten'" in marker and " or " not in marker


def with_hashes(compiled: str) -> str:
    """Return the text of requirements.txt, from the output of uv with hashes and annotations."""
    kept = [block for block in blocks(compiled) if not is_elsewhere(block.splitlines()[0])]
    return HEAD + "".join(f"{_with_users(block)}\n" for block in kept)


def _with_users(block: str) -> str:
    """A requirement with the packages that need it in one remark."""
    rows = block.splitlines()
    remarks = [
        row.strip().removeprefix("#").strip().removeprefix("via").strip() for row in rows if "#" in row
    ]
    users = [row.removesuffix(" (pyproject.toml)") for row in remarks if row and not row.startswith("-c ")]
    return "\n".join([*(row for row in rows if "#" not in row), f"    # via {', '.join(users)}"])


def with_versions(compiled: str, before: str) -> str:
    """Return the text of constraints.txt, from the output of uv; names stay spelled as they were ``before``.

    Raises:
        ValueError: a package would need several versions, and pip takes one.
    """
    spelling = {normalized(name): name for name in re.findall(r"^([\w.-]+)==", before, re.MULTILINE)}
    pins: dict[str, str] = {}
    for block in blocks(compiled):
        first = block.splitlines()[0]
        name, _, version = re.split(r"[ ;\\]", first, maxsplit=1)[0].partition("==")
        if is_elsewhere(first):
            continue
        if name in pins:
            raise ValueError(
                f"{name} needs several versions: {pins[name]} and {version}. Narrow it in pyproject.toml."
            )
        pins[name] = version
    head = "".join(f"{row}\n" for row in before.splitlines() if row.startswith("#"))
    rows = [f"{spelling.get(normalized(name), name)}=={version}" for name, version in pins.items()]
    return head + "".join(f"{row}\n" for row in sorted(rows, key=str.lower))


def resolve(*options: str, constrained: bool) -> str:
    """Return the versions that uv chooses for the project; raises CalledProcessError if it finds none."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        # Without [tool.uv], which would hold the pins of before.
        (folder / "pyproject.toml").write_text(
            f"[project]\nname = 'mailsignals'\nversion = '0'\nrequires-python = '>={OLDEST_PYTHON}'\n"
            f"dependencies = {json.dumps(project['project']['dependencies'])}\n"
            f"[dependency-groups]\n"
            + "".join(
                f"{name} = {json.dumps(rows)}\n" for name, rows in project["dependency-groups"].items()
            ),
            encoding="utf-8",
        )
        if constrained:
            shutil.copy(CONSTRAINTS, folder)
            options = (*options, "--constraint", "constraints.txt")
        command = [
            *("uv", "pip", "compile", "pyproject.toml", "--quiet", "--universal", "--no-header"),
            *(
                "--python-version",
                OLDEST_PYTHON,
                "--fork-strategy",
                "fewest",
                "--no-emit-index-url",
                *options,
            ),
        ]
        return subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files that follow from constraints.txt; with ``--upgrade`` that one first."""
    parser = argparse.ArgumentParser(prog="dev.py pins", description="Bring all pinned versions up to date.")
    parser.add_argument(
        "--upgrade", action="store_true", help="Upgrade constraints.txt to the newest versions."
    )
    options = parser.parse_args(arguments)
    if shutil.which("uv") is None:
        sys.stderr.write(
            "uv is missing. Install it, for example with `pipx install uv`, and run this again.\n"
        )
        return 2
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    chosen = [word for group in groups for word in ("--group", group)]
    try:
        if options.upgrade:
            before = CONSTRAINTS.read_text(encoding="utf-8")
            versions = resolve("--no-annotate", *chosen, constrained=False)
            CONSTRAINTS.write_text(with_versions(versions, before), encoding="utf-8")
        annotated = resolve("--generate-hashes", constrained=True)
    except (ValueError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    text = with_hashes(annotated)
    REQUIREMENTS.write_text(text, encoding="utf-8")
    COMPONENTS.write_text(component_list(text, licences(requirements(text))), encoding="utf-8")
    uv_pins.FILE.write_text(uv_pins.text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
