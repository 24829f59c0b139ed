"""Erased people: recognised by a keyed hash, and replaced by a random address."""

import dataclasses
import datetime as dt
import hashlib
import itertools
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from mailsignals.errors import UserError
from mailsignals.secret_files import SecretFile, secret
from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.sqlite_time import to_microseconds

GMAIL, FORMER_GMAIL = "gmail.com", "googlemail.com"
_NAME_BYTES = 8
_BLANKED = (
    "UPDATE mailbox SET identity = NULL, noted = NULL WHERE mailbox = ?1",
    "UPDATE source SET cursor = NULL WHERE mailbox = ?1",
    "UPDATE dismissal SET note = NULL WHERE ?1 IN (sender, dismissed_by)",
    "UPDATE feedback SET note = NULL WHERE given_by = ?1",
)
"""Columns of texts about an erased person, or by one, which may contain the name."""
_IDS = frozenset({"provider_id", "message_id", "place", "noted", "source", "cursor"})
"""Columns of ids and places, in which an address may be part of a longer word."""
_ADDRESS = re.compile(r"[^\s/\\<>\"',;:@]+@[^\s/\\<>\"',;:@]+")


@dataclasses.dataclass(frozen=True, slots=True)
class ErasedPerson:
    """A person to erase, with the replacement for the address."""

    address: str
    """The person's address, as in messages."""
    token: str
    """The replacement of the address: random, at the same domain."""

    @classmethod
    def new(cls, address: str) -> "ErasedPerson":
        """Return the person of an address, with a new random token."""
        domain = address.rpartition("@")[2]
        return cls(address, f"forgotten-{secrets.token_hex(_NAME_BYTES)}@{domain}")

    def reworded(self, text: str) -> str:
        """Return a text with the token in place of the address; longer addresses with the same ending stay."""
        if _ADDRESS.fullmatch(text):
            return self.token if text.lower() == self.address else text
        alone = rf"(?<![\w.%+'-]){re.escape(self.address)}(?![\w-])"
        return re.sub(alone, self.token, text, flags=re.IGNORECASE)

    def reworded_id(self, text: str) -> str:
        """Return an id with the token in place of the address, whatever is before it in the id."""
        return re.sub(re.escape(self.address), self.token, text, flags=re.IGNORECASE)


@dataclasses.dataclass(frozen=True, slots=True)
class Pseudonyms:
    """All erased people; an address can be checked, but the addresses can't be listed."""

    key: bytes
    tokens: Mapping[bytes, str]
    """The tokens by hash."""

    def among(self, addresses: Iterable[str]) -> list[ErasedPerson]:
        """Return the erased people among the owners of addresses."""
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
    """Return the keyed hash of an address in lower case."""
    return hashlib.blake2b(address.encode(), key=key, digest_size=16).digest()


def _former_spellings(address: str) -> Iterator[str]:
    """An address, and the spellings with up to two dots under which earlier versions stored Gmail addresses."""
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
    """Return all erased people.

    Raises:
        UserError: the key of the hashes is missing.
    """
    tokens = dict(catalogue.sql.execute("SELECT hash, token FROM forgotten").fetchall())
    if not tokens:
        return NOBODY
    path = folder / SecretFile.FORGOTTEN.file_name
    if not path.exists():
        raise UserError(
            f"{path} is missing, so mail of erased people can't be recognised. "
            "Restore the file from a backup of the store."
        )
    return Pseudonyms(path.read_bytes(), tokens)


def add(folder: Path, catalogue: Catalogue, person: ErasedPerson, *, at: dt.datetime) -> None:
    """Record an erased person; call it inside a transaction."""
    name = digest(person.address, secret(folder, SecretFile.FORGOTTEN))
    catalogue.sql.execute(
        "INSERT INTO forgotten VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (name, person.token, to_microseconds(at)),
    )


def reword(catalogue: Catalogue, person: ErasedPerson) -> None:
    """Replace the address by the token in all texts of all tables.

    The tables are read from the catalogue, so that none is missed.
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
    """Each table with its text columns and their functions, and the condition for rows that name the person."""
    for function in (person.reworded, person.reworded_id):
        catalogue.sql.create_function(function.__name__, 1, _if_any(function), deterministic=True)
    domain = person.address[person.address.rindex("@") :].replace("'", "''")
    # The first half is fast, and mostly false.
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
    """The text columns by table, with the function that replaces the address."""
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
