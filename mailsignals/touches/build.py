"""Turn messages into touches, step by step."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from mailsignals import threads
from mailsignals.schema import LINK_SCHEMA, PERIOD_SCHEMA, TOUCH_SCHEMA, Role
from mailsignals.touches.copies import changing_periods, logical_messages, number_messages, references
from mailsignals.touches.merges import mail_merges
from mailsignals.touches.people import Directory, People, addressee, mailbox_owners, number_people, recipients
from mailsignals.touches.programs import ProgramMail, program_mail, program_rows
from mailsignals.touches.strangers import outsiders, strangers
from mailsignals.touches.subjects import read_subjects

TOUCH_ORDER = ["sent_at", "outbound", "message_id", "person", "provider", "mailbox", "provider_id"]
"""The order of touches, also where times are equal: inbound before outbound, then by the sender's address."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TouchRules:
    """The rules for announcements and urgency when messages become touches."""

    mail_merge_accounts: int = 10
    """The number of accounts that make an email an announcement; 0: never."""
    urgency_words: tuple[str, ...] = ()
    aliases: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """The main address of an internal person, by each of their other addresses."""
    compare_subjects: bool = True
    """Whether copies with different ids are matched by subject; false where the store keeps no subjects."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Touches:
    """The touches of all accounts, with their links, automated mail, strangers and people."""

    frame: pl.DataFrame
    """``TOUCH_SCHEMA``, sorted by account, thread and ``TOUCH_ORDER``."""
    links: pl.DataFrame
    """``LINK_SCHEMA``: the ids that touches refer to."""
    programs: pl.DataFrame
    """``PROGRAM_SCHEMA``: automated mail, sorted by account and time."""
    strangers: pl.DataFrame
    """``STRANGER_SCHEMA``: people in conversations of an account who are neither internal nor of any account."""
    people: pl.DataFrame
    """``MATCH_SCHEMA`` after ``person``, the position of the address."""
    unsettled: pl.DataFrame
    """``PERIOD_SCHEMA``: the periods within which the touches differed, before a copy or the rest of a merge arrived.

    For an as-of time within one of them, build the touches again with ``seen_until``.
    """

    def settled_at(self, as_of: dt.datetime) -> bool:
        """Return whether these touches, cut at ``as_of``, are the touches as known at that time."""
        return settled_at(self.unsettled, as_of)


def settled_at(unsettled: pl.DataFrame, as_of: dt.datetime) -> bool:
    """Return whether a time lies outside all of these periods (``PERIOD_SCHEMA``)."""
    return unsettled.filter((pl.col("since") <= as_of) & (as_of < pl.col("until"))).is_empty()


def build(
    messages: pl.LazyFrame,
    directory: Directory,
    rules: TouchRules,
    *,
    seen_until: dt.datetime | None = None,
) -> Touches:
    """Return all touches of these messages.

    Copies of one email and threads are found over all messages. The contents of emails and the mail merges are
    those known at ``seen_until``.

    Args:
        messages: ``MESSAGE_SCHEMA``, one row per copy.
        directory: the rules that match addresses to your team and accounts.
        rules: the rules for announcements and urgency.
        seen_until: an as-of time that is not settled; None: all messages count.
    """
    people = number_people(messages, directory, rules.aliases)
    copies = number_messages(messages, people, compare_subjects=rules.compare_subjects)
    mail = _mail(copies, people, rules)
    thread_of = _threads(copies, mail.touches)
    seen = copies
    if seen_until is not None:
        seen = copies.filter(pl.col("sent_at") <= seen_until)
        mail = _mail(seen, people, rules)
    return Touches(
        frame=_in_order(_threaded(mail.touches, thread_of)),
        links=_links(copies, seen, mail.touches),
        programs=_threaded(mail.programs.rows, thread_of).pipe(program_rows),
        strangers=strangers(_threaded(mail.outside, thread_of), _threaded(mail.touches, thread_of)),
        people=people.frame,
        unsettled=pl.concat(
            [
                changing_periods(seen, mail.by_mailbox),
                mail.merges.lazy().select("since", "until"),
                mail.programs.changing,
            ]
        )
        .filter(pl.col("since") < pl.col("until"))
        .unique()
        .cast(PERIOD_SCHEMA)
        .sort("since", "until")
        .collect(),
    )


class _Mail(NamedTuple):
    """The touches and other results of some copies."""

    touches: pl.DataFrame
    """In touch order, with ``message``, ``is_reply`` and ``base_subject``."""
    merges: pl.DataFrame
    """Mail merges that people wrote, as ``mail_merges`` returns them."""
    programs: ProgramMail
    """Automated mail."""
    outside: pl.DataFrame
    """People of messages who are neither internal nor of any account, as ``outsiders`` returns them."""
    by_mailbox: pl.Series
    """The messages whose recipients are the mailboxes that hold a copy."""


def _mail(copies: pl.DataFrame, people: People, rules: TouchRules) -> _Mail:
    logical = _logical_messages(copies, people, rules)
    reached = recipients(copies, people)
    hidden = _hidden(logical, reached, copies, people)
    both = pl.concat([_inbound(logical, reached, hidden), _outbound(logical, reached)], how="diagonal")
    directed = (
        read_subjects(both.with_columns(pl.col("copied").fill_null(0)))
        .sort(*TOUCH_ORDER, "account")
        .collect()
    )
    written = directed.filter(pl.col("automated").is_null())
    merges = mail_merges(written, accounts=rules.mail_merge_accounts)
    return _Mail(
        touches=written.join(merges, on="message", how="anti", maintain_order="left"),
        merges=merges,
        programs=program_mail(
            directed, logical, copies, reached, mail_merge_accounts=rules.mail_merge_accounts
        ),
        outside=outsiders(logical, reached, merges),
        by_mailbox=hidden["message"].unique(),
    )


def _logical_messages(copies: pl.DataFrame, people: People, rules: TouchRules) -> pl.DataFrame:
    """All logical messages, with whether the sender is internal, the sender's role and account."""
    of_sender = people.frame.lazy().select("person", "internal", "account", sender_role="role")
    logical = logical_messages(copies, urgency_words=rules.urgency_words)
    return logical.join(of_sender, on="person").collect()


