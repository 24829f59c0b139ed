"""Known advisories on the pinned packages, from a file, without a network: ``python3 dev.py advisories``.

The file is the zip archive of all PyPI advisories that osv.dev publishes, a folder of such records, or one record. They
are in the OSV format, https://ossf.github.io/osv-schema/.
"""

import argparse
import dataclasses
import datetime as dt
import json
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from packaging.version import InvalidVersion, Version

from mailsignals import clock
from tests.house.conftest import ROOT
from tests.house.pins import CONSTRAINTS, REQUIREMENTS, normalized

FILES = (ROOT / "build" / "advisories.zip", ROOT / "build" / "advisories")
"""The places where the file is looked for without ``--file``."""

OLD = dt.timedelta(days=31)
"""The age of the newest record from which on the file is called old."""

SKIPPED = (
    "Skipped the check for known advisories: there is no build/advisories.zip. "
    "Download PyPI/all.zip from osv.dev to there, or name a file with --file."
)

Record: TypeAlias = Mapping[str, Any]
"""An advisory in the OSV format."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Advisory:
    """An advisory that concerns a pinned package."""

    package: str
    version: str
    ids: Sequence[str]
    """Its ids, the record's own first, then aliases."""
    summary: str
    fixed_in: Sequence[str]
    """The versions that fix it."""

    def __str__(self) -> str:
        names = self.ids[0] + (f" ({', '.join(self.ids[1:])})" if self.ids[1:] else "")
        remedy = f"Update to {' or '.join(self.fixed_in)}." if self.fixed_in else "No version fixes it yet."
        return f"{self.package} {self.version}: {names}: {self.summary} {remedy}"


def main(arguments: Sequence[str]) -> int:
    """Print the advisories; return 1 if there are any, 2 for an unreadable file, 0 if none or nothing was checked."""
    parser = argparse.ArgumentParser(
        prog="python3 dev.py advisories", description="Check for known advisories."
    )
    parser.add_argument("--file", type=Path, help="a zip archive or folder of records, or one record")
    parser.add_argument("--ignore", action="append", default=[], metavar="ID", help="leave this one out")
    given = parser.parse_args(arguments)
    file = given.file or next((each for each in FILES if each.exists()), None)
    if file is None:
        print(SKIPPED)
        return 0
    try:
        records = list(read_records(file))
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        print(f"{file} is not a file of advisories: {error}. Use PyPI/all.zip from osv.dev.", file=sys.stderr)
        return 2
    pins = _pins()
    found = [each for each in advisories(records, pins) if not {*each.ids} & {*given.ignore}]
    needed = {line.partition("==")[0] for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines()}
    for each in found:
        print(each, "" if each.package in needed else "Only development needs it.")
    print(summary(records, packages=len(pins), found=len(found), now=clock.now()))
    return int(bool(found))


def summary(records: Sequence[Record], *, packages: int, found: int, now: dt.datetime) -> str:
    """Return a line with the counts and the age of the file."""
    modified = [dt.datetime.fromisoformat(each["modified"]) for each in records if each.get("modified")]
    text = f"{found} known advisories for {packages} packages, from {len(records):,} records"
    if not modified:
        return f"{text}."
    newest = max(each if each.tzinfo else each.replace(tzinfo=dt.UTC) for each in modified)
    old = " The file is old; download it again." if now - newest > OLD else ""
    return f"{text}, the newest of {newest:%Y-%m-%d}.{old}"


def read_records(file: Path) -> Iterator[Record]:
    """Yield the records of an archive, a folder or a file.

    Raises:
        OSError: it can't be read.
        ValueError: it contains something else, or no record.
    """
    empty = True
    for name, text in _texts(file):
        record = json.loads(text)
        if not isinstance(record, dict) or "id" not in record:
            raise ValueError(f"{name} is not a record in the OSV format")
        empty = False
        yield record
    if empty:
        raise ValueError("it contains no record")


