"""Bad input: a sentence that names the place and what to do, the right exit status, and the store as it was."""

import re
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from tests.mailsignals import small_company
from tests.mailsignals.cli.program import Program, messages

DESK = small_company.DESK
MAILS = small_company.mbox().count(b"Message-ID:")


def edit(file: Path, old: str, new: str) -> None:
    """Replace a text that the file holds once."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "names"),
    [
        (
            "config.toml",
            'timezone = "',
            'timezon = "',
            ("config.toml, line 4", "company.timezon", "timezone"),
        ),
        (
            "config.toml",
            'timezone = "Europe/Berlin"',
            'timezone = "Mars"',
            ("config.toml, line 4", "timezone", "Mars"),
        ),
        ("config.toml", '"gold"', "gold", ("config.toml", "line 15")),
        ("accounts.csv", "Customer 3,gold", "Customer 3,golden", ("line 4", "golden", "gold", "[[tiers]]")),
        ("accounts.csv", "a05.test", "a04.test", ("line 6", "a04.test", "line 5", "A05", "A04")),
        (
            "accounts.csv",
            "a07.test,,2024-01-01",
            "a07.test,,01/02/2024",
            ("line 8", "started_on", "01/02/2024"),
        ),
        ("accounts.csv", "domains,contacts", "domain,contact", ("line 1", "domains", "rename")),
        ("accounts.csv", "account_id", "id", ("line 1", "account_id")),
    ],
    ids=[
        "unknown key",
        "unknown time zone",
        "no TOML",
        "tier not defined",
        "two accounts with one domain",
        "unreadable date",
        "neither domains nor contacts",
        "no account_id",
    ],
)
def test_a_mistake_in_a_file_is_named_with_its_line(
    run: Program, stocked: Path, file: str, old: str, new: str, names: tuple[str, ...]
) -> None:
    """Every command refuses it with file, line, what is wrong and what is near; nothing is read or written."""
    before = messages()
    edit(stocked / file, old, new)
    for command in (
        ("risk",),
        ("signals", "--output", "out.csv"),
        ("check",),
        ("digest", "--to", "out"),
        ("import", "inbox.mbox", "--mailbox", DESK),
    ):
        run(*command).refused(file, *names)
    assert not (stocked / "out").exists()
    assert not (stocked / "out.csv").exists()
    assert_frame_equal(messages(), before)


def test_a_missing_configuration_names_every_place_that_was_searched(
    run: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a file the user is told where it could be, and that the demo needs none; nothing is made."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    run("risk").refused("config.toml", "--config", "mailsignals demo")
    run("risk", "--config", "other.toml").refused("other.toml")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_account_book_is_named(run: Program, stocked: Path) -> None:
    """The file of accounts.file is named."""
    (stocked / "accounts.csv").unlink()
    run("risk").refused("accounts.csv", "does not exist")


@pytest.mark.parametrize(
    "command",
    [("risk",), ("signals",), ("status",), ("digest", "--to", "out"), ("export", "turns", "--output", "-")],
)
def test_without_a_store_a_command_says_to_import_first(
    run: Program, company: Path, command: tuple[str, ...]
) -> None:
    """Asking for figures before any mail is there makes no store."""
    run(*command).refused("store", "mailsignals import")
    assert not (company / "store").exists()


def test_check_works_before_any_mail_is_there(run: Program, company: Path) -> None:
    """Files that would work are sound, whether or not mail was imported."""
    ran = run("check")
    assert (ran.status, ran.out) == (0, "")
    assert "configuration is valid" in ran.err
    assert "mailsignals import" in ran.err


def cut_in_headers(folder: Path) -> Path:
    """An mbox that ends within the headers of its last mail."""
    path = folder / "cut.mbox"
    whole = small_company.mbox()
    path.write_bytes(whole[: whole.rindex(b"Date:") + 9])
    return path


def test_of_a_truncated_mbox_what_was_readable_is_kept(run: Program, company: Path) -> None:
    """The import is done in part (3), and it says how far it came."""
    path = cut_in_headers(company)
    ran = run("import", path, "--mailbox", DESK)
    assert ran.status == 3
    assert "Traceback" not in ran.err
    assert "Incomplete" in ran.err
    assert re.search(rf"{re.escape(str(path))} was read up to email \d+ .*stored.*again", ran.err)
    assert messages(company).height > 100


@pytest.mark.parametrize(
    ("name", "content", "names"),
    [
        ("notes.txt", b"Dear diary,\n", ("notes.txt", "not in a supported mail format", "From ")),
        (
            "mail.parquet",
            b"From here on this is no Parquet",
            ("mail.parquet", "is not a readable Parquet file"),
        ),
    ],
)
def test_a_file_that_is_no_mailbox_is_refused(
    run: Program, stocked: Path, name: str, content: bytes, names: tuple[str, ...]
) -> None:
    """The file is named, and what would be one."""
    before = messages()
    (stocked / name).write_bytes(content)
    run("import", name, "--mailbox", DESK).refused(*names)
    assert_frame_equal(messages(), before)


def test_one_bad_file_does_not_stop_the_others(run: Program, company: Path) -> None:
    """What can be read is imported, what cannot is named, and the import is done in part."""
    (company / "bad.parquet").write_bytes(b"PAR1 and nothing else")
    ran = run("import", "bad.parquet", "inbox.mbox", "--mailbox", DESK)
    assert ran.status == 3
    assert "bad.parquet is not a readable Parquet file" in ran.err
    assert f"inbox.mbox: {MAILS} new." in ran.err
    assert messages().height == MAILS


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("risk", "--as-of", "tomorrow"), ("tomorrow", "2026-10-01")),
        (("risk", "--as-of", "2026-02-30"), ("2026-02-30",)),
        (("risk", "--as-of", "0001-01-01"), ("0001-01-01", "1970")),
        (("risk", "--as-of", ""), ("''",)),
        (("signals", "--as-of", "2026-01-01", "--as-of", "later"), ("later",)),
        (("risk", "--output", "risk.xlsx"), ("risk.xlsx", ".parquet", ".csv", ".json")),
        (("signals", "--output", "signals"), ("signals", ".csv")),
        (("export", "turns", "--output", "turns.sql"), ("turns.sql", ".csv")),
        (("risk", "--output", "no/such/folder/risk.csv"), ("no/such/folder/risk.csv", "No such file")),
        (("digest", "--to", "inbox.mbox"), ("inbox.mbox",)),
        (("digest", "--to", "out", "--csm", "carl@us.test"), ("carl@us.test", "ana@us.test", "bo@us.test")),
        (("import", "inbox.mbox", "--mailbox", "nobody"), ("--mailbox", "nobody", "ana@example.com")),
        (("import", "inbox.mbox"), ("--mailbox",)),
        (("import", "--mailbox", DESK), ("PATH",)),
        (("export", "mails", "--output", "-"), ("mails", "turns")),
        (("export", "turns"), ("--output",)),
        (("rsik",), ("rsik", "risk")),
        (("risk", "--asof", "2026-01-01"), ("--asof", "--as-of")),
        (("risk", "--as-of"), ("--as-of",)),
        (("risk", "now"), ("now",)),
        (("--config",), ("--config",)),
        (("--json",), ("command",)),
    ],
    ids=" ".join,
)
def test_a_mistyped_command_is_a_matter_of_usage(
    run: Program, stocked: Path, arguments: tuple[str, ...], names: tuple[str, ...]
) -> None:
    """What was typed is named, with what could have been meant; the exit status is 2 and nothing was done."""
    before = messages()
    run(*arguments).refused(*names)
    assert_frame_equal(messages(), before)


def test_no_command_at_all_shows_the_help(run: Program) -> None:
    """The help lists the commands; the exit status says that nothing was done."""
    ran = run()
    assert ran.status == 2
    assert "demo" in ran.out
    assert ran.out == run("--help").out
