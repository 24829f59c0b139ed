"""The files that the prose check reads, and their passages."""

from collections.abc import Callable, Iterator
from pathlib import Path

from tests.house.conftest import PACKAGES
from tests.house.prose import code, markdown, templates
from tests.house.prose.passage import Passage

CONFIGURATION = ("config.example.toml", "constraints.txt", "pyproject.toml", ".pre-commit-config.yaml")


def pages(root: Path) -> list[Path]:
    """Return the Markdown pages of the project."""
    found = [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("connectors/*.md")]
    return sorted(file.relative_to(root) for file in found)


def passages(root: Path, *, below: tuple[str, ...] = ()) -> Iterator[Passage]:
    """Yield every passage that somebody reads: pages, templates, help, messages, docstrings and comments.

    Args:
        root: the checkout.
        below: beginnings of the paths to read; none reads all.
    """
    for read, files in _readers(root):
        for file in files:
            if not below or file.as_posix().startswith(below):
                yield from read(root, file)


def _readers(root: Path) -> Iterator[tuple[Callable[[Path, Path], Iterator[Passage]], list[Path]]]:
    def found(folder: str, pattern: str) -> list[Path]:
        return sorted(file.relative_to(root) for file in (root / folder).rglob(pattern) if file.is_file())

    yield markdown.passages, pages(root)
    for package in PACKAGES:
        yield templates.passages, found(package, "*.j2")
        yield code.passages, found(package, "*.py")
    yield code.passages, [Path("dev.py")]
    yield code.hash_comments, [Path(name) for name in CONFIGURATION if (root / name).exists()]
    yield code.hash_comments, found("deploy", "*")