def _texts(file: Path) -> Iterator[tuple[str, bytes]]:
    if file.is_dir():
        for path in sorted(file.rglob("*.json")):
            yield path.name, path.read_bytes()
    elif file.suffix == ".zip":
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                if name.endswith(".json"):
                    yield name, archive.read(name)
    else:
        yield file.name, file.read_bytes()


def advisories(records: Sequence[Record], pins: Mapping[str, str]) -> list[Advisory]:
    """Return the advisories on pinned packages, one for records that are aliases of each other.

    Args:
        records: advisories in the OSV format; withdrawn ones are left out.
        pins: versions by normalized name.
    """
    found: list[Advisory] = []
    for record in records:
        if record.get("withdrawn"):
            continue
        ids = [str(record["id"]), *map(str, record.get("aliases", []))]
        for name, version, affected in _pinned(record, pins):
            known = next((one for one in found if one.package == name and {*one.ids} & {*ids}), None)
            if known is not None:
                found.remove(known)
                ids = [*known.ids, *(one for one in ids if one not in known.ids)]
            found.append(
                Advisory(
                    package=name,
                    version=version,
                    ids=ids,
                    summary=_sentence(record),
                    fixed_in=sorted({*_fixes(affected, version), *(known.fixed_in if known else ())}),
                )
            )
    return sorted(found, key=lambda each: (each.package, each.ids[0]))


def _pinned(record: Record, pins: Mapping[str, str]) -> Iterator[tuple[str, str, Record]]:
    """Yield name and version of each pinned package that a record affects, once each, with its part of the record."""
    seen = set[str]()
    for affected in record.get("affected", []):
        package = affected.get("package", {})
        name = normalized(str(package.get("name", "")))
        if package.get("ecosystem") != "PyPI" or name not in pins or name in seen:
            continue
        if is_affected(affected, pins[name]):
            seen.add(name)
            yield name, pins[name], affected


def is_affected(affected: Record, version: str) -> bool:
    """Return true if a version is in the list of versions or in a range of the ``affected`` part of a record."""
    wanted = Version(version)
    listed = (_version(text) for text in affected.get("versions", []))
    return any(each == wanted for each in listed) or any(
        _in_range(events, wanted) for events in _ranges(affected)
    )


def _ranges(affected: Record) -> Iterator[list[tuple[Version, str]]]:
    """Yield the events of each range by version; a range of commits says nothing of versions."""
    for one in affected.get("ranges", []):
        if one.get("type") == "ECOSYSTEM":
            pairs = [(kind, text) for event in one.get("events", []) for kind, text in event.items()]
            events = [(_version(text), kind) for kind, text in pairs if text != "*"]
            yield sorted((version, kind) for version, kind in events if version is not None)


def _in_range(events: Sequence[tuple[Version, str]], wanted: Version) -> bool:
    """Replay the events up to a version, as the OSV format defines it."""
    inside = False
    for version, kind in events:
        match kind:
            case "introduced":
                inside = inside or wanted >= version
            case "fixed" | "limit":
                inside = inside and wanted < version
            case "last_affected":
                inside = inside and wanted <= version
            case _:
                pass
        if version > wanted:
            break
    return inside


def _fixes(affected: Record, version: str) -> Iterator[str]:
    """Yield the first later version of each range that fixes it."""
    for events in _ranges(affected):
        later = [each for each, kind in events if kind == "fixed" and each > Version(version)]
        if later and _in_range(events, Version(version)):
            yield str(min(later))


def _version(text: str) -> Version | None:
    """A version; None for one that Python doesn't know, as very old packages have."""
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _sentence(record: Record) -> str:
    words = str(record.get("summary") or record.get("details") or "no summary").strip().splitlines()[0]
    return words if words.endswith(".") else f"{words}."


def _pins() -> dict[str, str]:
    rows = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    pairs = (row.split("==") for row in rows if "==" in row and not row.startswith("#"))
    return {normalized(name): version for name, version in pairs}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
