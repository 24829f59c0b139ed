"""The documentation and the example configuration, which are installed with the program."""

import dataclasses
import difflib
import re
from collections.abc import Sequence
from pathlib import Path

from mailsignals.errors import UserError

PACKAGE = Path(__file__).parents[1]
EXAMPLE = "config.example.toml"

DIRECTIVE = re.compile(r"^(`{3,}|:{3,})\{.*?^\1\n+", re.MULTILINE | re.DOTALL)
"""Directives of the documentation site, such as its tables of contents."""

HEADING = re.compile(r"^# +(.+)$", re.MULTILINE)
PAGE_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)\s]*?([\w.-]+)/?(?:index)?\.md(?:#[^)]*)?\)")
OTHER_LINK = re.compile(r"!?\[([^\]]*)\]\((?!https?:)[^)]*\)")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Topic:
    """One page of the documentation."""

    name: str
    """The name by which the page is requested: its file name, or its folder for an index page."""
    title: str
    reader: str
    """The folder of the page, which is named after its readers; empty for pages for all."""
    text: str
    """The page in Markdown, without directives of the documentation site."""

    @property
    def is_decision(self) -> bool:
        """Return whether the page records one decision of the design, of which there are many."""
        return self.name[0].isdigit()

    def for_terminal(self) -> str:
        """Return the page with links to other pages replaced by their topics, and without pictures."""
        text = PAGE_LINK.sub(lambda link: f"{link[1]} (`mailsignals docs {link[2]}`)", self.text)
        return OTHER_LINK.sub(lambda link: "" if link[0].startswith("!") else link[1], text)


def documentation_folder(package: Path = PACKAGE) -> Path:
    """Return the folder of the documentation: inside an installed package, or the checkout around it.

    Raises:
        UserError: neither has it, so the installation is incomplete.
    """
    for folder in (package / "shipped", package.parent):
        if (folder / EXAMPLE).is_file() and (folder / "docs").is_dir():
            return folder
    raise UserError(
        f"{package}: the documentation is missing. Install mailsignals again from a complete wheel."
    )


def topics(folder: Path) -> Sequence[Topic]:
    """Return the pages in ``documentation_folder()``, general pages first, then by reader and name."""
    docs = folder / "docs"
    files = [file for file in sorted(docs.rglob("*.md")) if file != docs / "index.md"]
    found = [_topic(file, docs) for file in [*files, folder / "CHANGELOG.md"] if file.is_file()]
    return sorted(found, key=lambda topic: (topic.reader, topic.name))


def topic_of(found: Sequence[Topic], name: str) -> Topic:
    """Return the topic of a name or its beginning, which may be given with its folder or with ``.md``, in any case.

    Raises:
        UserError: the name is unknown, or begins several.
    """
    wanted = name.strip("/").removesuffix(".md").removesuffix("/index").rpartition("/")[2].lower()
    exact = [topic for topic in found if topic.name == wanted]
    begun = exact or [topic for topic in found if wanted and topic.name.startswith(wanted)]
    if len(begun) == 1:
        return begun[0]
    nearest = difflib.get_close_matches(wanted, [topic.name for topic in found], n=1)
    hint = f" (did you mean {nearest[0]}?)" if nearest else ""
    raise UserError(f"Unknown topic '{name}'{hint}. `mailsignals docs` lists the topics.")


def example_configuration(folder: Path) -> str:
    """Return the text of the example configuration in ``documentation_folder()``."""
    return (folder / EXAMPLE).read_text(encoding="utf-8")


def _topic(file: Path, docs: Path) -> Topic:
    text = DIRECTIVE.sub("", file.read_text(encoding="utf-8"))
    name = file.parent.name if file.stem == "index" else file.stem
    heading = HEADING.search(text)
    parts = file.relative_to(docs).parts if file.is_relative_to(docs) else ()
    return Topic(
        name=name.lower(),
        title=heading[1] if heading else name,
        reader=parts[0] if len(parts) > 1 else "",
        text=text,
    )
