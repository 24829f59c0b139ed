"""Shell completion, by the protocol that the scripts of shells speak, and in bash itself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mailsignals.cli.app import COMMANDS, COMPLETE
from tests.mailsignals.cli.program import Program


def completed(run: Program, monkeypatch: pytest.MonkeyPatch, line: str) -> list[str]:
    """The completions that bash is given for the last word of a line."""
    words = line.split(" ")
    monkeypatch.setenv(COMPLETE, "complete_bash")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    ran = run()
    monkeypatch.delenv(COMPLETE)
    assert (ran.status, ran.err) == (0, "")
    return ran.out.split()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("mailsignals ri", ["risk"]),
        ("mailsignals flag sn", ["snooze"]),
        ("mailsignals token ", ["create", "list", "revoke"]),
        ("mailsignals risk --lev", ["--level"]),
        ("mailsignals risk --level ", ["high", "medium", "low"]),
        ("mailsignals risk --sort l", ["loss"]),
        ("mailsignals sla --by a", ["account", "agent"]),
        ("mailsignals export to", ["touches"]),
        ("mailsignals --config other.toml risk --ti", ["--tier"]),
        ("mailsignals risk --js", ["--json"]),
        ("mailsignals risk --config other.toml --qui", ["--quiet"]),
        ("mailsignals rsk x", []),
        ("mailsignals completion z", ["zsh"]),
    ],
)
def test_commands_options_and_choices_are_completed(
    run: Program, monkeypatch: pytest.MonkeyPatch, line: str, found: list[str]
) -> None:
    """Although a command is imported only when it is called; global options are offered after it, too."""
    assert completed(run, monkeypatch, line) == found


def test_every_command_is_completed(run: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the program's name all commands are offered, and none is imported for it."""
    assert completed(run, monkeypatch, "mailsignals ") == list(COMMANDS)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_each_shell_has_a_script(run: Program, shell: str) -> None:
    """It names the program and the variable by which the shell requests completions."""
    ran = run("completion", shell)
    assert (ran.status, ran.err) == (0, "")
    assert "mailsignals" in ran.out
    assert COMPLETE in ran.out


def test_installing_names_the_file(run: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the script is there, bash reads it at its next start; a second time changes nothing."""
    monkeypatch.setenv("HOME", str(tmp_path))
    first, again = run("completion", "bash", "--install"), run("completion", "bash", "--install")
    script = tmp_path / ".bash_completions" / "mailsignals.sh"
    assert str(script) in first.err
    assert first == again
    assert (tmp_path / ".bashrc").read_text(encoding="utf-8").count(str(script)) == 1


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
@pytest.mark.subprocess
def test_bash_completes_with_the_printed_script(tmp_path: Path) -> None:
    """The script's own function fills in the word at the cursor."""
    program = tmp_path / "mailsignals"
    program.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -c "from mailsignals.cli import main; main()" "$@"\n'
    )
    program.chmod(0o755)
    lines = (
        "source <(mailsignals completion bash)",
        "COMP_WORDS=(mailsignals risk --level m) COMP_CWORD=3",
        "_mailsignals_completion mailsignals",
        'echo "${COMPREPLY[@]}"',
        "complete -p mailsignals",
    )
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", "\n".join(lines)],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[0] == "medium"
    assert "_mailsignals_completion" in done.stdout.splitlines()[1]
