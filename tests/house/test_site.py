"""The documentation site is complete, and needs no network."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.house import site
from tests.house.conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.subprocess]

ELSEWHERE = re.compile(r"<(?:script|img|link|iframe)\b[^>]*\b(?:src|href)=\"(?:https?:)?//", re.IGNORECASE)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built from this checkout without a warning."""
    folder = tmp_path_factory.mktemp("site") / "html"
    assert site.build(folder) == ""
    return folder


def test_every_page_of_the_documentation_is_in_the_site(built: Path) -> None:
    """Each page of docs has a page of its own, and so have the changelog and the guide for contributors."""
    pages = [*ROOT.glob("docs/**/*.md"), ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md"]
    missing = [page for page in pages if not (built / page.relative_to(ROOT)).with_suffix(".html").exists()]
    assert missing == []


def test_the_site_loads_nothing_from_elsewhere(built: Path) -> None:
    """Styles, scripts, pictures and the search index are files of the site, so it works without a network."""
    pages = {page.name: page.read_text(encoding="utf-8") for page in built.rglob("*.html")}
    assert [name for name, page in pages.items() if ELSEWHERE.search(page)] == []
    assert "calibr" in (built / "searchindex.js").read_text(encoding="utf-8")


def test_serve_prints_an_address_that_answers(built: Path) -> None:
    """``--serve`` prints the address of a free port of this machine, and the first page leads to the contents."""
    program = f"from tests.house import site; site.FOLDER = site.Path({str(built)!r}); site.main('--serve')"
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as served:
        try:
            line = served.stdout.readline() if served.stdout else ""
            (address,) = re.findall(r"http://127\.0\.0\.1:\d+/", line)
            with urllib.request.urlopen(address, timeout=10) as answer:
                assert b"docs/index.html" in answer.read()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(served.pid, signal.SIGINT)
