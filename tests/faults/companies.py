"""Companies in the states in which the commands under test begin."""

import datetime as dt
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from mailsignals.cli.app import main
from mailsignals.demo import simulate, write_company
from mailsignals.sla.ticket_rows import ticket_rows
from mailsignals.store.messages import migrations
from mailsignals.workspace import Workspace
from tests.faults.servers import Servers
from tests.mailsignals import alert_company, small_company

AS_OF = alert_company.berlin("03 12:15").astimezone(dt.UTC)
"""The time at which everything happens; an alert is due, and the day's digests are."""

ANA, BO = "ana@us.test", "bo@us.test"
WEEKS = 24
OLD = migrations.STEPS.index(migrations.m014_risk_cards)
"""The number of steps of the older version."""

UNTIL = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)

Make = Callable[[Path, Servers], None]


def run_here(folder: Path, *words: str, expected: int = 0) -> None:
    """Run a command in a folder.

    Raises:
        AssertionError: its exit status isn't the expected one.
    """
    os.chdir(folder)
    status = main(words)
    assert status == expected, f"{words}: {status}"


def unread(folder: Path, _: Servers) -> None:
    """Write a company whose mail isn't imported."""
    small_company.write(folder)
    (folder / "inbox.mbox").write_bytes(_mail())
    (folder / "export.csv").write_text(
        "Account ID;Name;Domains\nA01;Customer 1;a01.test\nA20;New;new.test\n", encoding="utf-8"
    )


def stocked(folder: Path, servers: Servers) -> None:
    """Import the mail in two parts, so that the store has several files."""
    unread(folder, servers)
    import_mail = ("import", "inbox.mbox", "--mailbox", small_company.DESK)
    run_here(folder, *import_mail)
    run_here(folder, "run", "--once", "compact")
    late = small_company.a_mail("late", AS_OF - dt.timedelta(hours=30), "kim@a05.test", small_company.DESK)
    with (folder / "inbox.mbox").open("ab") as file:
        file.write(late)
    run_here(folder, *import_mail)
    small_company.add(
        folder, "[schedule]\nbackups_kept = 3\n[retention]\nmail_days = 140\nrecords_days = 300"
    )


def flagged(folder: Path, servers: Servers) -> None:
    """Record a day, whose quiet customers are flagged."""
    stocked(folder, servers)
    run_here(folder, "flag", "record")


def alerting(folder: Path, servers: Servers) -> None:
    """Let a customer ask what must be answered soon; digests and alerts go to the mail server."""
    stocked(folder, servers)
    config = alert_company.CONFIG.replace(alert_company.PORT, f"port = {servers.smtp_port}")
    small_company.add(folder, config.replace('support_lead = ["lea@us.test"]', _READERS))
    mail = small_company.a_mail(
        "new", alert_company.berlin("03 09:00"), alert_company.KIM, small_company.DESK
    )
    (folder / "new.mbox").write_bytes(mail)
    run_here(folder, "import", "new.mbox", "--mailbox", small_company.DESK)
    with closing(sqlite3.connect(folder / "store" / "catalogue.sqlite")) as catalogue, catalogue:
        before = int((AS_OF - dt.timedelta(hours=4)).timestamp() * 1_000_000)
        readers = [(name, before) for name in ("ana@us.test", "bo@us.test", "lea@us.test")]
        catalogue.executemany("INSERT INTO alerted VALUES (?, ?)", readers)
    with Workspace.load(folder / "config.toml").at(AS_OF) as snapshot:
        tickets = snapshot.with_ids(ticket_rows(snapshot.tickets)).filter(account_id="A04").sort("opened_at")
    (folder / "ticket").write_text(tickets["ticket"][-1], encoding="utf-8")


_READERS = 'support_lead = ["lea@us.test"]\nhead = ["lea@us.test"]'


def backed_up(folder: Path, servers: Servers) -> None:
    """Make a backup, and move the store away."""
    flagged(folder, servers)
    run_here(folder, "backup", "copies")
    (copy,) = (folder / "copies").iterdir()
    copy.rename(folder / "copy")
    (folder / "copies").rmdir()
    shutil.rmtree(folder / "store")


def older(folder: Path, servers: Servers) -> None:
    """Take the store back to an older version: the same rows in that version's tables."""
    flagged(folder, servers)
    path = folder / "store" / "catalogue.sqlite"
    newer = path.with_name("newer.sqlite")
    path.rename(newer)
    with closing(sqlite3.connect(path, isolation_level=None)) as catalogue:
        for pragma in ("auto_vacuum = INCREMENTAL", "journal_mode = WAL"):
            catalogue.execute(f"PRAGMA {pragma}")
        for step in migrations.STEPS[:OLD]:
            step(catalogue)
        catalogue.execute("ATTACH ? AS newer", (str(newer),))
        tables = catalogue.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            columns = ", ".join(row[1] for row in catalogue.execute(f"PRAGMA main.table_info({table})"))
            catalogue.execute(f"DELETE FROM main.{table}")
            catalogue.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}")
        catalogue.execute("UPDATE state SET rules = 0, hashing = 'of before'")
        (program,) = catalogue.execute("PRAGMA newer.application_id").fetchone()
        catalogue.execute("DETACH newer")
        catalogue.execute(f"PRAGMA application_id = {program}")
        catalogue.execute(f"PRAGMA user_version = {OLD}")
    newer.unlink()


def on_gmail(folder: Path, servers: Servers) -> None:
    """Configure a mailbox at Gmail, whose token is for one alone."""
    limits = "".join(
        f"{each} = 1000000000\n"
        for each in ("units_per_user_minute", "units_per_project_minute", "units_per_day")
    )
    section = f'[gmail.limits]\n{limits}[gmail]\nauth = "token"\napi_root = "{servers.gmail_root}"'
    _online(folder, section, ANA)


def on_graph(folder: Path, servers: Servers) -> None:
    """Configure two mailboxes at Microsoft 365."""
    _online(folder, f'[microsoft365]\nauth = "token"\ngraph_root = "{servers.graph_root}"', ANA, BO)


def trained(folder: Path, _: Servers) -> None:
    """Simulate a company with enough churned customers for a model."""
    write_company(simulate(accounts=60, seed=4, until=UNTIL), folder)
    run_here(folder, "import", "messages.parquet", "--mailbox", "support@larkspur.example")


def _online(folder: Path, section: str, *mailboxes: str) -> None:
    unread(folder, Servers())
    small_company.add(folder, f"{section}\nmailboxes = {json.dumps(mailboxes)}")


def _mail() -> bytes:
    mails = (
        mail
        for ago in range(WEEKS, 0, -1)
        for number in range(1, 13)
        for mail in small_company.week(number, ago)
    )
    return b"".join(mails)
