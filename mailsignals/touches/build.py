"""Messages to touches, in one story."""

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
"""What comes first where instants are equal: inbound before outbound, and senders by address."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TouchRules:
    """The rules for announcements and urgency when messages become touches."""

    mail_merge_accounts: int = 10
    """From how many accounts on the same mail is an announcement; 0: never."""
    urgency_words: tuple[str, ...] = ()
    aliases: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """The address under which one of us is known, of each of their other addresses."""
    compare_subjects: bool = True
    """Whether copies under different ids are known by subject; not where the store keeps none."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Touches:
    """The touches of all accounts, and what belongs to them."""

    frame: pl.DataFrame
    """``TOUCH_SCHEMA``, sorted by account, thread and ``TOUCH_ORDER``."""
    links: pl.DataFrame
    """``LINK_SCHEMA``: the ids that touches refer to."""
    programs: pl.DataFrame
    """``PROGRAM_SCHEMA``: mail that programs wrote, by account and time."""
    strangers: pl.DataFrame
    """``STRANGER_SCHEMA``: who takes part in conversations of an account, and belongs to nobody."""
    people: pl.DataFrame
    """``MATCH_SCHEMA`` after ``person``, the position of the address."""
    unsettled: pl.DataFrame
    """``PERIOD_SCHEMA``: within these periods the touches looked different, a copy or the rest of a merge being due.

    For an instant within one of them build again, with ``seen_until``.
    """

    def settled_at(self, as_of: dt.datetime) -> bool:
        """Return whether these touches, cut at ``as_of``, are those that were known then."""
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
    """All touches of these messages.

    Copies of one mail and threads are found over all messages; what a mail says, and which mails are a merge, is as
    known at ``seen_until``.

    Args:
        messages: ``MESSAGE_SCHEMA``, one row a copy.
        directory: whose an address is.
        rules: what makes a touch.
        seen_until: an as-of instant that is not settled; null: everything.
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
    """What some copies make."""

    touches: pl.DataFrame
    """In touch order, with ``message``, ``is_reply`` and ``base_subject``."""
    merges: pl.DataFrame
    """Mail merges that people wrote, as ``mail_merges`` returns them."""
    programs: ProgramMail
    """Mail that programs wrote."""
    outside: pl.DataFrame
    """Who wrote or got each message of people and belongs to nobody, as ``outsiders`` returns them."""
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
    """The mailboxes that stand for the recipients of customers' mails that name nobody but their own people."""
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
    """Customers' mails to somebody of us, or that a mailbox holds where they name nobody but their own people."""
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
    """Our mails, once for each account that they went to."""
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
    """How many people of each account a message went to."""
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
    """Sorted by account and thread, threads by their first touch: the order in which turns are read off."""
    return (
        touches.lazy()
        .with_row_index("position")
        .with_columns(thread=pl.col("position").min().over("account", "thread"))
        .sort("account", "thread", "position")
        .select(pl.col(name).cast(dtype) for name, dtype in TOUCH_SCHEMA.items())
        .collect()
    )


def _links(copies: pl.DataFrame, seen: pl.DataFrame, touches: pl.DataFrame) -> pl.DataFrame:
    """What touches refer to, and when those messages were sent, if we hold them."""
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
