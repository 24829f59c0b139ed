"""The store against a dictionary: whatever is done in whatever order, both hold the same."""

import datetime as dt
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from polars.testing import assert_frame_equal

from connectors.base import Message, frame_of
from mailsignals.store import Committed, Store
from mailsignals.store.messages import compaction
from tests.mailsignals.store.pages import AT, INBOX, a_message, a_page, in_order, rows

pytestmark = pytest.mark.slow

MESSAGES = st.builds(
    a_message,
    st.integers(0, 30).map(str),
    subject=st.sampled_from(["one", "two", None]),
    mailbox=st.sampled_from(["ana@example.com", "bob@example.com"]),
)


class StoreMachine(RuleBasedStateMachine):
    """Pages with overlapping ids, folded every few rows; compactions, reopenings and other hashes in between."""

    @initialize()
    def create(self) -> None:
        """Start empty, and with limits so small that every rule meets folded and merged segments."""
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(compaction, "FOLD_ROWS", 8)
        self.patch.setattr(compaction, "FULL_ROWS", 20)
        self.folder = Path(tempfile.mkdtemp())
        self.store = Store.open(self.folder, mode="write")
        self.model: dict[tuple[str, str], Message] = {}
        self.revision = 0

    @rule(messages=st.lists(MESSAGES, max_size=12))
    def commit(self, messages: list[Message]) -> None:
        """The counts are those of writing one message after the other into a dictionary."""
        before = dict(self.model)
        added = changed = 0
        for message in messages:
            key = (message.mailbox, message.provider_id)
            added += key not in self.model
            changed += key in self.model and self.model[key] != message
            self.model[key] = message
        committed = self.store.commit(INBOX, a_page(*messages), at=AT)
        assert committed == Committed(added, changed, unchanged=len(messages) - added - changed)
        assert (self.store.revision > self.revision) == (before != self.model)
        self.revision = self.store.revision

    @rule(minutes=st.integers(0, 110))
    def prune(self, minutes: int) -> None:
        """Messages of before an instant go, wherever their versions lie; whoever asks next counts them as new."""
        since = AT + dt.timedelta(minutes=minutes)
        kept = {key: message for key, message in self.model.items() if message.sent_at >= since}
        removed = self.store.retention.prune(
            mail=since, records=None, feedback=self.store.feedback.frame(), at=AT
        )
        assert removed["messages"] == len(self.model) - len(kept)
        assert (self.store.revision > self.revision) == (kept != self.model)
        self.model, self.revision = kept, self.store.revision

    @rule()
    def compact(self) -> None:
        """Compaction changes nothing that can be asked."""
        self.store.compact()

    @rule()
    def reopen(self) -> None:
        """Closing and opening changes nothing that can be asked."""
        self.store.close()
        self.store = Store.open(self.folder, mode="write")

    @rule()
    def come_from_another_polars(self) -> None:
        """A store whose content hashes are of another make is hashed anew, and counts as before."""
        self.store.close()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(compaction, "hashing", lambda: "another make")
            patch.setattr(
                compaction,
                "with_content_hash",
                lambda frame: frame.with_columns(content_hash=frame["key_hash"]),
            )
            with Store.open(self.folder, mode="write") as store:
                store.commit(INBOX, a_page(*self.model.values()), at=AT)
                self.revision = store.revision
        self.store = Store.open(self.folder, mode="write")

    @invariant()
    def the_store_is_the_dictionary(self) -> None:
        """Every message is there once, in its newest version, and the revision stands still."""
        assert_frame_equal(rows(self.store), in_order(frame_of(self.model.values())))
        assert self.store.revision == self.revision

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.store.close()
        shutil.rmtree(self.folder)
        self.patch.undo()


TestStore = StoreMachine.TestCase
TestStore.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
