import pytest

from connectors.base import Cursor, ResyncError
from connectors.memory import MemoryMailbox
from tests.connectors.writers import ANA, a_mail, messages_of


def test_what_is_delivered_later_comes_after_the_cursor() -> None:
    """A mail delivered after the last page is the next page."""
    first, second = messages_of([a_mail(1), a_mail(2)])
    box = MemoryMailbox(mailbox=ANA)
    box.deliver(first)
    *_, last = box.pages()
    box.deliver(second)
    (page,) = box.pages(last.cursor)
    assert page.messages["message_id"].to_list() == [second.message_id]


def test_a_mailbox_calls_messages_its_own() -> None:
    """Messages carry the provider and the mailbox they were delivered to."""
    box = MemoryMailbox(mailbox="cy@us.test")
    box.deliver(*messages_of([a_mail(1)]))
    (page,) = box.pages()
    assert page.messages.select("provider", "mailbox").row(0) == ("memory", "cy@us.test")


def test_a_cursor_past_the_end_asks_for_a_resync() -> None:
    """A cursor that this mailbox never gave is refused, with what happens next."""
    with pytest.raises(ResyncError, match="read again from its beginning"):
        list(MemoryMailbox(mailbox=ANA).pages(Cursor("7")))
