"""Erase a person from the store and from future mail."""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

import polars as pl
from pydantic import BaseModel

from mailsignals.errors import UserError
from mailsignals.store import Store
from mailsignals.store.messages.fingerprints import KEY
from mailsignals.store.upkeep.backup import backups
from mailsignals.store.upkeep.pseudonyms import ErasedPerson
from mailsignals.sync.pseudonyms import REPLY, erase, in_threads_with, names_person
from mailsignals.wording.numbers import count_noun
from mailsignals.workspace import Workspace

FOUND_SCHEMA = pl.Schema({"what": pl.String(), "changed": pl.Int64()})
"""One row per kind of data that names the person."""

_WORDS = {
    "account_fact": "values of the account list",
    "dismissal": "dismissed tickets",
    "delivery": "deliveries",
    "feedback": "feedback",
    "mailbox": "mailboxes",
    "page": "pages of the newest emails",
    "source": "sources",
    "skipped": "skipped emails",
    "run": "runs of jobs",
}
"""Names of tables for people."""

_MAY_STAY = ("people.", "company.addresses")
"""Keys of the configuration that describe an address without bringing it into the store."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class ForgetReport:
    """The result of erasing a person."""

    person: ErasedPerson
    """The address, and the name that takes its place."""
    found: pl.DataFrame
    """The changes, in ``FOUND_SCHEMA``."""
    wiped: bool
    """False while another program still reads files that hold the address."""
    tasks: Sequence[str]
    """Sentences on the remaining steps for people."""


def preview_erasure(workspace: Workspace, address: str) -> pl.DataFrame:
    """Return what ``forget`` would change, in ``FOUND_SCHEMA``; nothing is changed.

    Raises:
        UserError: the next run would bring the address back, or the store can't be read.
    """
    _refuse_who_would_come_back(workspace, address)
    with workspace.reading() as store:
        return _found(store, *_whom(store, address))


def forget(workspace: Workspace, address: str, at: dt.datetime) -> ForgetReport:
    """Replace an address by a random name, in all stored data and in future mail.

    Args:
        workspace: the company.
        address: the person's address, in lower case.
        at: the time.

    Raises:
        UserError: the next run would bring the address back, or the store can't be written; nothing is changed.
    """
    _refuse_who_would_come_back(workspace, address)
    with Store.open(workspace.settings.store.path, mode="write") as store:
        person, threads = _whom(store, address)
        found = _found(store, person, threads)
        erase(store, person, threads, urgency_words=workspace.settings.signals.urgency_words, at=at)
        wiped = store.retention.wipe()
    return ForgetReport(person=person, found=found, wiped=wiped, tasks=list(_tasks(workspace, person)))


def _whom(store: Store, address: str) -> tuple[ErasedPerson, pl.DataFrame]:
    """Return the person, under an earlier token if there is one, and the messages of their threads."""
    known = store.erasure.people().among([address])
    person = known[0] if known else ErasedPerson.new(address)
    return person, in_threads_with(store.messages(), person)


def _found(store: Store, person: ErasedPerson, threads: pl.DataFrame) -> pl.DataFrame:
    """Return the counts of data that names a person, in ``FOUND_SCHEMA``."""
    messages = store.messages()
    naming = messages.filter(names_person(person)).select(pl.len()).collect().item()
    shared = threads.lazy().select(KEY)
    subjects = messages.filter(pl.col("subject") != REPLY).join(shared, on=KEY, how="semi")
    rows = [
        ("emails that name the person", naming),
        ("subjects of their threads", subjects.select(pl.len()).collect().item()),
    ]
    rows += [(_WORDS.get(name, name), count) for name, count in store.erasure.mentions(person).items()]
    return pl.DataFrame(rows, schema=FOUND_SCHEMA, orient="row")


def _refuse_who_would_come_back(workspace: Workspace, address: str) -> None:
    """Raise UserError where the next run would bring the address back into the store."""
    keys = [key for key in _keys(workspace, address) if not key.startswith(_MAY_STAY)]
    places = [f"under {key} in the configuration" for key in keys]
    for column, mine in _columns_naming(workspace, address):
        others = f" and {count_noun(len(mine) - 1, 'other account')}" if mine[1:] else ""
        where = "as the CSM" if column == "csm" else f"in the column {column}"
        places.append(f"{where} of {mine[0]}{others} in {workspace.settings.accounts.file.name}")
    if places:
        raise UserError(
            f"{address} is {', and '.join(places)}, so the next run would bring it back. Remove it there, and run the "
            "same command again."
        )


def _columns_naming(workspace: Workspace, address: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each column of the account list that names an address, with the ids of the accounts."""
    person, book = ErasedPerson.new(address), workspace.book.accounts
    for column in book.select(pl.col(pl.String)).columns:
        named = [value for value in book[column].drop_nulls().unique() if person.reworded(value) != value]
        if named:
            yield column, book.filter(pl.col(column).is_in(named))["account_id"].to_list()


def _keys(workspace: Workspace, address: str) -> list[str]:
    """The keys of the configuration that name an address."""
    return list(dict.fromkeys(_naming(workspace.settings, ErasedPerson.new(address), "")))


def _naming(value: object, person: ErasedPerson, key: str) -> Iterator[str]:
    """The keys at and below a value that name a person."""
    below: Iterable[tuple[str, object]] = ()
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        below = ((fields[name].alias or name, one) for name, one in value)
    elif isinstance(value, Mapping):
        below = value.items()
    elif isinstance(value, (tuple, list, frozenset)):
        below = (("", one) for one in value)
    elif isinstance(value, str) and person.reworded(value) != value:
        yield key
    for name, one in below:
        yield from _naming(one, person, ".".join(filter(None, (key, name))))


def _tasks(workspace: Workspace, person: ErasedPerson) -> Iterator[str]:
    """Yield sentences on the steps that only the operator can do."""
    settings, address = workspace.settings, person.address
    account = workspace.book.contacts.get(address)
    if account is not None:
        name = workspace.book.accounts.item(account, "account_id")
        yield (
            f"{settings.accounts.file} names the address as a contact of {name}. Replace it by the new name, so that "
            "the account keeps its history, or remove it."
        )
    if _history_names(workspace, person):
        yield (
            f"{settings.accounts.history_file} names the address. Replace it by the new name, or remove the lines."
        )
    for key in _keys(workspace, address):
        yield (
            f"The configuration names the address under {key}. Replace it by the new name, so that past figures keep "
            "its role, or remove it."
        )
    made = backups(settings.schedule.backup_folder)
    if made:
        yield (
            f"{count_noun(len(made), 'backup')} in {settings.schedule.backup_folder} may still hold the address. "
            "Backups can't be changed. Newer backups replace them, or delete them by hand."
        )
    pages = _pages_naming(workspace, address)
    if pages:
        yield (
            f"{count_noun(pages, 'digest')} in {settings.schedule.digest_folder} {'names' if pages == 1 else 'name'} "
            "the address. Delete them if needed."
        )
    yield (
        "Names in notes of feedback (`mailsignals flag`) and in exported files are not searched. "
        "docs/operate/privacy.md lists what else to do."
    )


def _history_names(workspace: Workspace, person: ErasedPerson) -> bool:
    """Return whether a value of the history file names a person."""
    values = workspace.history.facts["value"].drop_nulls().unique()
    return any(person.reworded(value) != value for value in values)


def _pages_naming(workspace: Workspace, address: str) -> int:
    folder = workspace.settings.schedule.digest_folder
    pages = folder.rglob("*.html") if folder.is_dir() else ()
    return sum(address in page.read_text(encoding="utf-8", errors="replace").lower() for page in pages)
