"""A support desk whose mail is written by hand: one customer, one tier, an office in Berlin."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

import polars as pl

from connectors.base import Message
from mailsignals.sla.tickets import TicketRules
from tests.mailsignals.companies import message
from tests.mailsignals.oracle_touches import Account, Rules
from tests.mailsignals.sla.engine import NOBODY, Company
from tests.mailsignals.sla.oracle_hours import Hours
from tests.mailsignals.sla.oracle_tickets import Promise

BERLIN = "Europe/Berlin"
DESK, BEA, KIM, LEE = "help@us.example", "bea@us.example", "kim@a.example", "lee@a.example"
RULES = Rules(
    domains=("us.example",),
    people={DESK: "support", BEA: "support"},
    accounts=(
        Account(account_id="A", domains=("a.example",)),
        Account(account_id="B", domains=("b.example",)),
    ),
    mail_merge_accounts=0,
)
DAY = ((540, 720), (780, 1050))
OFFICE = (Hours(timezone=BERLIN, week=(*(DAY,) * 5, (), ()), holidays=frozenset({dt.date(2026, 3, 4)})),)
"""Monday to Friday, 9 to 12 and 13 to 17:30; closed on Wednesday 4 March 2026. The 2nd is a Monday."""
GOLD = Promise(
    tier="gold", first_response_hours=4, next_response_hours=2, resolution_hours=8, calendar=OFFICE
)


def at(text: str, zone: str = BERLIN) -> dt.datetime:
    """The instant of a time in Berlin, such as ``2026-03-02 09:00``."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


def they(when: str, *, thread: str = "t", who: str = KIM, **more: object) -> Message:
    """The customer wrote to the desk."""
    return message(at(when), who, DESK, provider_thread_id=thread, **more)


def we(when: str, *, thread: str = "t", who: str = BEA, to: str = KIM) -> Message:
    """One of us wrote to the customer."""
    return message(at(when), who, to, provider_thread_id=thread)


def desk(
    mails: Iterable[Message],
    as_of: str,
    *,
    promises: Mapping[str, Sequence[Promise]] | None = None,
    dismissals: pl.DataFrame = NOBODY,
    closing_after: dt.timedelta | None = None,
) -> Company:
    """What there is to know of the desk; both customers are of the tier gold."""
    return Company(
        list(mails),
        RULES,
        as_of=at(as_of),
        promises={"gold": [GOLD]} if promises is None else promises,
        tier_of={"A": "gold", "B": "gold"},
        dismissals=dismissals,
        ticket_rules=TicketRules(closing_after=closing_after),
    )


def verdicts(company: Company) -> list[tuple[str, str | None]]:
    """Figure and verdict of everything that was asked, in the order of the mails; resolutions last."""
    cases = company.desk.cases.sort(pl.col("figure") == "resolution", "started_at", maintain_order=True)
    return list(cases.select("figure", "verdict").iter_rows())
