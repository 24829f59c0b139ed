"""Every cell that a company has, as sorted lines, so that two states can be compared."""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import polars as pl

from mailsignals.readmodel.editions import EditionStore
from mailsignals.store import Store
from mailsignals.store.tables.models import FOLDER, Models
from mailsignals.workspace import Workspace
from tests.faults.companies import AS_OF

State = dict[str, list[str]]
"""The lines of each part."""

MESSAGES = "messages"

TABLES = {
    "account_fact": "account_id, field, valid_from, value",
    "alerted": "recipient, since",
    "defect": "provider, mailbox, source, kind, messages",
    "delivery": "kind, recipient, due_on, number, message_id, state",
    "dismissal": "account_id, sender, sent_at, message_id, note",
    "feedback": "account_id, given_by, kind, until, churned_on, note",
    "forgotten": "length(hash)",
    "mailbox": "provider, mailbox, state, identity, failures",
    "risk_card": "made_on, content",
    "score": "scored_on, account_id, state, level, risk, quiet, leaving, source, held_back",
    "sign": "provider, mailbox, source, kind, sign, messages",
    "skipped": "provider, mailbox, source, place, reason",
    "source": "provider, mailbox, source, cursor IS NULL, messages",
    "token": "name, role, csm, revoked_at",
    "told": "recipient, matter, due_on, number",
}
"""The tables whose rows must be the same whatever happened, without the columns that have the time of a run."""

_RANDOM = re.compile(r"forgotten-[0-9a-f]+@")
_UNSURE = {"'unsure'": "'sent'"}
"""An email whose end nobody saw is never sent again; whether it arrived, the mail server knows."""

_DRAFT = re.compile(r"^\.|\.(new|tmp|draft)$|\.key\.|~$")
_SWEPT_LATER = re.compile(r"store/derived/|store/\.|/\.lock$")


def company_state(folder: Path) -> State:
    """Return the state of a company: messages, tables, derived touches, models, editions, backups, files.

    Raises:
        UserError: the store can't be opened.
        AssertionError: something is there twice.
    """
    store = folder / "store"
    found: State = {
        "files": sorted(_outputs(folder)),
        "drafts": sorted(_drafts(folder)),
        "unreadable backups": [],
        "backups": [],
    }
    if (store / "catalogue.sqlite").is_file():
        found |= _stored(store)
        found["touches"] = _touches(folder)
    if (store / FOLDER).is_dir():
        found["models"] = sorted(_models(Models(store / FOLDER)))
    edition = EditionStore(store).newest()
    if edition is not None:
        found["edition"] = _lines(edition.table("accounts"))
    for backup in sorted((folder / "backups").glob("[0-9]*")):
        with Store.open(backup, mode="read") as copy:
            found["backups"].append(f"{_digest(_messages(copy))}")
    found["backups"] = sorted(set(found["backups"]))
    return found


def differences(expected: State, found: State) -> tuple[list[str], list[str]]:
    """Return the lines that are missing in ``found``, and those that it has in addition, each with its part."""
    lost, more = [], []
    for part in sorted(expected.keys() | found.keys()):
        one, other = Counter(expected.get(part, [])), Counter(found.get(part, []))
        lost += [f"{part}: {line}" for line in (one - other).elements()]
        more += [f"{part}: {line}" for line in (other - one).elements()]
    return lost, more


def _stored(store: Path) -> State:
    with Store.open(store, mode="read") as opened:
        rows = _messages(opened)
    keys = Counter(zip(rows["provider"], rows["mailbox"], rows["provider_id"], strict=True))
    assert not [key for key, count in keys.items() if count > 1], "a message is stored twice"
    found = {MESSAGES: _lines(rows)}
    with closing(sqlite3.connect(f"{(store / 'catalogue.sqlite').as_uri()}?mode=ro", uri=True)) as catalogue:
        (health,) = catalogue.execute("PRAGMA integrity_check").fetchone()
        assert health == "ok", health
        there = {name for (name,) in catalogue.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table, columns in TABLES.items():
            if table in there:
                rows_of = catalogue.execute(f"SELECT {columns} FROM {table}").fetchall()
                found[table] = sorted(_plain(repr(row)) for row in rows_of)
    return found


def _messages(store: Store) -> pl.DataFrame:
    return store.messages().sort("provider", "mailbox", "provider_id").collect()


def _touches(folder: Path) -> list[str]:
    """The touches, from the derived set if the store has one."""
    workspace = Workspace.load(folder / "config.toml")
    with workspace.at(AS_OF) as snapshot:
        return _lines(snapshot.touches.lazy().drop("message").collect())  # numbered as files are ordered


def _models(models: Models) -> Iterator[str]:
    for model in models.ids():
        yield f"{models.read(model).id} {len(models.card(model)) > 0}"
    yield from {f"in use: {entry.id}" for entry in models.journal()[-1:]}


def _outputs(folder: Path) -> Iterator[str]:
    """Files that people asked for, by size."""
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if path.is_file() and parts[0] not in {"store", "backups"} and not parts[0].startswith("."):
            yield f"{path.relative_to(folder)}: {path.stat().st_size}"


def _drafts(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if _DRAFT.search(path.name) and not _SWEPT_LATER.search(name):
            yield name


def _lines(frame: pl.DataFrame) -> list[str]:
    return sorted(_plain(repr(row)) for row in frame.rows())


def _plain(line: str) -> str:
    for word, plain in _UNSURE.items():
        line = line.replace(word, plain)
    return _RANDOM.sub("forgotten-0@", line)


def _digest(frame: pl.DataFrame) -> int:
    return hash(tuple(_lines(frame)))
