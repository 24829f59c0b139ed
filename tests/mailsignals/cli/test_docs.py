"""``mailsignals docs`` and ``mailsignals config example``."""

import re
import sys
from pathlib import Path

import pytest

from tests.house.conftest import ROOT
from tests.mailsignals.cli.program import Program


def test_the_list_has_topics_and_titles(run: Program) -> None:
    """Each page is a row; decisions are in the JSON alone, because they are many."""
    shown = run("docs")
    assert "glossary" in shown.out
    assert "0002-store" not in shown.out
    assert shown.err == "\n`mailsignals docs TOPIC` shows a page.\n"
    names = {row["topic"] for row in run("docs", "--json").json}
    assert {"glossary", "0002-store"} <= names


def test_a_page_is_markdown_in_a_pipe(run: Program) -> None:
    """Where no terminal shows it, a page is its own text."""
    assert run("docs", "glossary").out == (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    (row,) = run("docs", "glossary", "--json").json
    assert (row["topic"], row["title"]) == ("glossary", "Glossary")


def test_a_page_is_formatted_on_a_terminal(run: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal shows headings without their signs, and lines of at most 100 columns."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", run("docs", "glossary").out)
    assert "# Glossary" not in shown
    assert "Glossary" in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_an_unknown_topic_is_refused(run: Program) -> None:
    """In one line, with exit status 2."""
    run("docs", "glosary").refused("Unknown topic 'glosary'", "did you mean glossary?")


def test_the_example_configuration_is_printed_as_it_is(run: Program) -> None:
    """Standard output is a file that can be saved and edited."""
    text = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    assert run("config", "example").out == text
    assert run("config", "example", "--output", "-").out == text


def test_the_example_configuration_is_written_to_a_new_file(run: Program, tmp_path: Path) -> None:
    """A file that exists is never overwritten, and a missing folder is reported."""
    file = tmp_path / "mine.toml"
    assert run("config", "example", "--output", file).status == 0
    assert file.read_text(encoding="utf-8") == (ROOT / "config.example.toml").read_text(encoding="utf-8")
    run("config", "example", "--output", file).refused("mine.toml exists already")
    run("config", "example", "--output", tmp_path / "none" / "a.toml").refused("a.toml: No such file")
