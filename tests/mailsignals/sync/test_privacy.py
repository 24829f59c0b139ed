from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from connectors.base import frame_of
from mailsignals.config.signals import SignalsSection
from mailsignals.secret_files import SecretFile
from mailsignals.store import Store
from mailsignals.sync.privacy import Subjects, cues, privacy_filter
from mailsignals.touches.subjects import is_urgent, read_subjects
from tests.mailsignals.store.pages import AT, INBOX, a_message, a_page, rows

WORDS = SignalsSection().urgency_words
KEY = bytes(range(32))
SUBJECTS = [
    "Re: Outage at Acme",
    "outage at acme",
    "AW: [2]: Invoice 4711",
    "Invoice  4711",
    "Re:",
    "",
    "緊急 対応",
    None,
]


def subjects_of(store: Store) -> list[str | None]:
    """All stored subjects in the order of their ids."""
    return rows(store).sort("provider_id")["subject"].to_list()


def through(store: Store, rule: Subjects, subjects: list[str | None]) -> None:
    """Store messages with these subjects by a rule."""
    rule_border = privacy_filter(store, rule, urgency_words=WORDS, at=AT)
    page = a_page(*(a_message(str(number), subject=text) for number, text in enumerate(subjects)))
    clean = rule_border(page.messages)
    store.commit(INBOX, type(page)(messages=clean, cursor=page.cursor, progress=page.progress), at=AT)


def what_it_tells(subjects: pl.DataFrame) -> pl.DataFrame:
    """All that our definitions make of subjects: topics by number, replies, urgency."""
    read = read_subjects(subjects.lazy()).with_columns(urgent=is_urgent(pl.col("subject"), WORDS)).collect()
    topic = pl.col("base_subject")
    return read.select("is_reply", "urgent", blank=topic == "", topic=topic.rank("dense").over(pl.lit(1)))


def same_topics(one: pl.Series, other: pl.Series) -> bool:
    """Whether two numberings put the same rows together."""
    pairs = pl.DataFrame({"a": one, "b": other}).unique()
    return pairs.height == one.n_unique() == other.n_unique()


@pytest.mark.slow
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.sampled_from([text for text in SUBJECTS if text is not None]),
            st.text(max_size=30),
            st.builds(lambda a, b: f"{a}: {b}", st.sampled_from(["Re", "FW", "Aw"]), st.text(max_size=12)),
        ),
        max_size=20,
    )
)
def test_cues_tell_what_subjects_tell(subjects: list[str | None]) -> None:
    """Replies, urgency and which mails share a topic come out of cues as out of subjects; a missing one stays so."""
    messages = frame_of(a_message(str(number), subject=text) for number, text in enumerate(subjects))
    kept = cues(messages, key=KEY, urgency_words=WORDS)
    before, after = what_it_tells(messages.select("subject")), what_it_tells(kept.select("subject"))
    assert_frame_equal(before.drop("topic"), after.drop("topic"))
    assert same_topics(before["topic"], after["topic"])
    assert kept["subject"].is_null().to_list() == [text is None for text in subjects]
    assert_frame_equal(kept.drop("subject"), messages.drop("subject"))


def test_cues_hide_the_words() -> None:
    """Nothing of a subject but its urgency is left, and another store's key gives other hashes."""
    messages = frame_of([a_message("1", subject="Re: Urgent: merger of Acme and Bolt")])
    (kept,) = cues(messages, key=KEY, urgency_words=WORDS)["subject"]
    assert kept.startswith("Re: urgent #")
    assert not {"merger", "acme", "bolt"} & set(kept.lower().split())
    assert cues(messages, key=bytes(32), urgency_words=WORDS)["subject"].to_list() != [kept]


@pytest.mark.parametrize("rule", ["keep", "cues", "none"])
def test_a_rule_holds_for_what_comes_in(tmp_path: Path, rule: Subjects) -> None:
    """With keep subjects are stored, with cues hashes, with none nothing; the same mail again is no change."""
    with Store.open(tmp_path, mode="write") as store:
        through(store, rule, SUBJECTS)
        before = rows(store)
        through(store, rule, SUBJECTS)
        assert_frame_equal(rows(store), before)
        assert (subjects_of(store) == SUBJECTS) == (rule == "keep")
        assert (set(subjects_of(store)) == {None}) == (rule == "none")


def test_a_stricter_rule_strips_what_is_stored(tmp_path: Path) -> None:
    """Subjects that are stored go as if they had come in under the new rule; a looser rule brings none back."""
    with Store.open(tmp_path / "a", mode="write") as store, Store.open(tmp_path / "b", mode="write") as other:
        (tmp_path / "b" / "subjects.key").write_bytes(store.secret(SecretFile.SUBJECTS))
        through(store, "keep", SUBJECTS)
        revision = store.revision
        privacy_filter(store, "cues", urgency_words=WORDS, at=AT)
        through(other, "cues", SUBJECTS)
        assert subjects_of(store) == subjects_of(other)
        assert store.revision > revision
        privacy_filter(store, "keep", urgency_words=WORDS, at=AT)
        assert subjects_of(store) == subjects_of(other)
        privacy_filter(store, "none", urgency_words=WORDS, at=AT)
        assert set(subjects_of(store)) == {None}
        through(store, "none", SUBJECTS)
        assert rows(store).height == len(SUBJECTS)


def test_stripped_subjects_leave_the_disk(tmp_path: Path) -> None:
    """Once the store is opened for writing again, no file of it holds a subject that was stripped."""
    with Store.open(tmp_path, mode="write") as store:
        through(store, "keep", ["a merger nobody may know of"])
        privacy_filter(store, "none", urgency_words=WORDS, at=AT)
    with Store.open(tmp_path, mode="write") as store:
        store.compact()
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"merger" in path.read_bytes()]
