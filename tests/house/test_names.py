"""What public names and modules keep to."""

import ast
import collections
from collections.abc import Iterator
from pathlib import Path

from tests.house.conftest import PACKAGES, ROOT

ONE_INTERFACE = {"show", "measures"}
"""Names by which each module of a room answers the same question."""

MOST_SHARED = 20

NO_NAMES = frozenset(
    {
        *("alike", "answered", "aside", "asked", "asking", "assessing", "away", "behind"),
        *("beside", "bounced", "chosen", "counted", "drawn", "encodable", "ended", "excused"),
        *("explaining", "exported", "foreseen", "forgetting", "found", "given", "gone", "granting"),
        *("harmless", "hashed", "held", "holding", "isolated", "judged", "keeping", "kept"),
        *("known", "learnt", "listed", "lived", "made", "marked", "matched", "merged"),
        *("moved", "named", "needed", "nobody", "noted", "outlived", "owed", "planned"),
        *("preparing", "pressing", "promoted", "replayed", "retaining", "said", "saying", "seen"),
        *("sending", "sent", "served", "serving", "settled", "shown", "standing", "told"),
        *("trained", "unheard", "visited", "waiting", "wanted", "whole", "worded", "written"),
    }
)
"""Participles and adverbs that say nothing alone; ``skipped`` and ``predicted`` are adjectives of the field."""

OPENINGS = frozenset({"What", "Whether", "Who", "Whose", "Whom", "Which", "Where", "How", "When", "Why"})
"""Words that turn the first sentence of a docstring into a clause that needs its context."""

SMALL, LARGE = 40, 300
"""Lines; a module below the first that one neighbour alone uses is a splinter of it."""


def modules() -> dict[str, Path]:
    """Every module of the product, by its dotted name."""
    files = (file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    return {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in files}


def public_names(file: Path) -> Iterator[str]:
    """The public functions and classes that a module defines."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name[0] != "_":
            yield node.name


def public_definitions(
    node: ast.AST,
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Yield the public functions and classes in a syntax tree, and the public members of these classes."""
    for child in ast.iter_child_nodes(node):
        if (
            not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            or child.name[0] == "_"
        ):
            continue
        yield child
        if isinstance(child, ast.ClassDef):
            yield from public_definitions(child)


def is_command(module: str, definition: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Return whether a definition is a command of the command line, whose docstring is its ``--help`` text."""
    decorators = {ast.unparse(decorator).partition("(")[0] for decorator in definition.decorator_list}
    return module.startswith("mailsignals.cli") and (
        definition.name.endswith("_command")
        or any(name.endswith((".command", ".callback")) for name in decorators)
    )


def can_be_read_alone(docstring: str) -> bool:
    """Return whether a docstring is more than a clause, a stub, or a reference to its neighbour."""
    words = docstring.split()
    return len(words) > 2 and words[0] not in OPENINGS and words[:2] != ["The", "same"]


def test_a_public_name_has_one_meaning() -> None:
    """At most ``MOST_SHARED`` names are defined in more than one module."""
    places = collections.defaultdict(set)
    for module, file in modules().items():
        for name in public_names(file):
            places[name].add(module)
    shared = {name: where for name, where in places.items() if len(where) > 1 and name not in ONE_INTERFACE}
    assert len(shared) <= MOST_SHARED, shared


def test_a_name_says_what_it_is_of() -> None:
    """No module, class or public function has a participle or adverb as its whole name."""
    found = [module for module, file in modules().items() if file.stem in NO_NAMES]
    found += [
        f"{module}.{name}"
        for module, file in modules().items()
        for name in public_names(file)
        if name.lower() in NO_NAMES
    ]
    assert found == []


def test_a_public_docstring_can_be_read_alone() -> None:
    """None begins with an opening word or "The same", or is under three words; commands show theirs as help."""
    found = [
        f"{module}.{definition.name}: {docstring.splitlines()[0]}"
        for module, file in modules().items()
        for definition in public_definitions(ast.parse(file.read_text(encoding="utf-8")))
        if (docstring := ast.get_docstring(definition)) is not None
        and not is_command(module, definition)
        and not can_be_read_alone(docstring)
    ]
    assert found == []


def test_a_module_is_no_splinter_of_its_neighbour() -> None:
    """None under ``SMALL`` lines is used by a single module of its own folder."""
    all_modules = modules()
    users = collections.defaultdict(set)
    for module, file in all_modules.items():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom) or node.module is None:
                continue
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                users[whole if whole in all_modules else node.module].add(module)
    splinters = []
    for module, file in all_modules.items():
        beside = {all_modules[user].parent for user in users[module]}
        lines = len(file.read_text(encoding="utf-8").splitlines())
        if file.stem != "__init__" and lines < SMALL and len(users[module]) == 1 and beside == {file.parent}:
            splinters.append(module)
    assert splinters == []


def test_only_the_command_line_draws_for_terminals() -> None:
    """Nothing outside of it imports typer or rich, so that every answer can be had without a terminal."""
    outside = [file for module, file in modules().items() if not module.startswith("mailsignals.cli")]
    drawn = [
        file
        for file in outside
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in {"typer", "rich"})
        or (
            isinstance(node, ast.Import)
            and any(alias.name.split(".")[0] in {"typer", "rich"} for alias in node.names)
        )
    ]
    assert drawn == []


def test_no_test_outside_the_command_line_imports_it() -> None:
    """Rules are tested in the room that knows them; faults are injected into whole commands."""
    rooms = {ROOT / "tests" / "mailsignals" / "cli", ROOT / "tests" / "faults"}
    tests = [file for file in (ROOT / "tests").rglob("*.py") if not rooms & {*file.parents}]
    importing = [
        str(file.relative_to(ROOT))
        for file in tests
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mailsignals.cli")
    ]
    assert importing == []


def test_only_the_command_line_and_the_service_ask_the_time() -> None:
    """Everything else is given the date and time, so that it can be asked of any."""
    asking = [
        module
        for module, file in modules().items()
        if module != "mailsignals.clock"
        and any(
            isinstance(node, ast.Attribute)
            and node.attr == "now"
            and isinstance(node.value, ast.Name)
            and node.value.id == "clock"
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        )
    ]
    assert asking
    assert [module for module in asking if module.split(".")[1] not in {"cli", "service"}] == []
