"""The files of deploy pass their own linters; no image is built, because that needs an engine and a registry."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from compose_spec import PyCompose

from tests.house.conftest import ROOT

DEPLOY = ROOT / "deploy"
HADOLINT = Path(sys.executable).with_name("hadolint")
UNIT = DEPLOY / "mailsignals.service"

BROKEN = "FROM python\nRUN cd /tmp\n"
HIGHEST_EXPOSURE = "20"
"""Of systemd's 100 for a unit without restrictions; ours is 13."""


def hadolint(text: str) -> list[str]:
    """Return the findings of hadolint for the text of a container file."""
    done = subprocess.run(
        [HADOLINT, "--no-color", "-"], input=text, capture_output=True, text=True, check=False
    )
    return done.stdout.splitlines()


@pytest.mark.skipif(not HADOLINT.exists(), reason="no hadolint for this system")
@pytest.mark.subprocess
def test_the_container_file_is_clean() -> None:
    """Hadolint finds nothing in it, and would find a base without a version."""
    assert hadolint((DEPLOY / "Containerfile").read_text(encoding="utf-8")) == []
    assert {found.split()[1] for found in hadolint(BROKEN)} >= {"DL3006", "DL3003"}


def test_the_container_runs_without_root_on_a_base_that_can_be_pinned() -> None:
    """The last stage has a user by number, both stages the base of the build argument, and a health check."""
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["${BASE}", "${BASE}"]
    last = text.rpartition("\nFROM ")[2]
    assert re.search(r"^USER [1-9]\d+$", last, re.MULTILINE)
    assert "HEALTHCHECK" in last
    assert "--require-hashes" in text


def test_the_compose_file_follows_the_specification() -> None:
    """It has a volume and a health check, and a misspelled key is refused."""
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    service = PyCompose.from_yaml(text).to_dict()["services"]["mailsignals"]
    assert service["healthcheck"]["test"][:2] == ["CMD", "python"]
    assert service["read_only"] is True
    assert [str(each) for each in service["volumes"]] == ["data:/data"]
    assert (ROOT / service["build"]["dockerfile"]).is_file()
    with pytest.raises(ValueError, match="heathcheck"):
        PyCompose.from_yaml(text.replace("healthcheck:", "heathcheck:"))


@pytest.mark.subprocess
def test_compose_reads_the_compose_file() -> None:
    """Where the client of Compose is installed, it accepts the file too; this needs no engine."""
    found = shutil.which("docker")
    command = [str(found), "compose", "--file", str(DEPLOY / "compose.yaml"), "config", "--quiet"]
    if (
        found is None
        or subprocess.run([found, "compose", "version"], capture_output=True, check=False).returncode
    ):
        pytest.skip("Compose is not installed")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_waits_for_the_service_and_watches_it() -> None:
    """The service feeds the watchdog (``mailsignals/service/systemd.py``), so the unit asks for both."""
    keys = dict(re.findall(r"^(\w+)=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE))
    assert (keys["Type"], keys["WatchdogSec"], keys["User"]) == ("notify", "2min", "mailsignals")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this system")
@pytest.mark.subprocess
def test_the_unit_is_valid_and_exposes_little(tmp_path: Path) -> None:
    """Systemd's own checks pass once the program is where the unit looks for it."""
    unit = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8")
    unit.write_text(text.replace("/opt/mailsignals/.venv/bin/mailsignals", sys.executable), encoding="utf-8")
    for check in (["verify"], ["security", "--offline=true", f"--threshold={HIGHEST_EXPOSURE}"]):
        done = subprocess.run(
            ["systemd-analyze", "--no-pager", *check, unit], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""
