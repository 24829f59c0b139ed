"""The dashboard as a process of its own: what it says first, that it answers, and that it stops."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.mailsignals.cli.program import Program
from tests.support.waiting import PATIENCE_SECONDS

PROGRAM = [sys.executable, "-c", "from mailsignals.cli import main; main()"]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs SIGTERM")
@pytest.mark.subprocess
def test_it_listens_then_prepares_answers_and_stops(stocked: Path) -> None:
    """It answers as soon as it shows its address, reports readiness truly, and ends within seconds."""
    with subprocess.Popen(
        [*PROGRAM, "serve", "--port", "0"], cwd=stocked, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        (address,) = re.findall(r"http://127\.0\.0\.1:\d+/", process.stderr.readline())
        try:
            early = httpx2.get(f"{address}accounts", timeout=PATIENCE_SECONDS)
            assert early.status_code == 503
            assert "Preparing the pages" in early.text
            assert "Retry-After" in early.headers
            refused = httpx2.get(f"{address}api/v1/accounts", timeout=PATIENCE_SECONDS)
            assert refused.json()["type"] == "urn:mailsignals:problem:nothing-prepared"
            assert httpx2.get(f"{address}healthz", timeout=PATIENCE_SECONDS).status_code == 200
            assert httpx2.get(f"{address}readyz", timeout=PATIENCE_SECONDS).status_code == 503
            said = list(iter(process.stderr.readline, "The pages are ready.\n"))
            assert any(re.search(r"step [1-5] of 5", line) for line in said)
            assert httpx2.get(f"{address}accounts", timeout=PATIENCE_SECONDS).status_code == 200
            assert httpx2.get(f"{address}readyz", timeout=PATIENCE_SECONDS).status_code == 200
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0


def test_without_a_store_there_is_nothing_to_show(run: Program, company: Path) -> None:
    """It says what to do first, and leaves nothing behind."""
    before = sorted(company.iterdir())
    ran = run("serve", "--port", "0")
    assert ran.status == 2
    assert "no store" in ran.err
    assert sorted(company.iterdir()) == before
