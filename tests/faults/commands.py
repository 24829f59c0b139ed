"""Every command and job that writes, with the company that it begins with."""

import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path

from tests.faults import companies
from tests.mailsignals.small_company import DESK


@dataclasses.dataclass(frozen=True, kw_only=True)
class Command:
    """A command under faults."""

    name: str
    company: companies.Make
    words: tuple[str, ...]
    status: int = 0
    """The exit status without a fault."""
    sends: bool = False
    """True if it sends emails, each of which may arrive once at most."""
    later: dt.timedelta = dt.timedelta()
    """The time until the next run; backups are named by it."""
    removes: bool = False
    """True if it removes stored mail on purpose."""
    weight: float = 1.0
    """The share of cases, compared with other commands; slow ones get fewer."""
    quick: bool = False
    """True if the tests run it."""

    def words_in(self, folder: Path) -> list[str]:
        """Return its words; TICKET stands for the id in the file ``ticket`` of the company's folder."""
        return [(folder / "ticket").read_text() if word == "TICKET" else word for word in self.words]


def _command(name: str, company: Callable[..., None], *words: str, **more: object) -> Command:
    return Command(name=name, company=company, words=words, **more)  # type: ignore[arg-type]  # the fields above


def _job(name: str, company: Callable[..., None], **more: object) -> Command:
    return _command(f"job {name}", company, "run", "--once", name, **more)


_MINUTE = dt.timedelta(minutes=1)

COMMANDS = (
    _command("import", companies.unread, "import", "inbox.mbox", "--mailbox", DESK, weight=1.5, quick=True),
    _command("import again", companies.flagged, "import", "inbox.mbox", "--mailbox", "other@us.test"),
    _command("migration", companies.older, "import", "inbox.mbox", "--mailbox", DESK, quick=True),
    _command("sync gmail", companies.on_gmail, "sync", quick=True),
    _command("sync microsoft365", companies.on_graph, "sync"),
    _job("sync-gmail", companies.on_gmail, weight=0.5),
    _job("sync-microsoft365", companies.on_graph, weight=0.5),
    _command("forget", companies.flagged, "forget", "kim@a03.test", removes=True, quick=True),
    _command("prune", companies.flagged, "prune", removes=True),
    _job("retention", companies.flagged, removes=True, weight=0.5, quick=True),
    _job("compact", companies.flagged, quick=True),
    _job("score", companies.stocked, quick=True),
    _command("flag record", companies.stocked, "flag", "record", weight=0.5),
    _command(
        "flag snooze",
        companies.flagged,
        "flag",
        "snooze",
        "A01",
        "--until",
        "7d",
        "--by",
        companies.ANA,
        quick=True,
    ),
    _command(
        "sla dismiss", companies.alerting, "sla", "dismiss", "TICKET", "--by", companies.ANA, weight=0.5
    ),
    _command("accounts import", companies.unread, "accounts", "import", "export.csv", "--write", weight=0.5),
    _command("backup", companies.flagged, "backup", "backups", later=_MINUTE, quick=True),
    _job("backup", companies.flagged, later=_MINUTE),
    _command("restore", companies.backed_up, "restore", "copy", quick=True),
    _command("digest to a folder", companies.flagged, "digest", "--to", "digests", weight=0.5),
    _command("digest send", companies.alerting, "digest", "--send", sends=True, quick=True),
    _command("alerts send", companies.alerting, "alerts", "--send", sends=True),
    _job("digests", companies.alerting, sends=True, weight=0.5),
    _job("weekly", companies.alerting, sends=True, weight=0.5),
    _job("support", companies.alerting, sends=True, weight=0.5),
    _job("alerts", companies.alerting, sends=True, weight=0.5),
    _job("prepare", companies.flagged),
    _command("export", companies.flagged, "export", "touches", "--output", "touches.parquet", weight=0.5),
    _command("token create", companies.flagged, "token", "create", "grafana", "--role", "lead", weight=0.5),
    _command("train", companies.trained, "train", "--as-of", "2026-03-02", weight=0.1),
)
