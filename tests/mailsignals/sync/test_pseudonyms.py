import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from connectors.base import Message, frame_of
from mailsignals.config.signals import SignalsSection
from mailsignals.store.upkeep.pseudonyms import ErasedPerson, Pseudonyms, digest
from mailsignals.sync.pseudonyms import among, erased, in_threads_with, marks, names_person
from tests.mailsignals.store.pages import AT

WORDS = SignalsSection().urgency_words
KEY = bytes(range(32))
KIM = ErasedPerson("kim@a.test", "forgotten-0123456789abcdef@a.test")
PEOPLE = Pseudonyms(KEY, {digest(KIM.address, KEY): KIM.token})

ADDRESSES = st.sampled_from(["kim@a.test", "akim@a.test", "jo@a.test", "kim@b.test", "us@us.test"])
SOME = st.lists(ADDRESSES, max_size=3, unique=True).map(tuple)
TEXTS = st.sampled_from(
    [
        *("1@mail.test", "kim@a.test", "2026.Kim@A.test", "akim@a.test", "x-kim@a.test.mail", "jo@a.test"),
        *("Re: Offer for kim@a.test", "Offer", "Urgent: kim", "AW: dringend, Kim", "", "kim at a.test"),
    ]
)
MESSAGES = st.lists(
    st.builds(
        Message,
        mailbox=ADDRESSES,
        provider=st.just("memory"),
        provider_id=TEXTS,
        provider_thread_id=st.none() | TEXTS,
        message_id=st.none() | TEXTS,
        references=st.lists(TEXTS, max_size=2).map(tuple),
        sent_at=st.just(AT),
        sender=ADDRESSES,
        to=SOME,
        cc=SOME,
        bcc=SOME,
        subject=st.none() | TEXTS,
        labels=st.lists(TEXTS, max_size=2).map(tuple),
    ),
    max_size=8,
).map(frame_of)


NOTHING = pl.Series(values=[], dtype=pl.Int64)


def changed(messages: pl.DataFrame, *, hushed: pl.Series = NOTHING) -> pl.DataFrame:
    """The messages once Kim is forgotten."""
    return erased(messages, [KIM], hushed=hushed, urgency_words=WORDS)


def a_message(provider_id: str, **fields: object) -> Message:
    """From Jo to us, unless it says otherwise."""
    usual: dict[str, object] = {"mailbox": "us@us.test", "sender": "jo@a.test", "to": ("us@us.test",)}
    return Message(provider="memory", provider_id=provider_id, sent_at=AT, **{**usual, **fields})  # type: ignore[arg-type]  # a test's words


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(MESSAGES)
def test_new_mail_is_stored_as_old_mail_was_changed(messages: pl.DataFrame) -> None:
    """Only a hash knows who was forgotten, and it does the same as the address did; nothing then names the person."""
    hushed = marks(in_threads_with(messages.lazy(), KIM))
    now = changed(messages, hushed=hushed)
    found = among(messages, PEOPLE)
    assert (found == [KIM]) or messages.filter(names_person(KIM)).is_empty()
    assert_frame_equal(erased(messages, found, hushed=hushed, urgency_words=WORDS), now)
    assert now.filter(names_person(KIM)).is_empty()
    assert_frame_equal(changed(now, hushed=hushed), now)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(MESSAGES)
def test_nobody_else_is_touched(messages: pl.DataFrame) -> None:
    """Mail that does not name the person is as it was, and in all other mail everybody else is."""
    now = changed(messages)
    others = ~messages.select(named=names_person(KIM))["named"]
    assert_frame_equal(now.filter(others), messages.filter(others))
    for name in ("sender", "mailbox"):
        moved = messages[name] != now[name]
        assert set(messages[name].filter(moved)) <= {KIM.address}
    for name in ("to", "cc", "bcc"):
        back = pl.col(name).list.eval(pl.element().replace(KIM.token, KIM.address))
        assert now.select(back)[name].equals(messages[name])


def test_a_name_stands_for_the_address_and_words_go() -> None:
    """In every field; of the subject it is known that it was a reply, and urgent."""
    row = a_message(
        "kim@a.test-1",
        provider_thread_id="<KIM@a.test>",
        message_id="2026.kim@a.test",
        references=("1.kim@a.test", "2@mail.test"),
        sender="kim@a.test",
        to=("us@us.test", "kim@a.test"),
        subject="Re: Urgent: Kim's invoice",
        labels=("kim@a.test",),
    )
    (now,) = changed(frame_of([row])).to_dicts()
    token = KIM.token
    assert now["provider_id"] == f"{token}-1"
    assert now["provider_thread_id"] == f"<{token}>"
    assert now["message_id"] == f"2026.{token}"
    assert now["references"] == [f"1.{token}", "2@mail.test"]
    assert (now["sender"], now["to"], now["labels"]) == (token, ["us@us.test", token], [token])
    assert (now["subject"], now["importance"]) == ("Re:", "high")


def test_who_was_not_there_keeps_subject_and_importance() -> None:
    """And a mail that only mentions the address in its subject loses the words."""
    rows = [a_message("1", subject="Urgent: lunch"), a_message("2", subject="ask kim@a.test")]
    now = changed(frame_of(rows))
    assert now["subject"].to_list() == ["Urgent: lunch", None]
    assert now["importance"].to_list() == ["normal", "normal"]


def test_subjects_of_a_thread_go_with_the_person_in_it() -> None:
    """Mail among others that answers, or is answered by, the person's mail shares its subject, and so its words."""
    rows = frame_of(
        [
            a_message("1", message_id="1", sender="kim@a.test", subject="Kim's raise"),
            a_message("2", message_id="2", references=("1",), subject="Fwd: Kim's raise"),
            a_message("3", references=("2",), subject="Re: Fwd: Kim's raise"),
            a_message("4", provider_thread_id="t", cc=("kim@a.test",), subject="Plan"),
            a_message("5", provider_thread_id="t", subject="Plan"),
            a_message("6", message_id="6", subject="Something else"),
        ]
    )
    shared = in_threads_with(rows.lazy(), KIM)
    assert sorted(shared["provider_id"]) == ["1", "2", "3", "4", "5"]
    hushed = marks(shared)
    now = changed(rows, hushed=hushed)
    assert now["subject"].to_list() == [None, "Re:", "Re:", None, None, "Something else"]
    later = [
        a_message("7", message_id="7", references=("3rd", "1"), subject="Re: Kim's raise"),
        a_message("8", provider_thread_id="t", subject="Plan"),
        a_message("9", provider_thread_id="t", subject="Plan in another mailbox", mailbox="bo@us.test"),
        a_message("10", message_id="", subject="Without an id"),
    ]
    assert changed(frame_of(later), hushed=hushed)["subject"].to_list() == [
        *("Re:", None, "Plan in another mailbox", "Without an id")
    ]


@pytest.mark.parametrize(
    "spelling", ["kim.lee@gmail.com", "k.im.lee@googlemail.com", "kimlee@googlemail.com", "kimlee@gmail.com"]
)
def test_who_was_forgotten_under_a_spelling_of_before_stays_so(spelling: str) -> None:
    """Gmail's dots were kept once; a hash of those days is found by the address without them."""
    people = Pseudonyms(KEY, {digest(spelling, KEY): "forgotten-1@gmail.com"})
    assert people.among(["kimlee@gmail.com"]) == [ErasedPerson("kimlee@gmail.com", "forgotten-1@gmail.com")]
    assert people.among(["kimmlee@gmail.com", "kimlee@customer.example"]) == []
