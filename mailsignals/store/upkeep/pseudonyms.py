"""Who was forgotten: known again by a keyed hash, and called by a random name ever since."""

import dataclasses
import datetime as dt
import hashlib
import itertools
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from mailsignals.errors import UserError
from mailsignals.files import secret
from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.sqlite_time import to_microseconds

KEY_FILE = "forgotten.key"
GMAIL, FORMER_GMAIL = "gmail.com", "googlemail.com"
_NAME_BYTES = 8
_BLANKED = (
    "UPDATE mailbox SET identity = NULL, noted = NULL WHERE mailbox = ?1",
    "UPDATE source SET cursor = NULL WHERE mailbox = ?1",
    "UPDATE dismissal SET note = NULL WHERE ?1 IN (sender, dismissed_by)",
    "UPDATE feedback SET note = NULL WHERE given_by = ?1",
)
"""What is about a forgotten person, or was written by one, and may name them in words."""
_IDS = frozenset({"provider_id", "message_id", "place", "noted", "source", "cursor"})
"""Columns of ids and places, in which an address may stand within a longer word."""
_ADDRESS = re.compile(r"[^\s/\\<>\"',;:@]+@[^\s/\\<>\"',;:@]+")


@dataclasses.dataclass(frozen=True, slots=True)
class ErasedPerson:
    """Somebody to be forgotten."""

    address: str
    """As it stands in messages."""
    token: str
    """The address that takes its place: random, at the same domain."""

    @classmethod
    def new(cls, address: str) -> "ErasedPerson":
        """With a token that nothing leads back from."""
        domain = address.rpartition("@")[2]
        return cls(address, f"forgotten-{secrets.token_hex(_NAME_BYTES)}@{domain}")

    def reworded(self, text: str) -> str:
        """A text without the address; one that is somebody else's address, which may end alike, stays as it is."""
        if _ADDRESS.fullmatch(text):
            return self.token if text.lower() == self.address else text
        alone = rf"(?<![\w.%+'-]){re.escape(self.address)}(?![\w-])"
        return re.sub(alone, self.token, text, flags=re.IGNORECASE)

    def reworded_id(self, text: str) -> str:
        """An id without the address, whatever stands before it: ids are made of anything, and mean nobody."""
        return re.sub(re.escape(self.address), self.token, text, flags=re.IGNORECASE)


@dataclasses.dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Everybody who was forgotten; who they were can only be asked, not told."""

    key: bytes
    tokens: Mapping[bytes, str]
    """By hash."""

    def among(self, addresses: Iterable[str]) -> list[ErasedPerson]:
        """Those of the addresses that are of people who were forgotten."""
        found = ((address, self._token(address)) for address in addresses)
        return [ErasedPerson(address, token) for address, token in found if token is not None]

    def _token(self, address: str) -> str | None:
        names = (digest(spelling, self.key) for spelling in _former_spellings(address))
        return next((self.tokens[name] for name in names if name in self.tokens), None)

    @property
    def domains(self) -> list[str]:
        """The domains of the erased people's addresses, sorted."""
        return sorted({token.rpartition("@")[2] for token in self.tokens.values()})


NOBODY = Pseudonyms(b"", {})


def digest(address: str, key: bytes) -> bytes:
    """The keyed hash of an address in lower case."""
    return hashlib.blake2b(address.encode(), key=key, digest_size=16).digest()


def _former_spellings(address: str) -> Iterator[str]:
    """An address, and how Gmail addresses with up to two dots were kept before their spellings were folded."""
    yield address
    local, _, domain = address.rpartition("@")
    if domain != GMAIL:
        return
    for dots in range(3):
        for places in itertools.combinations(range(1, len(local)), dots):
            parts = (local[start:end] for start, end in itertools.pairwise((0, *places, len(local))))
            spelled = ".".join(parts)
            yield from (f"{spelled}@{host}" for host in (GMAIL, FORMER_GMAIL))


def read_pseudonyms(folder: Path, catalogue: Catalogue) -> Pseudonyms:
    """Everybody who was forgotten.

    Raises:
        UserError: the key of the hashes is gone.
    """
    tokens = dict(catalogue.sql.execute("SELECT hash, token FROM forgotten").fetchall())
    if not tokens:
        return NOBODY
    path = folder / KEY_FILE
    if not path.exists():
        raise UserError(
            f"{path}: this file is gone, so nobody can tell whose mail is to be stored without a name. "
            "Bring it back from a backup of the store."
        )
    return Pseudonyms(path.read_bytes(), tokens)


def add(folder: Path, catalogue: Catalogue, person: ErasedPerson, *, at: dt.datetime) -> None:
    """Note that a person is forgotten from now on; inside a transaction."""
    name = digest(person.address, secret(folder / KEY_FILE))
    catalogue.sql.execute(
        "INSERT INTO forgotten VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (name, person.token, to_microseconds(at)),
    )


def reword(catalogue: Catalogue, person: ErasedPerson) -> None:
    """Put the token in the place of the address in all texts of all tables.

    The tables are those that there are, so that none can be forgotten here.
    """
    for table, columns, named in _naming(catalogue, person):
        values = ", ".join(f"{name} = {function}({name})" for name, function in columns.items())
        catalogue.sql.execute(f"UPDATE OR REPLACE {table} SET {values} WHERE {named}")  # noqa: S608  # our names
    for statement in _BLANKED:
        catalogue.sql.execute(statement, (person.token,))


def mentions(catalogue: Catalogue, person: ErasedPerson) -> dict[str, int]:
    """Return the number of rows that ``reword`` would change, by table; tables without any are left out."""
    counts = {
        table: int(catalogue.sql.execute(f"SELECT count(*) FROM {table} WHERE {named}").fetchone()[0])  # noqa: S608  # our names
        for table, _, named in _naming(catalogue, person)
    }
    return {table: rows for table, rows in counts.items() if rows}


def _naming(catalogue: Catalogue, person: ErasedPerson) -> list[tuple[str, dict[str, str], str]]:
    """Each table with its columns of text and what rewords them, and the condition for rows that name the person."""
    for function in (person.reworded, person.reworded_id):
        catalogue.sql.create_function(function.__name__, 1, _if_any(function), deterministic=True)
    domain = person.address[person.address.rindex("@") :].replace("'", "''")
    # The first half is quick, and mostly false.
    condition = "(instr(lower({0}), '{1}') AND {0} IS NOT {2}({0}))"
    return [
        (
            table,
            columns,
            " OR ".join(condition.format(name, domain, function) for name, function in columns.items()),
        )
        for table, columns in _texts(catalogue).items()
    ]


def _if_any(function: Callable[[str], str]) -> Callable[[str | None], str | None]:
    return lambda value: None if value is None else function(value)


def _texts(catalogue: Catalogue) -> dict[str, dict[str, str]]:
    """The columns that hold text, by table, with the function that rewords them."""
    sql = catalogue.sql
    tables = sql.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'forgotten'"
    ).fetchall()
    columns = {
        table: {
            name: "reworded_id" if name in _IDS else "reworded"
            for _, name, kind, *_ in sql.execute(f"PRAGMA table_info({table})")
            if kind == "TEXT"
        }
        for (table,) in tables
    }
    return {table: names for table, names in columns.items() if names}
