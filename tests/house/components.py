"""components.cdx.json: the packages that run mailsignals, as a CycloneDX list without addresses."""

import dataclasses
import importlib.metadata
import json
import re
import tomllib
import uuid
from collections.abc import Mapping, Sequence

from tests.house.conftest import ROOT

FILE = ROOT / "components.cdx.json"

FIRST_ROW = re.compile(r"(?P<name>[\w.-]+)==(?P<version>[^ ;\\]+)(?: ; (?P<marker>[^\\]+?))?(?: \\)?$")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
VIA = re.compile(r"^ +# via (.+)$", re.MULTILINE)

NAMESPACE = uuid.UUID("6f5d0f4e-4b0c-5d6e-9c0a-7d1d3f1f8a11")
"""The namespace of serial numbers, which follow from the content of a list."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Requirement:
    """One package of requirements.txt."""

    name: str
    version: str
    marker: str | None
    """The condition under which it is installed; None: always."""
    hashes: Sequence[str]
    """SHA-256 digests of its files."""
    via: Sequence[str]
    """The packages that need it."""

    @property
    def purl(self) -> str:
        """Return the package URL, which names no registry."""
        return f"pkg:pypi/{self.name}@{self.version}"


def blocks(text: str) -> list[str]:
    """Return the requirements of a file, each with its hashes and remarks."""
    rows = [row for row in text.splitlines() if not row.startswith("#")]
    return [block.rstrip() for block in re.split(r"\n(?=\S)", "\n".join(rows)) if block.strip()]


def requirements(text: str) -> list[Requirement]:
    """Return the packages of a requirements file, in their order.

    Raises:
        ValueError: a line is not a pinned requirement.
    """
    return [_requirement(block) for block in blocks(text)]


def _requirement(block: str) -> Requirement:
    first = FIRST_ROW.match(block.splitlines()[0])
    if first is None:
        raise ValueError(f"not a pinned requirement: {block.splitlines()[0]}")
    via = VIA.search(block)
    return Requirement(
        name=first["name"],
        version=first["version"],
        marker=first["marker"],
        hashes=HASH.findall(block),
        via=via[1].split(", ") if via else [],
    )


def licences(found: Sequence[Requirement]) -> dict[str, str]:
    """Return the licence of each package: of the installed one, else as the list had it before."""
    known = listed_licences()
    for each in found:
        try:
            metadata = importlib.metadata.metadata(each.name)
        except importlib.metadata.PackageNotFoundError:
            continue
        expression = next(
            iter([*(metadata.get_all("License-Expression") or []), *(metadata.get_all("License") or [])]), ""
        )
        classified = [
            row.rpartition(" :: ")[2]
            for row in metadata.get_all("Classifier") or []
            if row.startswith("License :: OSI Approved :: ")
        ]
        text = expression if 0 < len(expression) < 80 and "\n" not in expression else ", ".join(classified)
        known = {**known, each.name: text} if text else known
    return known


def listed_licences() -> dict[str, str]:
    """Return the licences in the list as it is."""
    if not FILE.exists():
        return {}
    listed = json.loads(FILE.read_text(encoding="utf-8"))["components"]
    return {each["name"]: each["licenses"][0]["license"]["name"] for each in listed if "licenses" in each}


def component_list(text: str, licence: Mapping[str, str]) -> str:
    """Return the list in CycloneDX 1.6 for the text of requirements.txt."""
    found = requirements(text)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    main = f"pkg:pypi/{project['name']}@{project['version']}"
    reference = {each.name: each.purl for each in found} | {project["name"]: main}
    needs: dict[str, list[str]] = {purl: [] for purl in [main, *(each.purl for each in found)]}
    for each in found:
        for user in each.via:
            needs[reference[user]].append(each.purl)
    content = {
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": main,
                "name": project["name"],
                "version": project["version"],
                "purl": main,
            }
        },
        "components": [_component(each, licence.get(each.name)) for each in found],
        "dependencies": [{"ref": ref, "dependsOn": sorted(below)} for ref, below in needs.items()],
    }
    serial = uuid.uuid5(NAMESPACE, json.dumps(content))
    head = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
    }
    return json.dumps({**head, **content}, indent=1) + "\n"


def _component(each: Requirement, licence: str | None) -> dict[str, object]:
    made: dict[str, object] = {
        "type": "library",
        "bom-ref": each.purl,
        "name": each.name,
        "version": each.version,
        "scope": "optional" if each.marker else "required",
        "purl": each.purl,
    }
    if licence:
        made["licenses"] = [{"license": {"name": licence}}]
    if each.marker:
        made["properties"] = [{"name": "mailsignals:marker", "value": each.marker}]
    return made
