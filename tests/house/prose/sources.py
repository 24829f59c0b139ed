"""The files that the prose check reads, and their passages."""

from collections.abc import Iterator
from pathlib import Path

from tests.house.conftest import PACKAGES
from tests.house.prose import code, markdown, templates
from tests.house.prose.passage import Passage

CONFIGURATION = ("config.example.toml", "constraints.txt", "pyproject.toml", ".pre-commit-config.yaml")


def pages(root: Path) -> list[Path]:
    """Return the Markdown pages of the project."""
    found = [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("connectors/*.md")]
    return sorted(file.relative_to(root) for file in found)


def passages(root: Path) -> Iterator[Passage]:
    """Yield every passage that somebody reads: pages, templates, help, messages, docstrings and comments."""
    for page in pages(root):
        yield from markdown.passages(root, page)
    for package in PACKAGES:
        for file in sorted((root / package).rglob("*.j2")):
            yield from templates.passages(root, file.relative_to(root))
        for file in sorted((root / package).rglob("*.py")):
            yield from code.passages(root, file.relative_to(root))
    yield from code.passages(root, Path("dev.py"))
    for name in CONFIGURATION:
        if (root / name).exists():
            yield from code.hash_comments(root, Path(name))
    for file in sorted((root / "deploy").glob("*")):
        if file.is_file():
            yield from code.hash_comments(root, file.relative_to(root))
