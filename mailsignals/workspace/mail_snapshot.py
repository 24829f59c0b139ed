"""The mail of a company as of one time: touches, facts, tickets and signals."""

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
    """The mail of a company as of a time.

    Attributes:
        workspace: the company's configuration and account list.
        store: its store, open for reading.
        as_of: the as-of time; nothing later counts.
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
        """The date of the as-of time in the company's time zone."""
        return self.workspace.day(self.as_of)

    # --- the account list -------------------------------------------------------------------------

    @cached_property
    def feedback(self) -> pl.DataFrame:
        """The feedback on accounts, in ``FEEDBACK_SCHEMA``; also entries made after the as-of time."""
        return self.store.feedback.frame()

    @cached_property
    def account_facts(self) -> pl.DataFrame:
        """All known values of the account list over time, in ``FACT_SCHEMA``, also those after the as-of time.

        A current value that is not recorded yet counts from the time at which the account list was read.
        """
        workspace, noted = self.workspace, self.store.account_facts
        facts = pl.concat([noted.frame(), workspace.history.facts])
        at = workspace.reading_at(noted.newest(), as_of=self.as_of)
        return pl.concat([facts, changes(facts, workspace.book.accounts, at=at, timezone=self.timezone)])

    @cached_property
    def listed_accounts(self) -> pl.DataFrame:
        """The rows of the account list with their values as of the time.

        A row's position is the account's number. Accounts added later are included.
        """
        book = self.workspace.book.accounts
        return facts_at(self.account_facts, book, self.as_of, timezone=self.timezone)

    @cached_property
    def accounts(self) -> pl.DataFrame:
        """``listed_accounts`` with the churn dates from feedback by the as-of time."""
        return with_departures(self.listed_accounts, self.feedback, as_of=self.as_of)

    def known_accounts(self, ats: Sequence[dt.datetime]) -> pl.DataFrame:
        """Return the fields of accounts as known at several times, for models, as ``known_facts`` does.

        One row per account (``account``, its number) and time (``as_of``). The other columns are all fields of the
        account list, each with ``known_FIELD``: false where not even an empty value was known.
        """
        book = self.workspace.book.accounts
        fields = {name: BOOK_SCHEMA[name] for name in FIELDS}
        return known_facts(self.account_facts, book["account_id"], ats, timezone=self.timezone, fields=fields)

    @property
    def accounts_with_departures(self) -> pl.DataFrame:
        """``accounts`` for labels: ``churned_on`` as known at the as-of time, and ``churn_seen_at``.

        ``churn_seen_at`` is the time at which the account list or feedback first had the churn date.
        """
        left = self.departures.rename({"seen_at": "churn_seen_at"})
        rows = self.accounts.drop("churned_on").join(left, on="account_id", how="left", maintain_order="left")
        return rows.select(*self.accounts.columns, "churn_seen_at")

    @cached_property
    def departures(self) -> pl.DataFrame:
        """The churn dates known at the as-of time, each with its ``seen_at``, as ``departures_known`` returns them."""
        return departures_known(self.account_facts, self.feedback, as_of=self.as_of, timezone=self.timezone)

    @cached_property
    def promises(self) -> Promises:
        """The SLA targets of every account, by its tiers over time."""
        return self.workspace.promises(self.account_facts)

    # --- touches, facts, tickets ------------------------------------------------------------------

    @cached_property
    def _all_touches(self) -> Derived:
        """Touches and other results derived from everything in the store."""
        return derived(self.store, self.workspace.directory, self.workspace.touch_rules)

    @cached_property
    def _known_touches(self) -> Derived:
        """Touches and other results derived from messages up to the as-of time, where that makes a difference."""
        if settled_at(self._all_touches.unsettled, self.as_of):
            return self._all_touches
        return derived_at(self.store, self.workspace.directory, self.workspace.touch_rules, self.as_of)

    @property
    def touches(self) -> pl.LazyFrame:
        """The touches as known at the as-of time, in ``TOUCH_SCHEMA``, and later ones."""
        return self._known_touches.touches

    @property
    def links(self) -> pl.LazyFrame:
        """The references between messages, in ``LINK_SCHEMA``."""
        return self._known_touches.links

    @property
    def programs(self) -> pl.LazyFrame:
        """The automated mail that signals use, in ``PROGRAM_SCHEMA``."""
        return self._known_touches.programs

    @property
    def strangers(self) -> pl.DataFrame:
        """The people in accounts' conversations who are neither internal nor of any account: ``STRANGER_SCHEMA``."""
        return self._known_touches.strangers

    @property
    def people(self) -> pl.DataFrame:
        """The addresses of people by their numbers: ``MATCH_SCHEMA`` after ``person``."""
        return self._known_touches.people

    @property
    def messages(self) -> pl.LazyFrame:
        """All messages in the store, as synced, in ``MESSAGE_SCHEMA``."""
        return self.store.messages()

    @property
    def messages_of_people(self) -> pl.LazyFrame:
        """All messages, each with the sender's address in ``people``, in ``MESSAGE_SCHEMA``."""
        sender = one_address(pl.col("sender"), self.workspace.touch_rules.aliases)
        return self.messages.with_columns(sender=sender)

    @cached_property
    def mailbox_status(self) -> pl.DataFrame:
        """The state of each synced mailbox, in ``MAILBOX_STATUS_SCHEMA``."""
        return self.store.mailbox_status.frame()

    @cached_property
    def dismissals(self) -> pl.DataFrame:
        """The emails dismissed by the as-of time, which need no response, in ``DISMISSAL_SCHEMA``."""
        sender = one_address(pl.col("sender"), self.workspace.touch_rules.aliases)
        given = (
            self.store.dismissals().filter(pl.col("dismissed_at") <= self.as_of).with_columns(sender=sender)
        )
        book = self.workspace.book.accounts
        return numbered_dismissals(given, self.messages_of_people, accounts=book, people=self.people)

    @cached_property
    def marked(self) -> pl.DataFrame:
        """The touches with their conversations, used for signals and for tickets."""
        return marked_touches(self.touches, self.workspace.conversation_rules)

    @cached_property
    def facts(self) -> Facts:
        """The facts of all accounts, in memory; dismissed emails are never due."""
        return self._facts(self.dismissals)

    @cached_property
    def facts_with_dismissed(self) -> Facts:
        """``facts`` without regard to dismissals."""
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
        """The numbers of all accounts of the account list, UInt32."""
        return pl.Series(range(self.workspace.book.accounts.height), dtype=pl.UInt32)

    @cached_property
    def tickets(self) -> Tickets:
        """All tickets as of the time."""
        return tickets_of_marked(
            self.marked,
            as_of=self.as_of,
            rules=self.workspace.ticket_rules,
            promises=self.promises,
            dismissals=self.dismissals,
        )

    @cached_property
    def ticket_rows(self) -> pl.DataFrame:
        """The rows of ``sla.ticket_rows.ticket_rows`` with ids and names; ``account`` is the account's number."""
        rows = ticket_rows.ticket_rows(self.tickets).with_columns(number=pl.col("account"))
        return ticket_rows.with_ids(self.with_names(rows)).rename({"number": "account"})

    @cached_property
    def signals(self) -> pl.DataFrame:
        """All signals of all accounts as of the time, as ``signals.pipeline.signals`` returns them."""
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
        """Return named rows with the ``subject`` of the email that opened the ticket; null without a stored subject."""
        opened = rows.select("contact", "opened_at").unique().lazy()
        subjects = (
            self.messages.select("subject", contact="sender", opened_at="sent_at")
            .join(opened, on=["contact", "opened_at"], how="semi")
            .group_by("contact", "opened_at")
            .agg(pl.col("subject").drop_nulls().min())
            .collect()
        )
        return rows.join(subjects, on=["contact", "opened_at"], how="left", maintain_order="left")
