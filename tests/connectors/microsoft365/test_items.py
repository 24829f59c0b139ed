import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail import Own
from connectors.mail.headers import ALLOWED
from connectors.microsoft365.items import GraphItem, read_page
from connectors.microsoft365.parse import parse_graph_message
from connectors.transport.http import Answer

TEXT = st.sampled_from(
    [
        "",
        "a@x.com",
        '"Bo, C" <bo@acme.test>, d@x.com',
        "Ana via L <l@us.test>",
        "<1@x> <2@x>",
        "Re: x",
        "bulk",
        "\0é",
    ]
)
RECIPIENT = st.fixed_dictionaries(
    {"emailAddress": st.fixed_dictionaries({"name": TEXT, "address": TEXT}) | st.none()}
)
ODD = st.none() | st.integers() | st.booleans() | st.lists(st.integers(), max_size=1) | TEXT
FIELDS = {
    "@odata.type": st.sampled_from(["#microsoft.graph.message", "#microsoft.graph.eventMessage"]),
    "conversationIndex": TEXT | st.just("AdwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB"),
    "from": RECIPIENT,
    "sender": RECIPIENT,
    "toRecipients": st.lists(RECIPIENT, max_size=3),
    "sentDateTime": st.sampled_from(["2026-03-02T10:00:00Z", "2026-03-02T10:00:00.5Z", ""]),
    "isDraft": st.booleans(),
    "subject": TEXT | st.none(),
    "internetMessageHeaders": st.lists(
        st.fixed_dictionaries(
            {"name": st.sampled_from([*ALLOWED, "x-ms-exchange-calendar-x"]), "value": TEXT}
        ),
        max_size=6,
    ),
}
OWN = Own(lambda address: address.endswith("@us.test"))


def answer(*items: dict[str, Any]) -> Answer:
    """A page as it comes over the wire."""
    return Answer(200, {}, json.dumps({"value": items, "@odata.deltaLink": "https://x/y"}).encode())


def read(item: object) -> object:
    """What is read of an item."""
    assert isinstance(item, GraphItem)
    return parse_graph_message(item, mailbox="ana@us.test", folder="inbox", own=OWN)


@pytest.mark.scenario("graph-at-a-fair-price")
@given(st.fixed_dictionaries({"receivedDateTime": st.just("2026-03-02T10:00:00Z")}, optional=FIELDS))
def test_a_page_by_schema_gives_the_same_messages(raw: dict[str, Any]) -> None:
    """A page that is decoded by schema and one that is read item by item have the same messages, cell for cell."""
    by_schema = read_page(answer({**raw, "id": "1"}))
    one_by_one = read_page(answer({**raw, "id": "1"}, {"id": "2", "@removed": {"reason": "deleted"}}))
    assert by_schema is not None
    assert one_by_one is not None
    assert type(by_schema.entries[0]) is not type(one_by_one.entries[0])
    assert read(by_schema.entries[0]) == read(one_by_one.entries[0])


@given(st.sampled_from([*FIELDS, "receivedDateTime", "id"]), ODD)
def test_one_odd_item_spoils_no_page(field: str, value: object) -> None:
    """A field of another type is missing in its item, and the other items of the page come as ever."""
    good = {
        "id": "1",
        "receivedDateTime": "2026-03-02T10:00:00Z",
        "from": {"emailAddress": {"address": "c@x.com"}},
    }
    page = read_page(answer({**good, "id": "2", field: value}, good))
    alone = read_page(answer(good))
    assert page is not None
    assert alone is not None
    assert page.ended
    found = {entry.id: entry for entry in page.entries if isinstance(entry, GraphItem)}
    assert read(found["1"]) == read(alone.entries[0])
    assert all(read(entry) for entry in found.values())


def test_what_is_no_page_is_none() -> None:
    """JSON that is cut off is no page, and what isn't a list has no items."""
    assert read_page(Answer(200, {}, b'{"value": [{"id"')) is None
    assert read_page(Answer(200, {}, b"<html>")) is None
    page = read_page(Answer(200, {}, b'{"value": {"id": "1"}, "@odata.nextLink": 7}'))
    assert page is not None
    assert (list(page.entries), page.link, page.ended) == ([], None, False)
