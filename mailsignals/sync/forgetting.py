"""Takes people out of messages: a token stands for the address, and subjects that may name them go."""

import functools
import re
from collections.abc import Iterator, Sequence

import polars as pl

from mailsignals import threads
from mailsignals.store import Store
from mailsignals.store.forgotten import Forgotten, Person
from mailsignals.store.keys import KEY
from mailsignals.sync.engine import Border
from mailsignals.touches.people import RECIPIENTS
from mailsignals.touches.subjects import is_urgent, read_subjects

_ADDRESSES = ("mailbox", "sender")
_TEXTS = ("provider_id", "provider_thread_id", "message_id", "subject")
"""Where an address may stand within a text."""
_LISTS_OF_TEXTS = ("references", "labels")
REPLY = "Re:"
"""What is left of the subject of a reply."""

# What may stand before the at-sign, by the rules for addresses and a little beyond them.
_LOCAL_PART = r"[^\s<>(),:;\[\]\\\"@]{1,64}"


def forgetting(store: Store, *, urgency_words: Sequence[str]) -> Border:
    """What takes everybody out of new messages who was forgotten.

    Raises:
        UserError: the key of the hashes by which they are known is gone.
    """
    people = store.forgetting.people()
    if not people.tokens:
        return lambda messages: messages
    return functools.partial(without, people=people, urgency_words=urgency_words)


def without(messages: pl.DataFrame, *, people: Forgotten, urgency_words: Sequence[str]) -> pl.DataFrame:
    """The messages without anybody who was forgotten, wherever an address of theirs stands."""
    for person in people.among(sorted(_candidates(messages, people.domains))):
        messages = erased(messages, person, urgency_words=urgency_words)
    return messages


def erased(
    messages: pl.DataFrame,
    person: Person,
    *,
    urgency_words: Sequence[str],
    also: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """The messages with a token in the place of a person's address.

    Of a subject of theirs, or one that names the address, it is kept that it was a reply, and as the importance of the
    message that it was urgent; the words go.

    Args:
        messages: at least ``MESSAGE_SCHEMA``.
        person: who is taken out.
        urgency_words: what makes a subject urgent.
        also: keys (``KEY``) of further messages whose subjects go.
    """
    pattern = _pattern(person)
    bare = _bare(messages, person, also=also)
    told = read_subjects(messages.lazy().select("subject")).select(
        bare=bare.alias("bare"),
        reply=pl.when("is_reply").then(pl.lit(REPLY)),
        urgent=is_urgent(pl.col("subject"), urgency_words),
    )
    rows = pl.concat([messages.lazy(), told], how="horizontal")
    return (
        rows.with_columns(
            *(_replaced(pl.col(name), person) for name in _ADDRESSES),
            *(pl.col(name).list.eval(_replaced(pl.element(), person)) for name in RECIPIENTS),
            *(pl.col(name).str.replace_all(pattern, person.token) for name in _TEXTS if name != "subject"),
            *(
                pl.col(name).list.eval(pl.element().str.replace_all(pattern, person.token))
                for name in _LISTS_OF_TEXTS
            ),
            subject=pl.when("bare").then("reply").otherwise("subject"),
            importance=pl.when(pl.col("bare") & pl.col("urgent"))
            .then(pl.lit("high"))
            .otherwise("importance"),
        )
        .select(messages.columns)
        .collect()
    )


def takes_part(person: Person) -> pl.Expr:
    """Whether a person wrote, got or holds a message."""
    as_one = pl.any_horizontal(pl.col(name).eq(person.address) for name in _ADDRESSES)
    as_one_of_many = (pl.col(name).list.contains(person.address) for name in RECIPIENTS)
    return pl.any_horizontal(as_one, *as_one_of_many).fill_null(value=False)


def named(person: Person) -> pl.Expr:
    """Whether any text of a message names a person."""
    pattern = _pattern(person)
    texts = (pl.col(name).str.contains(pattern) for name in _TEXTS)
    lists = (
        pl.col(name).list.eval(pl.element().str.contains(pattern)).list.any() for name in _LISTS_OF_TEXTS
    )
    return pl.any_horizontal(takes_part(person), *texts, *lists).fill_null(value=False)


def in_threads_with(messages: pl.LazyFrame, person: Person) -> pl.DataFrame:
    """The keys (``KEY``) of all messages of the threads that a person takes part in; they share a subject."""
    copies = (
        messages.select(
            *KEY,
            "provider_thread_id",
            "references",
            id=pl.col("message_id").hash(),
            there=takes_part(person),
        )
        .collect()
        .with_row_index("message")
    )
    hashed = pl.col("references").list.eval(pl.element().hash())
    referred = copies.lazy().select("message", id=hashed).explode("id").drop_nulls()
    ids = pl.concat([copies.lazy().select("message", "id"), referred])
    edges = pl.concat([threads.shared_id_edges(ids), threads.provider_edges(copies)])
    found = copies.with_columns(thread=pl.Series(threads.components(edges, messages=copies.height)))
    return found.filter(pl.col("there").any().over("thread")).select(KEY)


def _bare(messages: pl.DataFrame, person: Person, *, also: pl.DataFrame | None) -> pl.Series:
    """Of each message whether its subject goes."""
    own = messages.select(
        takes_part(person) | pl.col("subject").str.contains(_pattern(person)).fill_null(value=False)
    ).to_series()
    if also is None:
        return own
    marked = also.unique().with_columns(bare=pl.lit(value=True))
    shared = messages.select(KEY).join(marked, on=KEY, how="left", maintain_order="left")["bare"]
    return own | shared.fill_null(value=False)


def _replaced(address: pl.Expr, person: Person) -> pl.Expr:
    return address.replace(person.address, person.token)


def _pattern(person: Person) -> str:
    return f"(?i){pl.escape_regex(person.address)}"


def _candidates(messages: pl.DataFrame, domains: Sequence[str]) -> set[str]:
    """What in the messages may be an address at one of these domains, also where it only ends a longer word."""
    at_one = "(?i)@(?:" + "|".join(pl.escape_regex(domain) for domain in domains) + ")"
    texts = pl.concat(
        [
            *(messages.select(text=name) for name in (*_ADDRESSES, *_TEXTS)),
            *(messages.select(text=name).explode("text") for name in (*RECIPIENTS, *_LISTS_OF_TEXTS)),
        ]
    )
    holding = texts.filter(pl.col("text").str.contains(at_one)).unique().to_series()
    return {address for text in holding.to_list() for address in _addresses(text, domains)}


def _addresses(text: str, domains: Sequence[str]) -> Iterator[str]:
    """Every ending of what stands before an at-sign and one of the domains, in lower case."""
    for domain in domains:
        for found in re.finditer(rf"({_LOCAL_PART})@{re.escape(domain)}", text, re.IGNORECASE):
            local = found[1].lower()
            yield from (f"{local[start:]}@{domain}" for start in range(len(local)))
