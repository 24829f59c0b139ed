"""The engine's figures for a company, and how they are compared."""

import datetime as dt
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import polars as pl

from connectors.base import Message, frame_of
from mailsignals.accounts import Book, Company, match, read_book
from mailsignals.config import load_settings
from mailsignals.schema import BOOK_SCHEMA
from mailsignals.signals.facts import Facts, facts
from mailsignals.signals.pipeline import signals
from mailsignals.sla.promises import Policy, Promises
from mailsignals.touches.build import Touches, TouchRules, build
from mailsignals.turns import ConversationRules
from tests.mailsignals.companies import RULES
from tests.mailsignals.oracle import Row
from tests.mailsignals.oracle_touches import Account, Rules


def rules_in(folder: Path, config: str = "config.toml") -> Rules:
    """What a configuration and the account book in a folder say."""
    settings = load_settings(folder / config, environ={})
    book = read_book(settings.accounts.file, tiers=settings.tier_names)
    tiers = {tier.name: tier for tier in settings.tiers}
    names, chosen = book.accounts["account_id"], book.accounts["tier"]
    return Rules(
        domains=settings.company.domains,
        addresses=settings.company.addresses,
        people={person.address: person.role for person in settings.people},
        aliases=settings.our_company.aliases,
        accounts=tuple(
            Account(
                account_id=name,
                domains=tuple(domain for domain, owner in book.domains.items() if owner == number),
                contacts=tuple(contact for contact, owner in book.contacts.items() if owner == number),
                first_response_hours=tiers[tier].first_response_hours if tier else None,
                next_response_hours=tiers[tier].next_response_hours if tier else None,
            )
            for number, (name, tier) in enumerate(zip(names, chosen, strict=True))
        ),
        free_mail=settings.free_mail,
        urgency_words=settings.signals.urgency_words,
        subjects=settings.privacy.subjects == "keep",
    )


def promises_in(folder: Path, config: str = "config.toml") -> Promises:
    """What the accounts of a folder were promised, in the open hours of its calendars."""
    settings = load_settings(folder / config, environ={})
    return settings.promises(read_book(settings.accounts.file, tiers=settings.tier_names).accounts["tier"])


def messages_in(folder: Path) -> list[Message]:
    """The messages in a folder."""
    rows = pl.read_parquet(folder / "messages.parquet").to_dicts()
    return [
        Message(**{name: tuple(value) if isinstance(value, list) else value for name, value in row.items()})  # type: ignore[arg-type]  # a row
        for row in rows
    ]


def directory(rules: Rules) -> Callable[[pl.Series], pl.DataFrame]:
    """The account book of the rules, as the engine wants to be told of it."""
    company = Company(
        name="us", domains=rules.domains, addresses=frozenset(rules.addresses), roles=dict(rules.people)
    )
    numbered = list(enumerate(rules.accounts))
    book = Book(
        accounts=pl.DataFrame(
            {"account_id": [one.account_id for one in rules.accounts]}, schema_overrides=BOOK_SCHEMA
        ),
        domains={domain: number for number, one in numbered for domain in one.domains},
        contacts={contact: number for number, one in numbered for contact in one.contacts},
    )
    free_mail = frozenset(rules.free_mail)
    return lambda addresses: match(addresses, company=company, book=book, free_mail=free_mail)


def touches_of(
    messages: Iterable[Message] | pl.DataFrame, rules: Rules = RULES, *, seen_until: dt.datetime | None = None
) -> Touches:
    """The engine's touches."""
    frame = messages if isinstance(messages, pl.DataFrame) else frame_of(messages)
    settings = TouchRules(
        mail_merge_accounts=rules.mail_merge_accounts,
        urgency_words=rules.urgency_words,
        aliases=rules.aliases,
        compare_subjects=rules.subjects,
    )
    return build(frame.lazy(), directory(rules), settings, seen_until=seen_until)


def figures_of(
    touches: Touches,
    rules: Rules,
    instants: Sequence[dt.datetime],
    *,
    numbers: Sequence[int] | None = None,
    promises: Promises | None = None,
) -> pl.DataFrame:
    """The engine's signals, for all accounts or those of the numbers, with ``account_id`` first."""
    names = pl.DataFrame({"account_id": [one.account_id for one in rules.accounts]}).with_row_index("account")
    found = facts_of(touches, rules, numbers=numbers, promises=promises)
    rows = signals(found, instants, reply_horizon=rules.reply_horizon)
    return names.join(rows, on="account", maintain_order="right").drop("account")


def facts_of(
    touches: Touches, rules: Rules, *, numbers: Sequence[int] | None = None, promises: Promises | None = None
) -> Facts:
    """The engine's facts of all accounts, or of those of the numbers; targets count round the clock by default."""
    asked = range(len(rules.accounts)) if numbers is None else numbers
    mine = pl.col("account").is_in(list(asked))
    return facts(
        touches.frame.lazy().filter(mine),
        touches.links.lazy().filter(mine),
        touches.programs.lazy().filter(mine),
        accounts=pl.Series(asked, dtype=pl.UInt32),
        rules=ConversationRules(gap=rules.conversation_gap, unanswered_gap=rules.unanswered_gap),
        promises=promises or _promises(rules),
    )


def figures(
    messages: Iterable[Message] | pl.DataFrame,
    instants: Sequence[dt.datetime],
    *,
    rules: Rules = RULES,
    promises: Promises | None = None,
) -> pl.DataFrame:
    """The engine's signals at the instants, each from the touches that were known then."""
    frame = messages if isinstance(messages, pl.DataFrame) else frame_of(messages)
    whole = touches_of(frame, rules)
    settled = [instant for instant in instants if whole.settled_at(instant)]
    parts = [figures_of(whole, rules, settled, promises=promises)] if settled else []
    parts += [
        figures_of(touches_of(frame, rules, seen_until=instant), rules, [instant], promises=promises)
        for instant in instants
        if instant not in settled
    ]
    return pl.concat(parts).sort("account_id", "as_of", "window_days")


def _promises(rules: Rules) -> Promises:
    """Each account is a tier of its own, whose targets count round the clock."""
    policies = [
        Policy(
            tier=one.account_id,
            first_response_hours=one.first_response_hours,
            next_response_hours=one.next_response_hours,
        )
        for one in rules.accounts
    ]
    return Promises.of(policies, {}, pl.Series([one.account_id for one in rules.accounts]))


def differences(got: Iterable[Row], expected: Iterable[Row], *, within: float = 1e-6) -> list[str]:
    """Each cell of the expected rows that is another in the rows that were got."""
    rows = {_key(row): row for row in got}
    return [
        f"{_key(row)} {name}: {rows[_key(row)][name]!r}, not {value!r}"
        for row in expected
        for name, value in row.items()
        if not _same(rows[_key(row)][name], value, within)
    ]


def _key(row: Row) -> tuple[object, ...]:
    return row["account_id"], row["as_of"], row["window_days"]


def _same(got: object, expected: object, within: float) -> bool:
    if isinstance(got, float) and isinstance(expected, float):
        return math.isclose(got, expected, rel_tol=within, abs_tol=within)
    return got == expected and type(got) is type(expected)


def figure(
    name: str,
    messages: Iterable[Message],
    at: dt.datetime,
    *,
    account: str = "A",
    days: int = 30,
    rules: Rules = RULES,
) -> object:
    """One signal of one account at an instant."""
    rows = figures(messages, [at], rules=rules)
    return rows.row(by_predicate=_cell(account, days), named=True)[name]


def _cell(account: str, days: int) -> pl.Expr:
    return (pl.col("account_id") == account) & (pl.col("window_days") == days)
