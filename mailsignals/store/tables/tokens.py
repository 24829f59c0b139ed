"""API tokens: the store has a hash of each, and the token itself is shown once."""

import dataclasses
import datetime as dt
import hashlib
import secrets
from pathlib import Path

import polars as pl

from mailsignals.clock import latest_credible
from mailsignals.errors import UserError
from mailsignals.schema import INSTANT
from mailsignals.store.messages.sqlite_time import instant, to_microseconds
from mailsignals.store.tables.open_tables import open_tables

PREFIX = "mailsignals_"
"""The prefix of every token, which identifies tokens of mailsignals."""

TOKENS_SCHEMA = pl.Schema(
    {
        "name": pl.String(),
        "role": pl.String(),
        "csm": pl.String(),
        "created_at": INSTANT,
        "created_by": pl.String(),
        "expires_at": INSTANT,
        "revoked_at": INSTANT,
    }
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An API token's name and the role that it grants."""

    name: str
    role: str
    csm: str | None
    """The CSM whose accounts it may read, with the role ``csm``."""


class Tokens:
    """The API tokens of a store, safe to use from any thread and process, also during a sync."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, token: Token, *, at: dt.datetime, by: str, expires_at: dt.datetime | None) -> str:
        """Create a token and return its text, which can't be read again.

        Raises:
            UserError: the name is taken, also by a revoked token, because the audit log uses names.
        """
        text = PREFIX + secrets.token_urlsafe(32)
        row = (token.name, _hash(text), token.role, token.csm, to_microseconds(at), by, _number(expires_at))
        with open_tables(self._folder) as catalogue, catalogue.transaction(durable=True):
            taken = catalogue.sql.execute("SELECT 1 FROM token WHERE name = ?", (token.name,)).fetchone()
            if taken:
                raise UserError(
                    f"{token.name}: the name is taken by a current or revoked token. Choose another."
                )
            catalogue.sql.execute(
                "INSERT INTO token (name, hash, role, csm, created_at, created_by, expires_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        return text

    def find(self, text: str, *, at: dt.datetime) -> Token | None:
        """Return the token of a text if it is valid at a time; None if it is unknown, expired or revoked.

        A token that was created while the clock was ahead is not valid until that time.
        """
        with open_tables(self._folder) as catalogue:
            row = catalogue.sql.execute(
                "SELECT name, role, csm FROM token WHERE hash = ? AND revoked_at IS NULL"
                " AND (expires_at IS NULL OR expires_at > ?) AND created_at <= ?",
                (_hash(text), to_microseconds(at), to_microseconds(latest_credible(at))),
            ).fetchone()
        return None if row is None else Token(name=row[0], role=row[1], csm=row[2])

    def revoke(self, name: str, *, at: dt.datetime) -> None:
        """End a token at once; one that was revoked before stays so.

        Raises:
            UserError: no token has this name.
        """
        with open_tables(self._folder) as catalogue, catalogue.transaction(durable=True):
            found = catalogue.sql.execute(
                "UPDATE token SET revoked_at = coalesce(revoked_at, ?) WHERE name = ?",
                (to_microseconds(at), name),
            )
        if not found.rowcount:
            raise UserError(f"{name}: unknown token. `mailsignals token list` shows all tokens.")

    def frame(self) -> pl.DataFrame:
        """Return all tokens by name, in ``TOKENS_SCHEMA``, without their texts or hashes."""
        with open_tables(self._folder) as catalogue:
            rows = catalogue.sql.execute(
                "SELECT name, role, csm, created_at, created_by, expires_at, revoked_at FROM token ORDER BY name"
            ).fetchall()
        found = [
            (*row[:3], instant(row[3]), row[4], *(None if n is None else instant(n) for n in row[5:]))
            for row in rows
        ]
        return pl.DataFrame(found, schema=TOKENS_SCHEMA, orient="row")


def _hash(text: str) -> bytes:
    """A fast hash, which suffices because a token is 32 random bytes."""
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def _number(at: dt.datetime | None) -> int | None:
    return None if at is None else to_microseconds(at)
