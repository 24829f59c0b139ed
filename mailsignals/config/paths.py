"""Paths of the store and of the account list: ``[store]`` and ``[accounts]``."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator

from mailsignals.accounts import Notation
from mailsignals.config.section import Currency, Domain, Section


def _on_this_machine(value: object) -> object:
    if isinstance(value, str) and "://" in value:
        raise ValueError(f"{value!r} is an address; use a path on this machine")
    return value


def _expanded(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError(f"'{path}' begins with an unknown home folder; use an absolute path") from None


LocalPath = Annotated[Path, BeforeValidator(_on_this_machine), AfterValidator(_expanded)]
File = Annotated[LocalPath | None, BeforeValidator(lambda value: None if value == "" else value)]
"""A path, or an empty text for none."""


class StoreSection(Section):
    """``[store]``: the folder of the stored messages."""

    path: LocalPath = Path("store")
    """The folder of the store on this machine; a relative path starts at the folder of config.toml."""


class AccountsSection(Section):
    """``[accounts]``: the list of customers."""

    file: LocalPath = Path("accounts.csv")
    """The account list, one customer per line; a relative path starts at the folder of config.toml."""
    history_file: File = None
    """Past values of the list, one per line (account_id, field, value, valid_from, seen_at); empty: none."""
    currency: Currency = ""
    """The currency of ARR and every amount made of it, such as "EUR"; empty: amounts have no currency."""
    free_mail: tuple[Domain, ...] = ()
    """More domains where anybody can get an address; such a domain never identifies an account."""
    decimal: Literal["", ".", ","] = ""
    """The decimal mark of ambiguous amounts in the list; empty: each column decides."""
    date_format: Literal["", "dd/mm/yyyy", "mm/dd/yyyy"] = ""
    """The format of ambiguous dates in the list; empty: each column decides."""

    def anchored(self, folder: Path) -> Self:
        """Return the section with its relative paths starting at a folder."""
        past = None if self.history_file is None else folder / self.history_file
        return self.model_copy(update={"file": folder / self.file, "history_file": past})

    @property
    def notation(self) -> Notation:
        """Return the configured formats of the list's amounts and dates."""
        return Notation(decimal=self.decimal, date_format=self.date_format)