def _hidden(
    logical: pl.DataFrame, reached: pl.DataFrame, copies: pl.DataFrame, people: People
) -> pl.DataFrame:
    """The mailboxes that stand for the recipients of customer emails addressed only to the customer's own people."""
    own = (
        logical.lazy()
        .filter(~pl.col("internal"), pl.col("account").is_not_null())
        .select("message", "account")
    )
    others = (
        reached.lazy()
        .join(own, on="message", suffix="_of_sender")
        .filter(pl.col("internal") | pl.col("account").ne_missing(pl.col("account_of_sender")))
    )
    alone = own.join(others, on="message", how="anti")
    return mailbox_owners(copies.lazy().join(alone, on="message", how="semi"), people).collect()


def _inbound(logical: pl.DataFrame, reached: pl.DataFrame, hidden: pl.DataFrame) -> pl.LazyFrame:
    """Customer emails to internal recipients, or else to the owners of the mailboxes that hold them."""
    to_us = pl.concat([reached.filter("internal"), hidden.select(reached.columns)]).lazy()
    ours = pl.col("internal")
    addressed = to_us.group_by("message").agg(
        role=pl.col("role").filter(ours).min().fill_null(pl.lit("other", dtype=Role)),
        addressee=addressee(),
        anybody=ours.any(),
    )
    return (
        logical.lazy()
        .filter(~pl.col("internal"), pl.col("account").is_not_null())
        .join(addressed, on="message")
        .join(_by_account(reached), on=["message", "account"], how="left")
        .with_columns(outbound=pl.lit(value=False), addressee=pl.when("anybody").then("addressee"))
        .drop("anybody")
    )


def _outbound(logical: pl.DataFrame, reached: pl.DataFrame) -> pl.LazyFrame:
    """Emails of your team, once for each account of their recipients."""
    return (
        logical.lazy()
        .filter("internal")
        .drop("account")
        .join(_by_account(reached), on="message")
        .with_columns(
            role=pl.col("sender_role"), outbound=pl.lit(value=True), addressee=pl.lit(None, dtype=pl.UInt32)
        )
    )


def _by_account(reached: pl.DataFrame) -> pl.LazyFrame:
    """The number of recipients of each account, per message."""
    theirs = reached.lazy().filter(~pl.col("internal"), pl.col("account").is_not_null())
    return theirs.group_by("message", "account").agg(copied=pl.len().clip(upper_bound=65535))


def _threads(copies: pl.DataFrame, touches: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """The thread of each logical message, at the position of its number."""
    ids = pl.concat([copies.lazy().select("message", "id"), references(copies)])
    edges = pl.concat([threads.shared_id_edges(ids), threads.provider_edges(copies)])
    groups = threads.components(edges, messages=copies.height)
    grouped = touches.with_columns(group=pl.Series(groups[touches["message"].to_numpy()], dtype=pl.UInt32))
    joined = threads.components(threads.subject_edges(grouped), messages=int(groups.max(initial=0)) + 1)
    return joined[groups]


def _threaded(rows: pl.DataFrame, thread_of: np.ndarray[tuple[int], np.dtype[np.int32]]) -> pl.DataFrame:
    """Rows with the ``thread`` of their ``message``."""
    return rows.with_columns(thread=pl.Series(thread_of[rows["message"].to_numpy()], dtype=pl.UInt32))


def _in_order(touches: pl.DataFrame) -> pl.DataFrame:
    """Touches sorted by account and thread, threads by their first touch, which is the order for turns."""
    return (
        touches.lazy()
        .with_row_index("position")
        .with_columns(thread=pl.col("position").min().over("account", "thread"))
        .sort("account", "thread", "position")
        .select(pl.col(name).cast(dtype) for name, dtype in TOUCH_SCHEMA.items())
        .collect()
    )


def _links(copies: pl.DataFrame, seen: pl.DataFrame, touches: pl.DataFrame) -> pl.DataFrame:
    """The ids that touches refer to, with the time of each of these messages that is stored."""
    again = pl.col("reference") == pl.col("reference").shift(1)
    stored = (
        copies.lazy().filter(pl.col("id").is_not_null()).group_by("id").agg(stored_at=pl.col("sent_at").min())
    )
    return (
        references(seen)
        .unique()
        .join(touches.lazy().select("message", "account", "sent_at"), on="message")
        .join(stored, on="id", how="left")
        .with_columns(reference=pl.col("id") ^ pl.col("account").hash())
        .sort("reference", "sent_at")
        .with_columns(previous_at=pl.when(again).then(pl.col("sent_at").shift(1)))
        .sort("sent_at")
        .select(pl.col(name).cast(dtype) for name, dtype in LINK_SCHEMA.items())
        .collect()
    )
