"""The company of the synthetic mail: 500 agents, and 5,000 accounts in four tiers."""

import datetime as dt

import numpy as np
import polars as pl

from mailsignals.accounts import FREE_MAIL, Book, Company, match
from mailsignals.schema import BOOK_SCHEMA
from mailsignals.sla.promises import Policy, Promises
from mailsignals.touches.build import TouchRules
from mailsignals.turns import ConversationRules

ACCOUNTS, AGENTS = 5_000, 500
BEGIN = dt.datetime(2023, 1, 2, tzinfo=dt.UTC)
DAYS = 730
AS_OF = BEGIN + dt.timedelta(days=DAYS - 6)
"""As-of time, six days before the end of the data, so that later mail exists and must be ignored."""
WEEKLY = [AS_OF - dt.timedelta(weeks=week) for week in range(78)]
REPLY_HORIZON = dt.timedelta(days=7)
TOUCH_RULES = TouchRules(urgency_words=("urgent", "asap", "outage"))
CONVERSATION_RULES = ConversationRules()

TIER_HOURS = (2.0, 4.0, 8.0, None)
"""First-response target of each tier; the next-response target is twice as long, and the last tier has none."""
ROLE_OF_AGENT = tuple(
    ("support", "support", "cs", "support", "other")[number % 5] for number in range(AGENTS)
)


def agent_address(number: pl.Expr) -> pl.Expr:
    """Return the address of an agent of the company."""
    return pl.concat_str(pl.lit("agent"), number.cast(pl.String), pl.lit("@us.example"))


def contact_address(account: pl.Expr, contact: pl.Expr) -> pl.Expr:
    """Return the address of a contact of an account; one in ten writes from a sub-domain of the account's."""
    below = pl.when(contact % 10 == 9).then(pl.lit("mail.")).otherwise(pl.lit(""))
    return pl.concat_str(
        pl.lit("person"),
        contact.cast(pl.String),
        pl.lit("@"),
        below,
        pl.lit("account"),
        account.cast(pl.String),
        pl.lit(".example"),
    )


def company() -> Company:
    """Return the company with 500 agents: three in five in support, one in five in customer success."""
    return Company(
        name="Us",
        domains=("us.example",),
        addresses=frozenset(),
        roles={"help@us.example": "support"}
        | {f"agent{number}@us.example": role for number, role in enumerate(ROLE_OF_AGENT)},
    )


def book() -> Book:
    """Return the account list, with one domain per account."""
    ids = [f"account{number}" for number in range(ACCOUNTS)]
    accounts = pl.DataFrame({"account_id": ids, "name": ids}, schema_overrides=BOOK_SCHEMA)
    empty = [
        pl.lit(None, dtype=dtype).alias(name) for name, dtype in BOOK_SCHEMA.items() if name not in accounts
    ]
    return Book(
        accounts=accounts.with_columns(empty).select(BOOK_SCHEMA.names()),
        domains={f"{account_id}.example": number for number, account_id in enumerate(ids)},
        contacts={},
    )


def directory(addresses: pl.Series) -> pl.DataFrame:
    """Return the account or agent of each address, as the application matches them."""
    return match(addresses, company=company(), book=book(), free_mail=FREE_MAIL)


def targets() -> pl.DataFrame:
    """Return the response targets in hours, of accounts whose tier has any."""
    hours = np.array([TIER_HOURS[number % 4] for number in range(ACCOUNTS)], dtype=np.float64)
    return pl.DataFrame(
        {
            "account": pl.Series(range(ACCOUNTS), dtype=pl.UInt32),
            "first_response_hours": hours,
            "next_response_hours": 2 * hours,
        }
    ).filter(pl.col("first_response_hours").is_not_nan())


def promises() -> Promises:
    """Return the response targets in the form that mailsignals uses."""
    policies = [
        Policy(tier=f"{number}", first_response_hours=hours, next_response_hours=2 * hours)
        for number, hours in enumerate(TIER_HOURS)
        if hours is not None
    ]
    return Promises.of(policies, {}, pl.Series([f"{number % 4}" for number in range(ACCOUNTS)]))
