"""``python -m tests.house.prose``: phrases to replace; ``--counts`` by rule and room, ``--longest N`` sentences."""

import argparse
import collections
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.house.conftest import ROOT
from tests.house.prose.linter import Finding, lint, lint_lengths, long_sentences
from tests.house.prose.passage import READ_BY_USERS
from tests.house.prose.sources import pages, passages


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the findings and return 1 if any."""
    parser = argparse.ArgumentParser(prog="python -m tests.house.prose", description="Check the prose.")
    parser.add_argument("paths", nargs="*", help="Only files whose path begins with one of these.")
    parser.add_argument("--counts", action="store_true", help="Count findings by rule and by room.")
    parser.add_argument(
        "--for-users", action="store_true", help="Only text for users: no docstrings and comments."
    )
    parser.add_argument("--longest", type=int, metavar="N", help="Show the N longest sentences of the pages.")
    options = parser.parse_args(arguments)
    if options.longest:
        for count, file, line, sentence in long_sentences(ROOT, pages(ROOT), above=0)[: options.longest]:
            print(f"{count:3} {file}:{line}: {sentence}")
        return 0
    below = tuple(options.paths)
    read = [page for page in pages(ROOT) if not below or page.as_posix().startswith(below)]
    found = sorted([*lint(passages(ROOT, below=below)), *lint_lengths(ROOT, read)])
    found = [each for each in found if each.kind in READ_BY_USERS or not options.for_users]
    print(*(counts(found) if options.counts else found), sep="\n")
    print(f"{len(found)} findings in {len({each.file for each in found})} files", file=sys.stderr)
    return int(bool(found))


def counts(found: Sequence[Finding]) -> Iterable[str]:
    """Return lines of counts: by rule, by surface, and by room."""
    for title, names in (
        ("rule", [each.rule for each in found]),
        ("surface", [each.kind.value for each in found]),
        ("room", [room(each.file) for each in found]),
    ):
        yield f"-- by {title}"
        yield from (f"{count:5} {name}" for name, count in collections.Counter(names).most_common())


def room(file: Path) -> str:
    """Return the folder of a file two levels deep at most, or its name at the top."""
    return "/".join(file.parts[:2]) if len(file.parts) > 1 else file.name


if __name__ == "__main__":
    sys.exit(main())
