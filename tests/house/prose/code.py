"""The texts in Python code: help, messages, docstrings and comments."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.house.prose.markdown import CODE, filled
from tests.house.prose.passage import Kind, Passage

WORDS = re.compile(r"[A-Za-z]{2,}[,;:]? [A-Za-z`']")
PROGRAM = re.compile(
    r"\s*[<{(^\\]|.*\b(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|PRAGMA|ATTACH|WHERE|VALUES|ORDER BY)\b",
    re.DOTALL,
)
"""SQL statements, markup and patterns, which are not prose."""

DIRECTIVE = re.compile(r"#\s*(noqa|type:|pragma|fmt:|ruff:|!)")
ARGUMENT = re.compile(r"(?<=\n    )[ ]+\*{0,2}\w+(?=: )")

HELP_CALLS = frozenset({"Option", "Argument", "Typer", "CommandPlace", "option", "argument"})


def passages(root: Path, file: Path) -> Iterator[Passage]:
    """Yield the texts of a Python module."""
    source = (root / file).read_text(encoding="utf-8")
    tree = ast.parse(source)
    left_out = set(map(id, _docstring_nodes(tree)))
    helps = _help_nodes(tree)
    for docstring, kind in _docstrings(tree, command_line="cli" in file.parts):
        yield Passage(file, docstring.lineno, kind, _without_names(str(docstring.value)))
    left_out |= {
        id(part)
        for joined in ast.walk(tree)
        if isinstance(joined, ast.JoinedStr)
        for part in ast.walk(joined)
        if part is not joined and isinstance(part, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in left_out:
            text = text_of(node)
            if text and WORDS.search(text) and not PROGRAM.match(text):
                kind = Kind.HELP if id(node) in helps else Kind.MESSAGE
                yield Passage(file, node.lineno, kind, _without_code(text))
    yield from _comments(file, source)


def text_of(node: ast.AST) -> str:
    """Return the text of a string literal, with a word of capital X for each inserted value; else an empty text."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        parts = (text_of(part) if isinstance(part, ast.Constant) else "X" for part in node.values)
        return "".join(parts)
    return ""


def _without_code(text: str) -> str:
    return CODE.sub(lambda found: filled(found[0]), text)


def _without_names(docstring: str) -> str:
    """A docstring without code and without the names of its arguments, each at the start of an indented line."""
    return _without_code(ARGUMENT.sub(lambda found: filled(found[0]), docstring))


def _bodies(tree: ast.AST) -> Iterator[tuple[ast.AST, list[ast.stmt]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, node.body


def _docstring_nodes(tree: ast.AST) -> Iterator[ast.Constant]:
    """Every text that stands alone as a statement: docstrings, and texts below attributes."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            yield node.value


def _docstrings(tree: ast.Module, *, command_line: bool) -> Iterator[tuple[ast.Constant, Kind]]:
    public = set(map(id, _public(tree)))
    for node, body in _bodies(tree):
        for place, statement in enumerate(body):
            if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Constant):
                continue
            if not isinstance(statement.value.value, str):
                continue
            below_attribute = place > 0
            kind = Kind.DOCSTRING if id(node) in public and not below_attribute else Kind.PRIVATE
            if command_line and kind is Kind.DOCSTRING and _is_command(node):
                kind = Kind.HELP
            yield statement.value, kind


def _public(tree: ast.Module) -> Iterator[ast.AST]:
    yield tree
    waiting: list[ast.AST] = [tree]
    while waiting:
        for node in ast.iter_child_nodes(waiting.pop()):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            if not node.name.startswith("_"):
                yield node
                if isinstance(node, ast.ClassDef):
                    waiting.append(node)


def _is_command(node: ast.AST) -> bool:
    """Whether a function of the command line is a command or a callback: only these take a context."""
    return isinstance(node, ast.FunctionDef) and (
        node.name.endswith("_command")
        or any(ast.unparse(each.annotation) == "typer.Context" for each in node.args.args if each.annotation)
        or any(ast.unparse(each).endswith((".callback()", ".command()")) for each in node.decorator_list)
    )


def _help_nodes(tree: ast.AST) -> set[int]:
    """The literals given as ``help``, and the last text of a command's place in the list of commands."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in HELP_CALLS:
            values = [keyword.value for keyword in node.keywords if keyword.arg == "help"]
            values += node.args[2:] if name == "CommandPlace" else []
            found |= {id(each) for value in values for each in ast.walk(value)}
    return found


def _comments(file: Path, source: str) -> Iterator[Passage]:
    """Yield runs of comment lines, each as one passage."""
    begins, rows, last = 0, list[str](), -1
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT or DIRECTIVE.match(token.string):
            continue
        number = token.start[0]
        if rows and number != last + 1:
            yield Passage(file, begins, Kind.COMMENT, _without_code("\n".join(rows)))
            rows = []
        begins = begins if rows else number
        rows.append(token.string.lstrip("#").strip())
        last = number
    if rows:
        yield Passage(file, begins, Kind.COMMENT, _without_code("\n".join(rows)))


def hash_comments(root: Path, file: Path) -> Iterator[Passage]:
    """Yield the comments of a file whose comments begin with a hash sign, such as TOML and YAML."""
    rows = (root / file).read_text(encoding="utf-8").splitlines()
    shown = [re.search(r"(?:^|\s)#+\s?(.*)$", re.sub(r'"[^"\n]*"', '""', row)) for row in rows]
    text = "\n".join(found[1] if found else "" for found in shown)
    if text.strip():
        yield Passage(file, 1, Kind.COMMENT, _without_code(text))
