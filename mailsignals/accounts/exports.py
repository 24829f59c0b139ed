"""Converts exports of CRMs and spreadsheets into an account list, with the reasons for values left out."""

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl

from mailsignals.accounts.agreement import Notation, read_column
from mailsignals.accounts.amounts import AMOUNTS
from mailsignals.accounts.cells import addresses_in, domains_in, listed_address, listed_domain
from mailsignals.accounts.company import Company
from mailsignals.accounts.dates import DATES
from mailsignals.accounts.doubts import address_of_name
from mailsignals.accounts.export_columns import LeftOut, column_frame, export_fields, read_columns
from mailsignals.accounts.shared import is_public_suffix
from mailsignals.accounts.table import BookRow, Problems

LEFT_OUT_SCHEMA = pl.Schema(
    {"line": pl.Int64(), "column": pl.String(), "value": pl.String(), "reason": pl.String()}
)
"""One row per value that was left out or changed; the column is null for a whole line."""

_ORDER = (
    *("account_id", "name", "tier", "csm", "domains", "contacts"),
    *("started_on", "churned_on", "renewal_on", "arr", "stage"),
)
_DATES = ("started_on", "churned_on", "renewal_on")
_NOT_THEIRS = frozenset(
    {
        *("linkedin.com", "facebook.com", "instagram.com", "twitter.com", "x.com", "youtube.com", "xing.com"),
        *("tiktok.com", "bit.ly", "t.co", "goo.gl", "tinyurl.com", "linktr.ee", "wa.me", "sites.google.com"),
    }
)
"""Hosts of pages that companies use as their website."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rules:
    """The settings by which an export is read."""

    company: Company
    free_mail: frozenset[str]
    tiers: Sequence[str]
    notation: Notation
    chosen: Mapping[str, str]
    """The columns by field, as chosen by the user."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Export:
    """An export as an account list."""

    description: str
    """The encoding and the separator, in words."""
    columns: pl.DataFrame
    """The columns of the export, in ``COLUMN_SCHEMA``."""
    accounts: pl.DataFrame
    """The account list: dates and ``arr`` typed, everything else as texts, lists separated by ``;``."""
    left_out: pl.DataFrame
    """The values that were left out or changed, in ``LEFT_OUT_SCHEMA``."""


def read_export(path: Path, rules: Rules) -> Export:
    """Return an export of a CRM or a spreadsheet as an account list.

    Raises:
        UserError: the file, or the line and column of an ambiguous value.
    """
    table, left_out = read_columns(path)
    fields = export_fields(path, table.columns, rules.chosen)
    problems = Problems(path)
    typed: dict[str, Mapping[int, float] | Mapping[int, dt.date]] = {}
    for column, field in fields.items():
        if field == "arr":
            typed[field] = read_column(
                table, column, AMOUNTS, setting=rules.notation.decimal, problems=problems
            ).values
        elif field in _DATES:
            typed[field] = read_column(
                table, column, DATES, setting=rules.notation.date_format, problems=problems
            ).values
    problems.raise_if_any()
    reading = _Reading(fields=fields, typed=typed, rules=rules, left_out=left_out)
    for row in table.rows:
        reading.add(row)
    return Export(
        description=table.description,
        columns=column_frame(table.columns, fields),
        accounts=reading.accounts(),
        left_out=pl.DataFrame(
            sorted(left_out, key=lambda entry: entry[0]), schema=LEFT_OUT_SCHEMA, orient="row"
        ),
    )


@dataclasses.dataclass(kw_only=True)
class _Account:
    """One account, of one line or several."""

    line: int
    cells: dict[str, str | float | dt.date | None]
    domains: dict[str, None] = dataclasses.field(default_factory=dict)
    contacts: dict[str, None] = dataclasses.field(default_factory=dict)


