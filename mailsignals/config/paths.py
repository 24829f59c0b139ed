"""Where things are kept: ``[store]`` and ``[accounts]``."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator

from mailsignals.accounts import Notation
from mailsignals.config.section import Currency, Domain, Section


def _on_this_machine(value: object) -> object:
    if isinstance(value, str) and "://" in value:
        raise ValueError(f"{value!r} is an address; only paths of this machine can be used")
    return value


def _expanded(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError(
            f"'{path}' begins with a home folder that is not known; write the whole path"
        ) from None


LocalPath = Annotated[Path, BeforeValidator(_on_this_machine), AfterValidator(_expanded)]
File = Annotated[LocalPath | None, BeforeValidator(lambda value: None if value == "" else value)]
"""A path, or nothing: an empty text."""


class StoreSection(Section):
    """``[store]``: where the messages are kept."""

    path: LocalPath = Path("store")
    """A folder of this machine; a relative path starts at the folder of config.toml."""


class AccountsSection(Section):
    """``[accounts]``: who the customers are."""

    file: LocalPath = Path("accounts.csv")
    """The list of customers, one a line; a relative path starts at the folder of config.toml."""
    history_file: File = None
    """Its past, with a value a line (account_id, field, value, valid_from, seen_at); empty: the past is unknown."""
    currency: Currency = ""
    """The currency of ARR and every amount made of it, such as "EUR"; empty: amounts have no currency."""
    free_mail: tuple[Domain, ...] = ()
    """Further domains where anybody can have an address; these never stand for an account."""
    decimal: Literal["", ".", ","] = ""
    """The decimal mark of amounts in the list, where the list does not show which; empty: each column decides."""
    date_format: Literal["", "dd/mm/yyyy", "mm/dd/yyyy"] = ""
    """The order of its dates, where the list does not show which; empty: each column decides."""

    def anchored(self, folder: Path) -> Self:
        """The section with its paths starting at a folder."""
        past = None if self.history_file is None else folder / self.history_file
        return self.model_copy(update={"file": folder / self.file, "history_file": past})

    @property
    def notation(self) -> Notation:
        """The notation of the list's amounts and dates, as far as the configuration settles it."""
        return Notation(decimal=self.decimal, date_format=self.date_format)
