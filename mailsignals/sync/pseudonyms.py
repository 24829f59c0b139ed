"""Erases people from messages: replaces addresses by tokens, and removes subjects that may contain names."""

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from mailsignals import threads
from mailsignals.store import Store
from mailsignals.store.messages.fingerprints import KEY
from mailsignals.store.upkeep.pseudonyms import ErasedPerson, Pseudonyms
from mailsignals.sync.engine import MessageFilter
from mailsignals.touches.people import RECIPIENTS
from mailsignals.touches.subjects import is_urgent, read_subjects

_ADDRESSES = ("mailbox", "sender")
_IDS = ("provider_id", "provider_thread_id", "message_id")
_LISTS_OF_TEXTS = ("references", "labels")
"""Text columns that may contain an address, besides the subject."""
REPLY = "Re:"
"""The remaining subject of a reply."""

# Characters before the at-sign, by the rules for addresses and a little beyond them.
_LOCAL_PART = r"[^\s<>(),:;\[\]\\\"@]{1,64}"

_OF_ONE_MAILBOX = ("provider", "mailbox")


def pseudonym_filter(store: Store, *, urgency_words: Sequence[str]) -> MessageFilter:
    """Return the filter that removes all erased people from new messages.

    Raises:
        UserError: the key of their hashes is missing.
    """
    people = store.erasure.people()
    if not people.tokens:
        return lambda messages: messages
    hushed = store.erasure.hushed()

    def through(messages: pl.DataFrame) -> pl.DataFrame:
        return erased(messages, among(messages, people), hushed=hushed, urgency_words=urgency_words)

    return through


def erase(
    store: Store, person: ErasedPerson, shared: pl.DataFrame, *, urgency_words: Sequence[str], at: dt.datetime
) -> None:
    """Erase a person from the store, and from all mail that is read from now on.

    ``shared`` is the result of ``in_threads_with``.
    """
    hushed = marks(_renamed(shared, person))
    store.erasure.forget(
        person,
        lambda messages: erased(messages, [person], hushed=hushed, urgency_words=urgency_words),
        hushed=hushed,
        at=at,
    )


def among(messages: pl.DataFrame, people: Pseudonyms) -> list[ErasedPerson]:
    """Return the erased people that are named anywhere in the messages."""
    return people.among(sorted(_candidates(messages, people.domains)))


def erased(
    messages: pl.DataFrame, people: Iterable[ErasedPerson], *, hushed: pl.Series, urgency_words: Sequence[str]
) -> pl.DataFrame:
    """Return the messages with tokens in place of people's addresses, without subjects that may name them.

    An email loses its subject if one of them takes part in it, if it names an address of theirs, or if it is in a
    hushed thread. Whether it was a reply stays in the subject, and its urgency in the importance.

    Args:
        messages: at least ``MESSAGE_SCHEMA``.
        people: the people to erase.
        hushed: marks of threads, as ``marks`` returns them.
        urgency_words: words that make a subject urgent.
    """
    bare = pl.Series(values=[False], dtype=pl.Boolean).new_from_index(0, messages.height)
    for person in people:
        bare |= messages.select(takes_part(person) | _says(pl.col("subject"), person)).to_series()
        messages = _renamed(messages, person)
    return _without_subjects(messages, bare | _belongs(messages, hushed), urgency_words)


def _renamed(messages: pl.DataFrame, person: ErasedPerson) -> pl.DataFrame:
    """The messages, or some columns of them, with the token in place of the address; not in subjects."""
    addresses = {name: _replaced(pl.col(name), person) for name in _ADDRESSES}
    lists = {name: pl.col(name).list.eval(_replaced(pl.element(), person)) for name in RECIPIENTS}
    ids = {name: _reworded(pl.col(name), person) for name in _IDS}
    texts = {name: pl.col(name).list.eval(_reworded(pl.element(), person)) for name in _LISTS_OF_TEXTS}
    every = {**addresses, **lists, **ids, **texts}
    return messages.with_columns(every[name] for name in messages.columns if name in every)


def _without_subjects(messages: pl.DataFrame, bare: pl.Series, urgency_words: Sequence[str]) -> pl.DataFrame:
    if not bare.any():
        return messages
    urgent = is_urgent(pl.col("subject"), urgency_words)
    told = (
        read_subjects(messages.lazy().select("subject"))
        .select(reply=pl.when("is_reply").then(pl.lit(REPLY)), urgent=urgent, bare=bare)
        .collect()
    )
    return (
        messages.hstack(told)
        .with_columns(
            subject=pl.when("bare").then("reply").otherwise("subject"),
            importance=pl.when(pl.col("bare") & pl.col("urgent"))
            .then(pl.lit("high"))
            .otherwise("importance"),
        )
        .select(messages.columns)
    )


def takes_part(person: ErasedPerson) -> pl.Expr:
    """Return an expression for whether a person sent or received a message, or owns its mailbox."""
    as_one = (pl.col(name) == person.address for name in _ADDRESSES)
    as_one_of_many = (pl.col(name).list.contains(person.address) for name in RECIPIENTS)
    return pl.any_horizontal(*as_one, *as_one_of_many).fill_null(value=False)


