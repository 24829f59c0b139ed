"""``init``: what it writes, what it leaves alone, what it asks, and what ``check`` says next."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mailsignals.cli.program import Program
from tests.support.waiting import PATIENCE_SECONDS

GIVEN = ("init", "--company", "Us & Co", "--domain", "us.test", "--provider", "files")


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with nothing in it, and no configuration anywhere else."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    return tmp_path


def test_what_it_writes_works(run: Program, empty: Path) -> None:
    """`check` finds nothing wrong, and says what is still to be done: customers, and where mail comes from."""
    run("check").refused("mailsignals init")
    ran = run(*GIVEN)
    assert (ran.status, ran.out) == (0, "accounts.csv\nconfig.toml\n")
    assert "mailsignals import" in ran.err
    checked = run("check")
    assert checked.status == 0
    for said in ("configuration is valid", "still has the example", "No mailbox is configured"):
        assert said in checked.err
    book = (empty / "accounts.csv").read_text(encoding="utf-8").replace("customer.example", "a01.test")
    (empty / "accounts.csv").write_text(book, encoding="utf-8")
    assert "example" not in run("check").err


@pytest.mark.parametrize("provider", ["gmail", "microsoft365"])
def test_the_next_steps_lead_to_a_sync(run: Program, provider: str) -> None:
    """With the guide for administrators, and the mailboxes if none were named; --quiet says nothing of it."""
    given = (*GIVEN[:-1], provider)
    err = run(*given).err
    assert "name the mailboxes" in err
    assert "mailsignals sync" in err
    assert ".md" in err
    named = run(*given, "--mailbox", "ana@us.test", "--config", "other/us.toml")
    assert "name the mailboxes" not in named.err
    assert "mailsignals sync --config other/us.toml" in named.err
    assert run(*given, "--config", "third/us.toml", "--quiet").err == ""


def test_nothing_is_written_over(run: Program, empty: Path) -> None:
    """Neither a configuration nor an account book that is there; a book that is there is used."""
    (empty / "accounts.csv").write_text("account_id,domains\nA,a.test\n", encoding="utf-8")
    ran = run(*GIVEN, "--json")
    assert ran.json == [{"file": "config.toml"}]
    assert "was not changed" in ran.err
    written = (empty / "config.toml").read_text(encoding="utf-8")
    run(*GIVEN).refused("config.toml", "never overwritten", "--config")
    assert (empty / "config.toml").read_text(encoding="utf-8") == written
    assert (empty / "accounts.csv").read_text(encoding="utf-8").endswith("A,a.test\n")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--company", "Us"), "--domain DOMAIN, --provider gmail|microsoft365|files"),
        ((*GIVEN[1:], "--provider", "gmial"), "gmail, microsoft365 or files"),
        ((*GIVEN[1:], "--domain", "ana@us.test"), "use a domain"),
        ((*GIVEN[1:], "--mailbox", "ana"), "such as ana@example.com"),
        ((*GIVEN[1:], "--timezone", "Berlin"), "did you mean Europe/Berlin"),
        ((*GIVEN[1:], "--company", "a\nb"), "one line"),
    ],
)
def test_what_is_missing_or_wrong_is_said(
    run: Program, empty: Path, monkeypatch: pytest.MonkeyPatch, given: tuple[str, ...], said: str
) -> None:
    """Where nobody can be asked, the options are named; nothing is written."""
    with Path(os.devnull).open(encoding="utf-8") as nobody:
        monkeypatch.setattr(sys, "stdin", nobody)
        run("init", *given).refused(said)
    assert list(empty.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no pseudo-terminals")
@pytest.mark.subprocess
def test_on_a_terminal_it_asks(empty: Path) -> None:
    """Only for what was not given."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-c", "from mailsignals.cli import main; main()", "init", "--company", "Us"]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as asking:
        os.write(ours, b"us.test\nfiles\n")
        out, err = asking.communicate(timeout=PATIENCE_SECONDS)
    os.close(ours)
    os.close(theirs)
    assert asking.returncode == 0, err
    assert out.decode().splitlines() == ["accounts.csv", "config.toml"]
    assert b"Company name" not in err
    assert b"Domain of your addresses" in err
    assert 'domains = ["us.test"]' in (empty / "config.toml").read_text(encoding="utf-8")
