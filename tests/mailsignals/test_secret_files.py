"""The registry of secret files: no code writes a secret that it doesn't name."""

import ast
from pathlib import Path

import pytest

from mailsignals.secret_files import BACKED_UP, SecretFile, secret

ROOT = Path(__file__).parents[2]

WRITERS = {
    "mailsignals/secret_files.py": "the registry itself",
    "mailsignals/notifications/delivery/senders/base.py": "emails in a folder",
    "connectors/gmail/auth.py": "GMAIL_SIGN_IN, at a path that credentials.py takes from the registry",
    "connectors/microsoft365/auth.py": "MICROSOFT_SIGN_IN, likewise",
}
"""The only modules that write private files, and what they write."""


def uses(tree: ast.AST) -> set[str]:
    """The ways in which a module could make a secret file of its own."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="write_private")):
                found.add("write_private")
            case ast.Call(func=ast.Attribute(attr="token_bytes" | "urandom")):
                found.add("random bytes")
            case ast.Constant(value=str(text)) if text.endswith(".key") and " " not in text and len(text) > 4:
                found.add(text)
            case _:
                pass
    return found


@pytest.mark.scenario("restored-secrets")
def test_only_the_registry_makes_secrets() -> None:
    """A new secret needs an entry, which decides whether a backup has it; a key's name stands nowhere else."""
    files = [*ROOT.joinpath("mailsignals").rglob("*.py"), *ROOT.joinpath("connectors").rglob("*.py")]
    found = {
        path.relative_to(ROOT).as_posix(): uses(ast.parse(path.read_text(encoding="utf-8"))) for path in files
    }
    assert {name for name, ways in found.items() if "write_private" in ways} == WRITERS.keys()
    assert {name for name, ways in found.items() if "random bytes" in ways} == {"mailsignals/secret_files.py"}
    keys = {way for name, ways in found.items() if name != "mailsignals/secret_files.py" for way in ways}
    assert not keys & {which.file_name for which in SecretFile}


def test_each_secret_is_its_own(tmp_path: Path) -> None:
    """Names and what depends on them are all different, and a secret stays once it is drawn."""
    assert len({which.file_name for which in SecretFile}) == len(SecretFile)
    drawn = {which: secret(tmp_path, which) for which in SecretFile if which.value.random}
    assert len(set(drawn.values())) == len(drawn)
    assert {which: secret(tmp_path, which) for which in drawn} == drawn
    assert SecretFile.HOLDOUT in BACKED_UP