class _Reading:
    """Collects accounts line by line; lines with one id are one account."""

    def __init__(
        self,
        *,
        fields: Mapping[str, str],
        typed: Mapping[str, Mapping[int, float] | Mapping[int, dt.date]],
        rules: Rules,
        left_out: list[LeftOut],
    ) -> None:
        self._fields, self._typed, self._rules, self._left_out = fields, typed, rules, left_out
        self._accounts: dict[str, _Account] = {}

    def add(self, row: BookRow) -> None:
        """Add a line."""
        cells = {
            field: row[column]
            for column, field in self._fields.items()
            if field not in {"domains", "contacts"}
        }
        account_id = cells.get("account_id") or cells.get("name")
        if account_id is None:
            self._left_out.append((row.line, None, None, "has neither an id nor a name"))
            return
        typed = {field: values.get(row.line) for field, values in self._typed.items()}
        record: dict[str, str | float | dt.date | None] = {
            **cells,
            **typed,
            "account_id": account_id,
            "tier": self._tier(row, cells.get("tier")),
            "csm": self._csm(row, cells.get("csm")),
        }
        account = self._accounts.setdefault(account_id, _Account(line=row.line, cells=record))
        account.cells |= {field: value for field, value in record.items() if account.cells.get(field) is None}
        self._entries(row, "domains", account.domains, domains_in, self._domain)
        self._entries(row, "contacts", account.contacts, addresses_in, self._contact)

    def accounts(self) -> pl.DataFrame:
        """Return the account list, without shared domains and contacts, and without accounts that no mail can match."""
        for what in ("domains", "contacts"):
            claims = Counter(claim for account in self._accounts.values() for claim in getattr(account, what))
            for account in self._accounts.values():
                own: dict[str, None] = getattr(account, what)
                for claim in [claim for claim in own if claims[claim] > 1]:
                    del own[claim]
                    reason = f"is listed by {claims[claim]} accounts, so it is removed from all"
                    self._left_out.append((account.line, what, claim, reason))
        rows = []
        for account_id, account in self._accounts.items():
            if not account.domains and not account.contacts:
                reason = "has no domain and no contact of its own, so no mail could match"
                self._left_out.append((account.line, None, account_id, reason))
                continue
            lists = {"domains": ";".join(account.domains), "contacts": ";".join(account.contacts)}
            rows.append({**account.cells, **lists})
        further = [field for field in self._fields.values() if field not in _ORDER]
        types = {"arr": pl.Float64(), **dict.fromkeys(_DATES, pl.Date())}
        given = {"account_id", "domains", "contacts", *self._fields.values()}
        schema = {
            field: types.get(field, pl.String())
            for field in (*_ORDER, *dict.fromkeys(further))
            if field in given
        }
        return pl.DataFrame(rows, schema=schema)

    def _entries(
        self,
        row: BookRow,
        field: str,
        into: dict[str, None],
        entries_in: Callable[[str], Sequence[str]],
        read: Callable[[str], str],
    ) -> None:
        for column in (column for column, one in self._fields.items() if one == field):
            for entry in entries_in(row[column] or ""):
                try:
                    into[read(entry)] = None
                except ValueError as error:
                    self._left_out.append((row.line, column, entry, str(error)))

    def _domain(self, entry: str) -> str:
        domain = listed_domain(entry)
        if domain in self._rules.free_mail:
            raise ValueError("is a free-mail domain")
        if domain in _NOT_THEIRS:
            raise ValueError("is a page on a shared website")
        if is_public_suffix(domain):
            raise ValueError("is a public suffix shared by many companies")
        if self._rules.company.is_own(f"x@{domain}"):
            raise ValueError("is your own domain")
        return domain

    def _contact(self, entry: str) -> str:
        address = listed_address(entry)
        if self._rules.company.is_own(address):
            raise ValueError("is an internal address")
        return address

    def _tier(self, row: BookRow, tier: str | None) -> str | None:
        if tier is None:
            return None
        named = [name for name in self._rules.tiers if name.casefold() == tier.casefold()]
        if not named:
            reason = f"is not a tier of [[tiers]] ({', '.join(self._rules.tiers)})"
            self._left_out.append((row.line, self._column("tier"), tier, reason))
        return tier if tier in named else next(iter(named), None)

    def _csm(self, row: BookRow, csm: str | None) -> str | None:
        entries = addresses_in(csm or "")
        if csm is None or len(entries) != 1:
            return csm
        try:
            return listed_address(entries[0])
        except ValueError:
            known = address_of_name(csm, list(self._rules.company.roles))
            if known:
                self._left_out.append((row.line, self._column("csm"), csm, f"was replaced by {known}"))
            return known or csm

    def _column(self, field: str) -> str:
        return next(column for column, one in self._fields.items() if one == field)
