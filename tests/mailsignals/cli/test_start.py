"""What a command imports before it works: nothing that another command is for."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import typer.core
import typer.main
from typer.testing import CliRunner

from mailsignals.cli import app as program
from mailsignals.config import load_settings
from tests.house.conftest import ROOT
from tests.mailsignals import small_company

pytestmark = pytest.mark.subprocess

HEAVY = {"scipy", "googleapiclient", "msal", "PIL", "css_inline", "sklearn", "fastapi"}
"""What only some work needs: learning, reading or sending by a provider, drawing, writing mails, serving."""
OF_TABLES = {"polars", "numpy", "pydantic", "rich"}
"""What no command can do without, and who only wants to know what commands there are can."""

COMMAND = """
import json, sys
from mailsignals.cli.app import main
status = main(sys.argv[1:])
print(json.dumps([status, sorted(sys.modules)]), file=sys.stderr)
"""
JOB = """
import json, sys, threading
from mailsignals.service import job_process
name, _, settings = job_process.taken_over(sys.stdin.buffer, threading.Event())
print(json.dumps([[name, settings.company.name], sorted(sys.modules)]), file=sys.stderr)
"""


def started(code: str, *arguments: str, folder: Path, order: bytes = b"") -> tuple[object, set[str]]:
    """What a fresh interpreter came to, and the packages that it has imported by then."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=folder, input=order, capture_output=True, check=True
    )
    found, modules = json.loads(done.stderr.splitlines()[-1])
    return found, {name.partition(".")[0] for name in modules}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small company whose mail is imported, with a day of scores."""
    folder = tmp_path_factory.mktemp("company")
    small_company.write(folder)
    config = ("--config", str(folder / "config.toml"))
    assert program.main(["import", str(folder / "inbox.mbox"), "--mailbox", small_company.DESK, *config]) == 0
    assert program.main(["flag", "record", "--as-of", small_company.AS_OF, *config]) == 0
    return folder


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_who_asks_what_there_is_imports_no_command(tmp_path: Path, option: str) -> None:
    """The version and the list of commands are there before any table could be."""
    status, packages = started(COMMAND, option, folder=tmp_path)
    assert status == 0
    assert packages & (HEAVY | OF_TABLES) == set()


@pytest.mark.parametrize("command", ["flag", "status"])
def test_a_command_does_not_import_what_others_need(company: Path, command: str) -> None:
    """Who looks into the store needs no library for learning, providers, drawing, mails or pages."""
    status, packages = started(COMMAND, command, folder=company)
    assert status == 0
    assert packages & HEAVY == set()


def test_a_job_imports_what_it_needs_when_it_needs_it(company: Path) -> None:
    """By the time a run has read its order it has imported no library that only some jobs need."""
    settings = load_settings(company / "config.toml", environ={})
    order = pickle.dumps(("compact", None, settings))
    found, packages = started(JOB, folder=ROOT, order=order)
    assert found == ["compact", "Us"]
    assert packages & HEAVY == set()


@pytest.mark.parametrize("name", program.COMMANDS)
def test_the_list_says_of_a_command_what_it_says_of_itself(name: str) -> None:
    """The line of help in the list of commands is the first line of the command's own."""
    text = program.command(name).help
    assert text
    assert program.COMMANDS[name].help == text.splitlines()[0]


@pytest.mark.parametrize("width", [50, 80])
def test_the_list_reads_as_if_all_commands_were_imported(width: int) -> None:
    """``--help`` has the same text as a program that knows its commands, cut where it is narrow included."""
    whole = typer.main.get_group(program.app)
    assert isinstance(whole, program.LazyGroup)
    listed = CliRunner().invoke(program.app, ["--help"], terminal_width=width).output
    names = [line.split()[0] for line in listed.partition("Commands:\n")[2].splitlines()]
    assert names == list(program.COMMANDS)
    whole.commands = {name: program.command(name) for name in program.COMMANDS}
    context = typer.Context(whole, info_name="mailsignals", terminal_width=width)
    assert whole.get_help(context).split("Commands:")[1].strip() == listed.split("Commands:")[1].strip()


@pytest.mark.parametrize(
    ("words", "shown"), [(("sla", "--help"), "dismiss"), (("token", "--help"), "revoke")]
)
def test_groups_list_commands_of_their_own(words: tuple[str, ...], shown: str) -> None:
    """The commands of a group are found through the program as those of the program are."""
    assert shown in CliRunner().invoke(program.app, list(words)).output
