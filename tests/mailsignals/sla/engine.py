"""The engine's desk for a company, in the words of the oracle."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from connectors.base import Message, frame_of
from mailsignals.accounts import read_book
from mailsignals.config import load_settings
from mailsignals.schema import INSTANT
from mailsignals.sla.calendars import Hours, OpenHours
from mailsignals.sla.compliance import By, Period, compliance
from mailsignals.sla.dismissals import DISMISSAL_SCHEMA
from mailsignals.sla.promises import Policy, Promises
from mailsignals.sla.tickets import TicketRules, Tickets, build_tickets
from mailsignals.turns import ConversationRules
from tests.mailsignals.engine import rules_in, touches_of
from tests.mailsignals.oracle import Row
from tests.mailsignals.oracle_touches import Rules
from tests.mailsignals.sla import oracle_hours
from tests.mailsignals.sla.oracle_tickets import Promise
from tests.mailsignals.sla.oracle_tiers import TiersOf

NOBODY = pl.DataFrame(schema=DISMISSAL_SCHEMA)
CHANGES_SCHEMA = pl.Schema({"account": pl.UInt32(), "since": INSTANT, "value": pl.String()})


class Company:
    """A desk of the engine, with the names behind its numbers."""

    def __init__(
        self,
        messages: Sequence[Message],
        rules: Rules,
        *,
        as_of: dt.datetime,
        promises: Mapping[str, Sequence[Promise]],
        tier_of: TiersOf,
        dismissals: pl.DataFrame = NOBODY,
        ticket_rules: TicketRules = TicketRules(),  # noqa: B008  # frozen
    ) -> None:
        frame = frame_of(messages)
        touches = touches_of(frame, rules)
        if not touches.settled_at(as_of):
            touches = touches_of(frame, rules, seen_until=as_of)
        self.rules = rules
        self.accounts = [one.account_id for one in rules.accounts]
        self.account_ids = pl.Series(self.accounts)
        self.people = touches.people["address"]
        self.promises = promises_to(self.accounts, promises, tier_of)
        self.desk: Tickets = build_tickets(
            touches.frame.lazy(),
            as_of=as_of,
            rules=ticket_rules,
            conversations=ConversationRules(gap=rules.conversation_gap, unanswered_gap=rules.unanswered_gap),
            promises=self.promises,
            dismissals=dismissals,
        )

    def rows(self, since: dt.datetime, until: dt.datetime, by: By, timezone: str) -> list[Row]:
        """The compliance table, as the oracle writes it."""
        found = compliance(self.desk, Period(since=since, until=until), by=by, timezone=timezone)
        names = {By.ACCOUNT: self.accounts, By.AGENT: self.people.to_list()}.get(by)
        return [
            {str(by): number if names is None or number is None else names[number], **row}
            for row in found.to_dicts()
            for number in [row.pop("by")]
        ]


def promises_to(
    accounts: Sequence[str], promises: Mapping[str, Sequence[Promise]], tier_of: TiersOf
) -> Promises:
    """The promises of the oracle as the engine wants to be told of them."""
    versions = [one for ones in promises.values() for one in ones]
    calendars = {f"{number}": hours_of(one.calendar) for number, one in enumerate(versions) if one.calendar}
    policies = [
        Policy(
            tier=one.tier,
            since=one.since,
            first_response_hours=one.first_response_hours,
            next_response_hours=one.next_response_hours,
            resolution_hours=one.resolution_hours,
            calendar=f"{number}" if one.calendar else None,
        )
        for number, one in enumerate(versions)
    ]
    tiers = [tier_of.get(name) for name in accounts]
    changes = [
        (number, since if place else None, tier)
        for number, held in enumerate(tiers)
        if isinstance(held, Mapping)
        for place, (since, tier) in enumerate(sorted(held.items()))
    ]
    return Promises.of(
        policies,
        calendars,
        pl.Series([None if isinstance(held, Mapping) else held for held in tiers], dtype=pl.String),
        pl.DataFrame(changes, schema=CHANGES_SCHEMA, orient="row"),
    )


def hours_of(calendar: oracle_hours.Calendar) -> list[Hours]:
    """The calendar of the oracle as the engine wants it."""
    return [
        Hours(
            timezone=one.timezone,
            week=tuple(tuple(OpenHours(*stretch) for stretch in day) for day in one.week),
            holidays=one.holidays,
            half_days={day: tuple(OpenHours(*stretch) for stretch in plan) for day, plan in one.half_days},
            since=one.since,
        )
        for one in calendar
    ]


def promises_in(folder: Path) -> tuple[dict[str, list[Promise]], dict[str, str | None]]:
    """What the configuration in a folder promises, in the words of the oracle, and the tier of each account."""
    settings = load_settings(folder / "config.toml", environ={})
    book = read_book(settings.accounts.file, tiers=settings.tier_names)
    calendars = {
        name: tuple(
            oracle_hours.Hours(
                timezone=hours.timezone,
                week=tuple(tuple((one.opens_minute, one.closes_minute) for one in day) for day in hours.week),
                holidays=hours.holidays,
                half_days=frozenset(
                    (day, tuple((one.opens_minute, one.closes_minute) for one in plan))
                    for day, plan in hours.half_days.items()
                ),
                since=hours.since,
            )
            for hours in (version.hours(timezone=settings.company.timezone) for version in versions)
        )
        for name, versions in settings.calendars.items()
    }
    promises: dict[str, list[Promise]] = {}
    for tier in settings.tiers:
        promises.setdefault(tier.name, []).append(
            Promise(
                tier=tier.name,
                first_response_hours=tier.first_response_hours,
                next_response_hours=tier.next_response_hours,
                resolution_hours=tier.resolution_hours,
                calendar=calendars[tier.calendar] if tier.calendar else (),
            )
        )
    tiers = dict(book.accounts.select("account_id", "tier").iter_rows())
    return promises, tiers


def rules_in_open_hours(folder: Path, config: str = "config.toml") -> Rules:
    """What a configuration and the account book in a folder say, with the open hours in which targets count."""
    promises, tier_of = promises_in(folder)
    rules = rules_in(folder, config)
    first = {name: promises[tier][0] for name, tier in tier_of.items() if tier}
    accounts = [
        dataclasses.replace(one, calendar=first[one.account_id].calendar) if one.account_id in first else one
        for one in rules.accounts
    ]
    return dataclasses.replace(rules, accounts=tuple(accounts))
