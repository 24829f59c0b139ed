"""A small company whose customers' mail is written by hand, and what becomes of it."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from connectors.base import Message, frame_of
from mailsignals.accounts import Book, match
from mailsignals.config import Settings
from mailsignals.risk.assess import assess
from mailsignals.risk.back_again import back_again_of, learn_back_again
from mailsignals.risk.marks import MARKS
from mailsignals.risk.outlook import outlook
from mailsignals.risk.quiet import learn_quiet, quiet_of
from mailsignals.risk.reasons import also_worth_knowing
from mailsignals.schema import BOOK_SCHEMA
from mailsignals.signals.active_days import active_days
from mailsignals.signals.facts import Facts, facts
from mailsignals.touches.build import TouchRules, build
from mailsignals.turns import ConversationRules
from tests.mailsignals.companies import message

AT = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
TICK = dt.timedelta(microseconds=1)

SETTINGS = Settings.model_validate(
    {
        "company": {"name": "Us", "domains": ["us.example"], "timezone": "Europe/Berlin"},
        "people": [
            {"address": "cara@us.example", "role": "cs"},
            {"address": "help@us.example", "role": "support"},
        ],
        "tiers": [{"name": "enterprise", "first_response_hours": 2.0}],
    }
)
CARA, HELP, OLE = "cara@us.example", "help@us.example", "ole@us.example"


class Mailbox:
    """The mail with one customer; ``ago`` counts back from ``AT``, and a mail without ``thread`` opens one."""

    def __init__(self, name: str) -> None:
        self.domain = f"{name.replace('_', '-')}.example"
        self.messages: list[Message] = []
        # Enough to be judged by, and long enough ago to be no sign of anything.
        for week in range(5):
            self.we((150 + 7 * week) * DAY, who=OLE)

    def they(
        self,
        ago: dt.timedelta,
        *,
        who: str = "ana",
        thread: str | None = None,
        subject: str | None = None,
        to: str = CARA,
    ) -> "Mailbox":
        """The customer wrote."""
        return self._wrote(ago, f"{who}@{self.domain}", to, thread=thread, subject=subject)

    def we(
        self, ago: dt.timedelta, *, who: str = CARA, to: str = "ana", thread: str | None = None
    ) -> "Mailbox":
        """One of us wrote."""
        return self._wrote(ago, who, f"{to}@{self.domain}", thread=thread, subject=None)

    def program(
        self,
        ago: dt.timedelta,
        kind: str,
        *,
        who: str = "ana",
        subject: str = "Sync",
        refers: str | None = None,
    ) -> "Mailbox":
        """A program wrote for somebody of the customer, or of their address if it ``refers`` to a mail of ours."""
        sender = f"mailer-daemon@{self.domain}" if refers else f"{who}@{self.domain}"
        self._wrote(ago, sender, CARA, thread=None, subject=subject)
        references = (refers,) if refers else ()
        self.messages[-1] = dataclasses.replace(self.messages[-1], automated=kind, references=references)
        return self

    def _wrote(
        self, ago: dt.timedelta, sender: str, to: str, *, thread: str | None, subject: str | None
    ) -> "Mailbox":
        number = len(self.messages)
        self.messages.append(
            message(
                AT - ago,
                sender,
                to,
                message_id=f"{number}.{self.domain}",
                provider_thread_id=f"{thread or number}.{self.domain}",
                subject=subject or f"matter {number} of {self.domain}",
            )
        )
        return self


def assessed(
    mail: Mapping[str, Mailbox],
    *,
    book: Mapping[str, Mapping[str, object]] | None = None,
    settings: Settings = SETTINGS,
    at: dt.datetime = AT,
) -> dict[str, dict[str, Any]]:
    """The risk of each customer by name; ``book`` says what the account book knows besides."""
    found, accounts, people = facts_and_book(mail, book=book, settings=settings)
    quiet = quiet_at(found, accounts, settings=settings, at=at)
    risk = assess(found, accounts, people, settings, as_of=at, quiet=quiet)
    return {row["account_id"]: row for row in risk.to_dicts()}


def quiet_at(found: Facts, accounts: pl.DataFrame, *, settings: Settings, at: dt.datetime) -> pl.DataFrame:
    """The chance of each account to go quiet, as the accounts' own silences say."""
    timezone = settings.company.timezone
    days = active_days(found, timezone=timezone)
    left = accounts.with_row_index("account").select(pl.col("account").cast(pl.UInt32), "churned_on")
    model = learn_quiet(days, left, as_of=at, timezone=timezone)
    bands = learn_back_again(days, left, as_of=at, timezone=timezone)
    return (told := quiet_of(days, model, as_of=at, timezone=timezone)).with_columns(
        back_again_of(told, bands)
    )


def marked(
    mail: Mapping[str, Mailbox], *, settings: Settings = SETTINGS, at: dt.datetime = AT
) -> dict[str, dict[str, Any]]:
    """The outlook of each customer by name, with the marks that hold (``marks``, in ``ALSO``)."""
    found, accounts, people = facts_and_book(mail, settings=settings)
    rows = outlook(
        found,
        accounts,
        people,
        as_of=at,
        reply_horizon=settings.signals.reply_horizon_days * DAY,
        timezone=settings.company.timezone,
    ).with_columns(
        *(
            mark.holds(settings.risk.marks).fill_null(value=False).alias(f"mark {mark.name}")
            for mark in MARKS
        ),
        *(mark.value.alias(f"value {mark.name}") for mark in MARKS),
        *(mark.before.alias(f"before {mark.name}") for mark in MARKS),
    )
    return {
        row["account_id"]: row | {"marks": also_worth_knowing(row, MARKS, [])}
        for row in rows.iter_rows(named=True)
    }


def facts_and_book(
    mail: Mapping[str, Mailbox],
    *,
    book: Mapping[str, Mapping[str, object]] | None = None,
    settings: Settings = SETTINGS,
) -> tuple[Facts, pl.DataFrame, pl.DataFrame]:
    """The facts, the account book in the order of ``mail``, and the addresses at their numbers."""
    plain = {"tier": "enterprise", "csm": CARA, "started_on": dt.date(2020, 1, 1)}
    rows = [{"account_id": name, "name": name, **plain, **(book or {}).get(name, {})} for name in mail]
    accounts = Book(
        accounts=pl.DataFrame(rows, schema=BOOK_SCHEMA),
        domains={mailbox.domain: number for number, mailbox in enumerate(mail.values())},
        contacts={},
    )
    touches = build(
        frame_of([one for mailbox in mail.values() for one in mailbox.messages]).lazy(),
        lambda addresses: match(
            addresses, company=settings.our_company, book=accounts, free_mail=frozenset()
        ),
        TouchRules(mail_merge_accounts=0, urgency_words=settings.signals.urgency_words),
    )
    found = facts(
        touches.frame.lazy(),
        touches.links.lazy(),
        touches.programs.lazy(),
        accounts=pl.Series(range(accounts.accounts.height), dtype=pl.UInt32),
        rules=ConversationRules(),
        promises=settings.promises(accounts.accounts["tier"]),
    )
    return found, accounts.accounts, touches.people
