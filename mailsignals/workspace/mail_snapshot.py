"""The mail of a company as it was known at one instant: touches, facts, tickets and signals."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from mailsignals.accounts.dated import FIELDS, changes, facts_at, known_facts
from mailsignals.flags.feedback import departures_known, with_departures
from mailsignals.schema import BOOK_SCHEMA
from mailsignals.signals.facts import Facts, facts_of_marked, marked_touches
from mailsignals.signals.pipeline import signals
from mailsignals.sla import ticket_rows
from mailsignals.sla.dismissals import numbered_dismissals
from mailsignals.sla.promises import Promises
from mailsignals.sla.tickets import Tickets, tickets_of_marked
from mailsignals.store import Store
from mailsignals.store.upkeep.derived import Derived, derived, derived_at
from mailsignals.touches.build import settled_at
from mailsignals.touches.people import one_address

if TYPE_CHECKING:
    from mailsignals.workspace.workspace import Workspace


class MailSnapshot:
    """The mail of a company at an instant.

    Attributes:
        workspace: the company's configuration and account book.
        store: its store, open for reading.
        as_of: the instant; nothing later counts.
    """

    def __init__(self, workspace: "Workspace", store: Store, as_of: dt.datetime) -> None:
        self.workspace = workspace
        self.store = store
        self.as_of = as_of

    @property
    def timezone(self) -> str:
        """The company's time zone."""
        return self.workspace.timezone

    @property
    def today(self) -> dt.date:
        """The day of the instant in the company's time zone."""
        return self.workspace.day(self.as_of)

    # --- the account book -------------------------------------------------------------------------

    @cached_property
    def feedback(self) -> pl.DataFrame:
        """The feedback on accounts, in ``FEEDBACK_SCHEMA``; also entries made after the as-of time."""
        return self.store.feedback.frame()

    @cached_property
    def account_facts(self) -> pl.DataFrame:
        """Every value that the account book is known to have had, in ``FACT_SCHEMA``; also later ones.

        What the book says now, and nobody has noted yet, counts as learnt when the book was read.
        """
        workspace, noted = self.workspace, self.store.account_facts
        facts = pl.concat([noted.frame(), workspace.history.facts])
        at = workspace.reading_at(noted.newest(), as_of=self.as_of)
        return pl.concat([facts, changes(facts, workspace.book.accounts, at=at, timezone=self.timezone)])

    @cached_property
    def listed_accounts(self) -> pl.DataFrame:
        """The account book's rows with the values that hold at the instant.

        A row's position is the account's number. Accounts that were added later are there as well.
        """
        book = self.workspace.book.accounts
        return facts_at(self.account_facts, book, self.as_of, timezone=self.timezone)

    @cached_property
    def accounts(self) -> pl.DataFrame:
        """``listed_accounts``, in which who left, as people said by the instant, left too."""
        return with_departures(self.listed_accounts, self.feedback, as_of=self.as_of)

    def known_accounts(self, ats: Sequence[dt.datetime]) -> pl.DataFrame:
        """The fields of accounts as they were known at instants, for models: what ``known_facts`` returns.

        One row for each account (``account``, its number) and instant (``as_of``); each field of every account book,
        and ``known_FIELD``: false where nothing was known of it, not even that it was empty.
        """
        book = self.workspace.book.accounts
        fields = {name: BOOK_SCHEMA[name] for name in FIELDS}
        return known_facts(self.account_facts, book["account_id"], ats, timezone=self.timezone, fields=fields)

    @property
    def accounts_with_departures(self) -> pl.DataFrame:
        """``accounts`` for labels: ``churned_on`` as known at the instant, and when that was learnt.

        ``churn_seen_at`` is the instant at which the account book or somebody first said so.
        """
        left = self.departures.rename({"seen_at": "churn_seen_at"})
        rows = self.accounts.drop("churned_on").join(left, on="account_id", how="left", maintain_order="left")
        return rows.select(*self.accounts.columns, "churn_seen_at")

    @cached_property
    def departures(self) -> pl.DataFrame:
        """The churn dates known at the instant, with when each was learnt, as ``departures_known`` has them."""
        return departures_known(self.account_facts, self.feedback, as_of=self.as_of, timezone=self.timezone)

    @cached_property
    def promises(self) -> Promises:
        """The SLA targets of every account, by the tiers that held."""
        return self.workspace.promises(self.account_facts)

    # --- touches, facts, tickets ------------------------------------------------------------------

    @cached_property
    def _all_touches(self) -> Derived:
        """Made from everything that is stored."""
        return derived(self.store, self.workspace.directory, self.workspace.touch_rules)

    @cached_property
    def _known_touches(self) -> Derived:
        """Made from what was stored by the instant, where that makes a difference."""
        if settled_at(self._all_touches.unsettled, self.as_of):
            return self._all_touches
        return derived_at(self.store, self.workspace.directory, self.workspace.touch_rules, self.as_of)

    @property
    def touches(self) -> pl.LazyFrame:
        """The touches as they were known, in ``TOUCH_SCHEMA``; later ones too."""
        return self._known_touches.touches

    @property
    def links(self) -> pl.LazyFrame:
        """The references between messages, in ``LINK_SCHEMA``."""
        return self._known_touches.links

    @property
    def programs(self) -> pl.LazyFrame:
        """The mail that programs wrote, as far as it tells something, in ``PROGRAM_SCHEMA``."""
        return self._known_touches.programs

    @property
    def strangers(self) -> pl.DataFrame:
        """The people in conversations of an account who are neither ours nor any account's: ``STRANGER_SCHEMA``."""
        return self._known_touches.strangers

    @property
    def people(self) -> pl.DataFrame:
        """The addresses behind the numbers of people: ``MATCH_SCHEMA`` after ``person``."""
        return self._known_touches.people

    @property
    def messages(self) -> pl.LazyFrame:
        """All messages that the store holds, as they were read, in ``MESSAGE_SCHEMA``."""
        return self.store.messages()

    @property
    def messages_of_people(self) -> pl.LazyFrame:
        """All messages, each with the sender's address in ``people``, in ``MESSAGE_SCHEMA``."""
        sender = one_address(pl.col("sender"), self.workspace.touch_rules.aliases)
        return self.messages.with_columns(sender=sender)

    @cached_property
    def mailbox_status(self) -> pl.DataFrame:
        """The state of each mailbox that was read, in ``MAILBOX_STATUS_SCHEMA``."""
        return self.store.mailbox_status.frame()

    @cached_property
    def dismissals(self) -> pl.DataFrame:
        """The mails that somebody said by the instant need no answer, in ``DISMISSAL_SCHEMA``."""
        sender = one_address(pl.col("sender"), self.workspace.touch_rules.aliases)
        given = (
            self.store.dismissals().filter(pl.col("dismissed_at") <= self.as_of).with_columns(sender=sender)
        )
        book = self.workspace.book.accounts
        return numbered_dismissals(given, self.messages_of_people, accounts=book, people=self.people)

    @cached_property
    def marked(self) -> pl.DataFrame:
        """The touches with their conversations, for signals and tickets together."""
        return marked_touches(self.touches, self.workspace.conversation_rules)

    @cached_property
    def facts(self) -> Facts:
        """The facts of all accounts, in memory; what was dismissed is never due."""
        return self._facts(self.dismissals)

    @cached_property
    def facts_with_dismissed(self) -> Facts:
        """``facts`` as if nothing had been dismissed."""
        return self._facts(None)

    def _facts(self, dismissals: pl.DataFrame | None) -> Facts:
        return facts_of_marked(
            self.marked,
            self.links,
            self.programs,
            accounts=self.account_numbers,
            promises=self.promises,
            dismissals=dismissals,
        )

    @property
    def account_numbers(self) -> pl.Series:
        """The numbers of the accounts of the book, UInt32."""
        return pl.Series(range(self.workspace.book.accounts.height), dtype=pl.UInt32)

    @cached_property
    def tickets(self) -> Tickets:
        """All tickets as they stood at the instant."""
        return tickets_of_marked(
            self.marked,
            as_of=self.as_of,
            rules=self.workspace.ticket_rules,
            promises=self.promises,
            dismissals=self.dismissals,
        )

    @cached_property
    def ticket_rows(self) -> pl.DataFrame:
        """Every ticket as ``sla.ticket_rows.ticket_rows`` has it, with its id, names, and ``account`` by number."""
        rows = ticket_rows.ticket_rows(self.tickets).with_columns(number=pl.col("account"))
        return ticket_rows.with_ids(self.with_names(rows)).rename({"number": "account"})

    @cached_property
    def signals(self) -> pl.DataFrame:
        """All signals of all accounts at the instant, as ``signals.pipeline.signals`` returns them."""
        return signals(self.facts, [self.as_of], reply_horizon=self.workspace.reply_horizon)

    # --- names for numbers ------------------------------------------------------------------------

    @property
    def account_names(self) -> Mapping[str, str]:
        """The names of accounts by their ids."""
        return dict(self.accounts.select("account_id", "name").iter_rows())

    def with_names(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return rows with account ids and addresses in place of numbers."""
        ids = self.workspace.book.accounts["account_id"]
        return ticket_rows.with_names(rows, account_ids=ids, addresses=self.people["address"])

    def with_ids(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return rows of tickets with their ids, and account ids and addresses in place of numbers."""
        return ticket_rows.with_ids(self.with_names(rows)).drop("conversation")

    def with_subjects(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return named rows with the ``subject`` of the mail that opened the ticket, as far as subjects are kept."""
        opened = rows.select("contact", "opened_at").unique().lazy()
        subjects = (
            self.messages.select("subject", contact="sender", opened_at="sent_at")
            .join(opened, on=["contact", "opened_at"], how="semi")
            .group_by("contact", "opened_at")
            .agg(pl.col("subject").drop_nulls().min())
            .collect()
        )
        return rows.join(subjects, on=["contact", "opened_at"], how="left", maintain_order="left")
