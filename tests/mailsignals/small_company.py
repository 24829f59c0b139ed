"""A company with a dozen customers, as files."""

import contextlib
import csv
import datetime as dt
import email.utils
import sqlite3
from pathlib import Path
from zoneinfo import ZoneInfo

DESK = "support@us.test"
AS_OF = "2026-03-02"
MIDNIGHT = dt.datetime(2026, 3, 2, tzinfo=ZoneInfo("Europe/Berlin"))

CONFIG = """\
[company]
name = "Us"
domains = ["us.test"]
timezone = "Europe/Berlin"

[[people]]
address = "support@us.test"
role = "support"

[[people]]
address = "ana@us.test"
role = "cs"

[[tiers]]
name = "gold"
first_response_hours = 4

[risk]
high_risk = 0.12
"""

HEADER = "account_id,name,tier,csm,domains,contacts,started_on,churned_on,renewal_on,arr"
QUIET = ("A01", "A02")
"""Customers who have not written for nine weeks, each of another CSM: both are at high risk."""
MUTE = "A12"
"""A customer who never wrote, and has no CSM."""
WEEKS = 30
HOSTILE = {
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;",
    "markup": "[red]Evil[/red] [link=https://evil.test]here[/link] :skull:",
    "escapes": "\x1b[2J\x1b]0;owned\x07 \x9b31m \x7f\b",
    "direction": "safe\u202eexe.fdp\u2066",
    "lines": "two\nhigh       99  Another\r\u2028lines",
    "template": "{{ 7 * 7 }}{% raw %}",
}
"""Names that somebody would like to be obeyed."""


def account(number: int) -> str:
    """The line of an account."""
    csm = "" if number == 12 else "ana@us.test" if number <= 6 and number != 2 else "bo@us.test"
    return f"A{number:02},Customer {number},gold,{csm},a{number:02}.test,,2024-01-01,,2026-04-01,{number}000"


def accounts(*numbers: int) -> str:
    """The account book with these accounts, or all twelve."""
    return "\n".join([HEADER, *map(account, numbers or range(1, 13))]) + "\n"


def a_mail(id_: str, sent_at: dt.datetime, sender: str, to: str, *, after: str | None = None) -> bytes:
    """A mail as an mbox holds it."""
    headers = [
        f"From {sender} Mon Jan  1 00:00:00 2024",
        f"Message-ID: <{id_}@mail.test>",
        f"From: {sender}",
        f"To: {to}",
        f"Date: {email.utils.format_datetime(sent_at)}",
        "Subject: secret plan",
        *([f"In-Reply-To: <{after}@mail.test>"] if after else []),
    ]
    return "\n".join([*headers, "", "Hello", "", ""]).encode()


def week(number: int, ago: int) -> list[bytes]:
    """What passed between an account and the desk in a week so many weeks ago: a question, and mostly its answer."""
    name, sent_at = f"A{number:02}", MIDNIGHT - dt.timedelta(weeks=ago, minutes=number)
    if name == MUTE or (name in QUIET and ago <= 9):
        return []
    asked, answered = f"{name}-{ago}", f"{name}-{ago}-answer"
    customer = f"kim@a{number:02}.test"
    question = a_mail(asked, sent_at, customer, DESK)
    if name == "A03" and ago == 1:
        return [question]  # which waits for its answer
    return [question, a_mail(answered, sent_at + dt.timedelta(hours=2), DESK, customer, after=asked)]


def mbox() -> bytes:
    """Thirty weeks of mail, and a stranger's."""
    stranger = a_mail("stranger", MIDNIGHT - dt.timedelta(weeks=WEEKS), "x@stranger.test", DESK)
    weeks = (mail for ago in range(WEEKS, 0, -1) for number in range(1, 13) for mail in week(number, ago))
    return b"".join([stranger, *weeks])


def write(folder: Path) -> None:
    """Write configuration, account book and mail."""
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    (folder / "accounts.csv").write_text(accounts(), encoding="utf-8")
    (folder / "inbox.mbox").write_bytes(mbox())


def configure(folder: Path, before: str, after: str) -> None:
    """Replace a part of the configuration."""
    config = folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    assert before in text
    config.write_text(text.replace(before, after), encoding="utf-8")


def add(folder: Path, text: str) -> None:
    """Add to the configuration."""
    with (folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f"\n{text}\n")


def list_from_the_start(folder: Path) -> None:
    """Let the store forget what the account book said before, as if it had always said what it says now."""
    with contextlib.closing(sqlite3.connect(folder / "store" / "catalogue.sqlite")) as catalogue, catalogue:
        catalogue.execute("DELETE FROM account_fact")


def rename_quiet(folder: Path, *texts: str) -> None:
    """Make texts the names of the riskiest accounts in turn, their CSMs', and what a further column says of them."""
    with (folder / "accounts.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    for place, row in enumerate(row for row in rows if row[0] in QUIET):
        row[1] = row[3] = texts[place % len(texts)]
    heading, more = texts[0], [texts[place % len(texts)] for place in range(len(rows))]
    with (folder / "accounts.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [[*header, heading], *([*row, text] for row, text in zip(rows, more, strict=True))]
        )
    list_from_the_start(folder)
