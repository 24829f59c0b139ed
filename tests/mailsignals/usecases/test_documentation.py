"""The documentation and the example configuration that are installed with the program."""

from pathlib import Path

import pytest

from mailsignals.errors import UserError
from mailsignals.usecases.documentation import (
    Topic,
    documentation_folder,
    example_configuration,
    topic_of,
    topics,
)
from tests.house.conftest import ROOT


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A package as a wheel lays it out, with a few pages."""
    pages = {
        "index.md": "# Start\n",
        "glossary.md": "# Words\n",
        "operate/index.md": "# Operate\n\n```{toctree}\ninstall\n```\n\nText.\n",
        "operate/install.md": "# Install it\n\n[Risk](../csm/risk.md#levels), [why](../develop/decisions/index.md), "
        "[the unit](../../deploy/mailsignals.service) and ![a picture](a.png)[uv](https://uv.example/).\n",
        "develop/decisions/0002-store.md": "No heading.\n",
    }
    for name, text in pages.items():
        file = tmp_path / "shipped" / "docs" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    (tmp_path / "shipped" / "CHANGELOG.md").write_text("# Changelog\n", encoding="utf-8")
    (tmp_path / "shipped" / "config.example.toml").write_text("[company]\n", encoding="utf-8")
    return tmp_path


def test_topics_are_named_after_files_and_folders(installed: Path) -> None:
    """An index page has its folder's name, a title is the first heading, and the reader is the top folder."""
    found = [(each.name, each.title, each.reader) for each in topics(documentation_folder(installed))]
    assert found == [
        ("changelog", "Changelog", ""),
        ("glossary", "Words", ""),
        ("0002-store", "0002-store", "develop"),
        ("install", "Install it", "operate"),
        ("operate", "Operate", "operate"),
    ]


def test_directives_of_the_site_are_left_out(installed: Path) -> None:
    """A table of contents is for the site; text around it stays."""
    assert topic_of(topics(documentation_folder(installed)), "operate").text == "# Operate\n\nText.\n"


def test_links_become_topics_in_a_terminal(installed: Path) -> None:
    """A page that is linked is named by its command, a file by its text, and a picture is left out."""
    shown = topic_of(topics(documentation_folder(installed)), "install").for_terminal()
    assert shown.splitlines()[-1] == (
        "Risk (`mailsignals docs risk`), why (`mailsignals docs decisions`), the unit and [uv](https://uv.example/)."
    )


@pytest.mark.parametrize("name", ["install", "INSTALL.md", "operate/install.md", "inst"])
def test_a_topic_is_found_by_name_path_or_beginning(installed: Path, name: str) -> None:
    """As people type it, or copy it from a link."""
    assert topic_of(topics(documentation_folder(installed)), name).title == "Install it"


def test_an_unknown_topic_is_refused_with_the_nearest(installed: Path) -> None:
    """The message names what is near, and where the list is."""
    with pytest.raises(
        UserError, match=r"^Unknown topic 'instal1' \(did you mean install\?\)\. `mailsignals docs`"
    ):
        topic_of(topics(documentation_folder(installed)), "instal1")
    with pytest.raises(UserError, match=r"^Unknown topic ''\. `mailsignals docs` lists the topics\.$"):
        topic_of(topics(documentation_folder(installed)), "")


def test_an_incomplete_installation_is_reported(tmp_path: Path) -> None:
    """Without documentation in either place a person is asked to install again."""
    (tmp_path / "mailsignals").mkdir()
    with pytest.raises(UserError, match=r"mailsignals: the documentation is missing\. Install"):
        documentation_folder(tmp_path / "mailsignals")


def test_the_checkout_has_every_page_and_the_example() -> None:
    """In a checkout the pages of docs are shown as they are there, under names that differ."""
    folder = documentation_folder()
    assert folder == ROOT
    found = topics(folder)
    assert len({each.name for each in found}) == len(found) == len(list((ROOT / "docs").rglob("*.md")))
    assert {"glossary", "install", "risk", "changelog"} <= {each.name for each in found}
    assert example_configuration(folder) == (ROOT / "config.example.toml").read_text(encoding="utf-8")


def test_decisions_are_told_from_other_pages() -> None:
    """They are numbered."""
    page = Topic(name="0002-store", title="", reader="develop", text="")
    assert page.is_decision