def names_person(person: ErasedPerson) -> pl.Expr:
    """Return an expression for whether any text of a message names a person."""
    texts = (_says(pl.col(name), person) for name in (*_IDS, "subject"))
    lists = (pl.col(name).list.eval(_says(pl.element(), person)).list.any() for name in _LISTS_OF_TEXTS)
    return pl.any_horizontal(takes_part(person), *texts, *lists).fill_null(value=False)


def in_threads_with(messages: pl.LazyFrame, person: ErasedPerson) -> pl.DataFrame:
    """Return all messages of the threads that a person takes part in, with the columns that ``marks`` reads."""
    refers = pl.col("references").list.eval(pl.element().hash())
    copies = (
        messages.select(
            *KEY,
            "provider_thread_id",
            refers,
            id=_known_id(pl.col("message_id")).hash(),
            there=takes_part(person),
        )
        .collect(engine="streaming")
        .with_row_index("message")
    )
    own = copies.lazy().select("message", "id")
    referred = copies.lazy().select("message", id="references").explode("id")
    edges = pl.concat([threads.shared_id_edges(pl.concat([own, referred])), threads.provider_edges(copies)])
    found = copies.with_columns(thread=pl.Series(threads.components(edges, messages=copies.height)))
    keys = found.filter(pl.col("there").any().over("thread")).select(KEY).lazy()
    return messages.join(keys, on=KEY, how="semi").select(*_OF_ONE_MAILBOX, *_IDS, "references").collect()


def _known_id(text: pl.Expr) -> pl.Expr:
    return pl.when(text != "").then(text)


def marks(messages: pl.DataFrame) -> pl.Series:
    """Return the marks of the threads of messages, each once: hashes that identify a thread and reveal nothing."""
    return _marks(messages)["mark"].unique()


def _belongs(messages: pl.DataFrame, hushed: pl.Series) -> pl.Series:
    """For each message, whether it has one of these marks."""
    rows = pl.int_range(messages.height, eager=True, dtype=pl.UInt32)
    if hushed.is_empty():
        return rows < 0
    return rows.is_in(_marks(messages).filter(pl.col("mark").is_in(hushed.implode()))["message"].implode())


def _marks(messages: pl.DataFrame) -> pl.DataFrame:
    """``message`` (the row number) and ``mark``: for its ids, the ids it refers to, and the provider's thread."""
    copies = messages.select(*_OF_ONE_MAILBOX, *_IDS, "references").with_row_index("message")
    at_home = (
        copies.lazy().select(
            "message", id=pl.concat_str(*_OF_ONE_MAILBOX, pl.lit(name), name, separator="\x1f")
        )
        for name in ("provider_thread_id", "provider_id")
    )
    own = copies.lazy().select("message", id="message_id")
    referred = copies.lazy().select("message", id="references").explode("id")
    told = pl.concat([own, referred, *at_home]).filter(pl.col("id") != "").collect()
    texts = told["id"].unique()
    numbers = [_number(text) for text in texts.to_list()]
    known = pl.DataFrame({"id": texts, "mark": pl.Series(numbers, dtype=pl.Int64)})
    return told.join(known, on="id").select("message", "mark")


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little", signed=True)


def _replaced(address: pl.Expr, person: ErasedPerson) -> pl.Expr:
    return address.replace(person.address, person.token)


def _reworded(text: pl.Expr, person: ErasedPerson) -> pl.Expr:
    return text.str.replace_all(_pattern(person), person.token)


def _says(text: pl.Expr, person: ErasedPerson) -> pl.Expr:
    return text.str.contains(_pattern(person)).fill_null(value=False)


def _pattern(person: ErasedPerson) -> str:
    return f"(?i){pl.escape_regex(person.address)}"


def _candidates(messages: pl.DataFrame, domains: Sequence[str]) -> set[str]:
    """Possible addresses at these domains in the messages, also at the end of a longer word."""
    at_one = "(?i)@(?:" + "|".join(pl.escape_regex(domain) for domain in domains) + ")"
    texts = pl.concat(
        [
            *(messages.select(text=name) for name in (*_ADDRESSES, *_IDS, "subject")),
            *(messages.select(text=name).explode("text") for name in (*RECIPIENTS, *_LISTS_OF_TEXTS)),
        ]
    )
    holding = texts.filter(pl.col("text").str.contains(at_one)).unique().to_series()
    return {address for text in holding.to_list() for address in _addresses(text, domains)}


def _addresses(text: str, domains: Sequence[str]) -> Iterator[str]:
    """Every suffix of the text before an at-sign and one of the domains, in lower case."""
    for domain in domains:
        for found in re.finditer(rf"({_LOCAL_PART})@{re.escape(domain)}", text, re.IGNORECASE):
            local = found[1].lower()
            yield from (f"{local[start:]}@{domain}" for start in range(len(local)))
