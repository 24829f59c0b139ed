"""Global options, help, and what goes where."""

import json
import logging
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from mailsignals.cli.global_options import globals_first
from tests.mailsignals import small_company
from tests.mailsignals.cli.program import Program

AS_OF = ("--as-of", small_company.AS_OF)
COMMANDS = (
    "demo",
    "init",
    "config",
    "docs",
    "accounts",
    "check",
    "sync",
    "import",
    "status",
    "signals",
    "risk",
    "sla",
    "digest",
    "alerts",
    "flag",
    "serve",
    "audit",
    "token",
    "run",
    "train",
    "backtest",
    "model",
    "export",
    "backup",
    "restore",
    "verify",
    "repair",
    "prune",
    "forget",
    "completion",
)
REPORTS = [
    ("risk", *AS_OF),
    ("signals", *AS_OF),
    ("sla", *AS_OF),
    ("sla", "--open", *AS_OF),
    ("alerts", *AS_OF),
    ("check",),
    ("docs",),
    ("config", "example"),
    ("status",),
    ("verify",),
    ("run", "--dry-run"),
    ("digest", *AS_OF, "--to", "out"),
    ("export", "conversations", *AS_OF, "--output", "-"),
]
"""Commands that only read, each with something to say."""


@pytest.mark.slow
def test_global_options_may_stand_anywhere(run: Program, stocked: Path, tmp_path: Path) -> None:
    """Before or after the command, they mean the same."""
    config = str((stocked / "config.toml").rename(tmp_path / "other.toml"))
    text = Path(config).read_text(encoding="utf-8")
    here = f'[store]\npath = "{stocked}/store"\n[accounts]\nfile = "{stocked}/accounts.csv"\n'
    Path(config).write_text(text + here, encoding="utf-8")
    first = run("--config", config, "--json", "--quiet", "risk", *AS_OF)
    assert first.status == 0
    assert first == run("risk", *AS_OF, "--quiet", f"--config={config}", "--json")
    assert first == run("--json", "risk", "--config", config, *AS_OF, "--quiet")


def test_what_follows_two_dashes_is_no_option() -> None:
    """After ``--`` a word that looks like a global option is left where it is."""
    given = ["import", "--json", "--", "--quiet", "--config"]
    assert globals_first(given) == ["--json", "import", "--", "--quiet", "--config"]


@pytest.mark.slow
@pytest.mark.parametrize("command", REPORTS, ids=" ".join)
def test_quiet_says_nothing_but_the_result(run: Program, stocked: Path, command: tuple[str, ...]) -> None:
    """With --quiet standard error is empty and standard output the same."""
    loud, quiet = run(*command), run(*command, "--quiet")
    assert (quiet.status, quiet.err) == (0, "")
    assert quiet.out == loud.out


def test_quiet_does_not_hide_what_went_wrong(run: Program, stocked: Path) -> None:
    """Errors, and an import that is not complete, are said all the same."""
    run("risk", "--as-of", "never", "--quiet").refused("never")
    whole = small_company.mbox()
    (stocked / "cut.mbox").write_bytes(whole[: whole.rindex(b"Date:")])
    ran = run("import", "cut.mbox", "--mailbox", small_company.DESK, "--quiet")
    assert ran.status == 3
    assert ran.err.startswith("  Incomplete: ")
    assert run("import", "inbox.mbox", "--mailbox", small_company.DESK, "--quiet").err == ""


@pytest.mark.parametrize("command", REPORTS, ids=" ".join)
def test_json_is_all_that_standard_output_holds(
    run: Program, stocked: Path, command: tuple[str, ...]
) -> None:
    """With --json standard output can be read as JSON as it is, and is not empty."""
    assert run(*command, "--json").json


@pytest.mark.subprocess
def test_json_takes_the_words_of_every_language(stocked: Path) -> None:
    """Where standard output is not UTF-8, JSON still is valid and says the same."""
    book = (stocked / "accounts.csv").read_text(encoding="utf-8").replace("A01", "Łódź")
    (stocked / "accounts.csv").write_text(book, encoding="utf-8")
    command = [sys.executable, "-c", "from mailsignals.cli import main; main()", "risk", "--json"]
    ran = subprocess.run(
        command, capture_output=True, check=True, env={"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    )
    assert "Łódź" in {row["account_id"] for row in json.loads(ran.stdout.decode("latin-1"))}


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes that close early")
@pytest.mark.subprocess
def test_a_reader_that_has_seen_enough_is_no_error(stocked: Path) -> None:
    """``mailsignals export … | head`` ends without a word."""
    command = [sys.executable, "-c", "from mailsignals.cli import main; main()"]
    with subprocess.Popen(
        [*command, "export", "touches", "--output", "-"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as exporting:
        assert exporting.stdout is not None
        assert exporting.stderr is not None
        assert exporting.stdout.readline() == b"[\n"
        exporting.stdout.close()
        assert exporting.stderr.read() == b""
    assert exporting.returncode == 0


def test_the_version_is_that_of_the_package(run: Program) -> None:
    """--version says it and does nothing else."""
    assert run("--version").out == f"mailsignals {version('mailsignals')}\n"


def test_the_help_lists_the_commands_in_the_order_of_use(run: Program) -> None:
    """Each command has a line that fits, in the order in which somebody meets them."""
    ran = run("--help")
    listed = ran.out.split("Commands:\n")[1].splitlines()
    assert [line.split()[0] for line in listed] == list(COMMANDS)
    assert not [line for line in listed if line.endswith("...")]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_is_explained(run: Program, command: str) -> None:
    """``--help`` of a command says what it does, and every option what it is for."""
    ran = run(command, "--help")
    assert ran.status == 0
    paragraphs = ran.out.split("\n\n")
    assert paragraphs[1].strip().endswith((".", "?"))
    options = ran.out.split("Options:\n")[1].split("\n\n")[0]
    assert all(re.match(r"  (-h, )?--\S+( \S+)?  +\S|   {10}", line) for line in options.splitlines()), (
        options
    )


@pytest.mark.slow
def test_logs_name_no_address_and_no_subject(
    run: Program, company: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What is logged at INFO and above names neither people nor what they wrote about."""
    with caplog.at_level(logging.INFO):
        assert run("import", "inbox.mbox", "--mailbox", small_company.DESK).status == 0
        assert run("digest", *AS_OF, "--to", "out").status == 0
    logged = " ".join(record.getMessage() for record in caplog.records)
    assert "@" not in logged
    assert "secret plan" not in logged
