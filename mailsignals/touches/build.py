"""Messages to touches, in one story."""

import dataclasses
import datetime as dt

import numpy as np
import polars as pl

from mailsignals import threads
from mailsignals.schema import LINK_SCHEMA, PERIOD_SCHEMA, TOUCH_SCHEMA
from mailsignals.touches.copies import changing_periods, logical_messages, number_messages, references
from mailsignals.touches.merges import mail_merges
from mailsignals.touches.people import Directory, addressee, number_people, recipients
from mailsignals.touches.subjects import read_subjects

TOUCH_ORDER = ["sent_at", "outbound", "message_id", "person", "provider", "mailbox", "provider_id"]
"""What comes first where instants are equal: inbound before outbound, and senders by address."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TouchRules:
    """The rules for announcements and urgency when messages become touches."""

    mail_merge_accounts: int = 10
    """From how many accounts on the same mail is an announcement; 0: never."""
    urgency_words: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Touches:
    """The touches of all accounts, and what belongs to them."""

    frame: pl.DataFrame
    """``TOUCH_SCHEMA``, sorted by account, thread and ``TOUCH_ORDER``."""
    links: pl.DataFrame
    """``LINK_SCHEMA``: the ids that touches refer to."""
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

    Threads are found over all messages; copies and mail merges are those known at ``seen_until``.

    Args:
        messages: ``MESSAGE_SCHEMA``, one row a copy.
        directory: whose an address is.
        rules: what makes a touch.
        seen_until: an as-of instant that is not settled; null: everything.
    """
    people = number_people(messages, directory)
    copies = number_messages(messages, people)
    touches, merges = _touches(copies, people, rules)
    thread_of = _threads(copies, touches)
    seen = copies
    if seen_until is not None:
        seen = copies.filter(pl.col("sent_at") <= seen_until)
        touches, merges = _touches(seen, people, rules)
    threaded = touches.with_columns(
        thread=pl.Series(thread_of[touches["message"].to_numpy()], dtype=pl.UInt32)
    )
    return Touches(
        frame=_in_order(threaded),
        links=_links(copies, seen, touches),
        people=people,
        unsettled=pl.concat([changing_periods(seen), merges.lazy().select("since", "until").unique()])
        .filter(pl.col("since") < pl.col("until"))
        .cast(PERIOD_SCHEMA)
        .sort("since", "until")
        .collect(),
    )


def _touches(
    copies: pl.DataFrame, people: pl.DataFrame, rules: TouchRules
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The touches of these copies, in touch order, and the mail merges among their messages."""
    candidates = _candidates(copies, people, rules)
    merges = mail_merges(candidates, accounts=rules.mail_merge_accounts)
    return candidates.join(merges, on="message", how="anti", maintain_order="left"), merges


def _candidates(copies: pl.DataFrame, people: pl.DataFrame, rules: TouchRules) -> pl.DataFrame:
    """What would be touches if there were no mail merges, in touch order."""
    told = recipients(copies, people)
    of_sender = people.lazy().select("person", "internal", "account", sender_role="role")
    logical = (
        logical_messages(copies, urgency_words=rules.urgency_words)
        .filter(~pl.col("automated"))
        .join(of_sender, on="person")
        .collect()
        .lazy()
    )
    internal = (
        told.lazy()
        .filter("internal")
        .group_by("message")
        .agg(role=pl.col("role").min(), addressee=addressee())
    )
    reached = (
        told.lazy()
        .filter(~pl.col("internal"))
        .group_by("message", "account")
        .agg(copied=pl.len().clip(upper_bound=65535))
    )
    inbound = (
        logical.filter(~pl.col("internal") & pl.col("account").is_not_null())
        .join(internal, on="message")
        .join(reached, on=["message", "account"], how="left")
        .with_columns(outbound=pl.lit(value=False))
    )
    outbound = (
        logical.filter("internal")
        .drop("account")
        .join(reached, on="message")
        .with_columns(
            role=pl.col("sender_role"), outbound=pl.lit(value=True), addressee=pl.lit(None, dtype=pl.UInt32)
        )
    )
    both = pl.concat([inbound, outbound], how="diagonal").with_columns(pl.col("copied").fill_null(0))
    return read_subjects(both).sort(*TOUCH_ORDER, "account").collect()


def _threads(copies: pl.DataFrame, touches: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """The thread of each logical message, at the position of its number."""
    ids = pl.concat([copies.lazy().select("message", "id"), references(copies)])
    edges = pl.concat(
        [threads.shared_id_edges(ids), threads.provider_edges(copies), threads.subject_edges(touches)]
    )
    return threads.components(edges, messages=copies.height)


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
